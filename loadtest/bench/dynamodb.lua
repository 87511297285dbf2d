-- wrk -s dynamodb.lua URL -- OPERATION ITEMS: one operation of DynamoDB on items drawn by lot.
local operation, items

local KEYS_READ = 10

local function idOf(number) return "item-" .. (number - 1) % items + 1 end
local function keyOf(number) return '{"id":{"S":"' .. idOf(number) .. '"}}' end
local function putOf(number)
  return '{"TableName":"bench","Item":{"id":{"S":"' .. idOf(number) .. '"},"n":{"N":"1"},"text":{"S":"'
    .. string.rep("x", 300) .. '"}}}'
end
local function updateOf(number, condition)
  return '{"TableName":"bench","Key":' .. keyOf(number) .. ',"UpdateExpression":"ADD n :one",'
    .. (condition or "") .. '"ExpressionAttributeValues":{":one":{"N":"1"}}}'
end

local bodies = {
  CreateTable = function()
    return '{"TableName":"bench","BillingMode":"PAY_PER_REQUEST",'
      .. '"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],'
      .. '"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}'
  end,
  GetItem = function(number) return '{"TableName":"bench","Key":' .. keyOf(number) .. "}" end,
  PutItem = putOf,
  UpdateItem = updateOf,
  Query = function(number)
    return '{"TableName":"bench","KeyConditionExpression":"id = :id","ExpressionAttributeValues":{":id":{"S":"'
      .. idOf(number) .. '"}}}'
  end,
  BatchGetItem = function(number)
    local keys = {}
    for i = 1, KEYS_READ do keys[i] = keyOf(number + i) end
    return '{"RequestItems":{"bench":{"Keys":[' .. table.concat(keys, ",") .. "]}}}"
  end,
  -- As a checkout of one line: an order, its cart, its stock.
  TransactWriteItems = function(number)
    local condition = '"ConditionExpression":"attribute_not_exists(n) OR n >= :one",'
    return '{"TransactItems":[{"Put":' .. putOf(number) .. '},{"Update":' .. updateOf(number + 1, condition)
      .. '},{"Update":' .. updateOf(number + 2, condition) .. "}]}"
  end,
}

function init(args)
  operation, items = args[1], tonumber(args[2])
  wrk.method = "POST"
  wrk.headers["x-amz-target"] = "DynamoDB_20120810." .. operation
  wrk.headers["content-type"] = "application/x-amz-json-1.0"
  wrk.headers["x-amz-date"] = "20200101T000000Z"
  wrk.headers["authorization"] = "AWS4-HMAC-SHA256 Credential=local/20200101/us-east-1/dynamodb/aws4_request, "
    .. "SignedHeaders=host, Signature=local"
end

function request()
  return wrk.format(nil, "/", nil, bodies[operation](math.random(items)))
end

function done(summary, latency)
  io.write(string.format('RESULT {"requests":%d,"failed":%d,"seconds":%.3f,"p50":%.4f}\n', summary.requests,
    summary.errors.status, summary.duration / 1e6, latency:percentile(50) / 1000))
end

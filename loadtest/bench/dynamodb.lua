-- wrk -s dynamodb.lua URL -- OPERATION ITEMS: one operation of DynamoDB on items drawn by lot.
local operation, items

local bodies = {
  CreateTable = function()
    return '{"TableName":"bench","BillingMode":"PAY_PER_REQUEST",'
      .. '"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],'
      .. '"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}'
  end,
  GetItem = function(key) return '{"TableName":"bench","Key":' .. key .. "}" end,
  PutItem = function(_, id)
    return '{"TableName":"bench","Item":{"id":{"S":"' .. id .. '"},"n":{"N":"1"},"text":{"S":"'
      .. string.rep("x", 300) .. '"}}}'
  end,
  UpdateItem = function(key)
    return '{"TableName":"bench","Key":' .. key .. ',"UpdateExpression":"ADD n :one",'
      .. '"ExpressionAttributeValues":{":one":{"N":"1"}}}'
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
  local id = "item-" .. math.random(items)
  return wrk.format(nil, "/", nil, bodies[operation]('{"id":{"S":"' .. id .. '"}}', id))
end

function done(summary, latency)
  io.write(string.format('RESULT {"requests":%d,"seconds":%.3f,"p50":%.4f}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000))
end

-- wrk's requests: products by Zipf's law, the r-th most popular drawn with a weight of 1 / r^s.
-- Arguments after `--`: the number of products, s (0: one product after another), and a seed for the draws.
local cdf, ids = {}, {}
local turn = 0
local inTurn = false

function init(args)
  local products, s, seed = tonumber(args[1]), tonumber(args[2]), tonumber(args[3])
  inTurn = s == 0
  -- Which products are popular must not depend on the seed: every run is to find the same ones hot.
  math.randomseed(20)
  local sum = 0
  for rank = 1, products do
    sum = sum + 1 / rank ^ s
    cdf[rank], ids[rank] = sum, rank
  end
  for rank = products, 2, -1 do
    local other = math.random(rank)
    ids[rank], ids[other] = ids[other], ids[rank]
  end
  math.randomseed(seed)
end

local function draw()
  local drawn = math.random() * cdf[#cdf]
  local low, high = 1, #cdf
  while low < high do
    local middle = math.floor((low + high) / 2)
    if cdf[middle] < drawn then low = middle + 1 else high = middle end
  end
  return low
end

function request()
  turn = turn % #ids + 1
  return "GET /products/" .. ids[inTurn and turn or draw()] .. " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p95":%f,"p99":%f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end

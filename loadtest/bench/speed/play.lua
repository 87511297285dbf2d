-- wrk plays prepared requests in turn.
-- Arguments after `--`: a file of whole requests with NUL between them, how many of them to skip at first, and
-- `count` to count answers by status. Counting makes wrk hand every answer to Lua, so cheap reads go without it.
local requests, turn, threads = {}, 0, {}
statuses = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for text in file:read("*a"):gmatch("%Z+") do table.insert(requests, text) end
  file:close()
  turn = tonumber(args[2])
  if args[3] == "count" then
    function response(status)
      statuses[status] = (statuses[status] or 0) + 1
    end
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local counted = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do
      table.insert(counted, string.format('"%d":%d', status, count))
    end
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%f,"errors":%d,"broken":%d,"p50":%f,"p99":%f,"statuses":{%s}}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, table.concat(counted, ",")))
end

-- wrk's script: sends the requests of a file one after the other, and prints the results as one line of JSON.
local requests = {}
local at = 0

function init(args)
  for line in io.lines(args[1]) do
    local method, target, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
    if body == "" then
      requests[#requests + 1] = wrk.format(method, target)
    else
      requests[#requests + 1] = wrk.format(method, target, { ["content-type"] = "application/json" }, body)
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"answers":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"refusals":%d,"failures":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end

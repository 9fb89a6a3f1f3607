-- Published chunks that nobody works on. ARGV: prefix, seconds that a message may wait for a worker.
-- Returns job, chunk, generation, 'died' (its worker's lease ran out) or 'lost' (never taken), …
local patience_us = tonumber(ARGV[2]) * 1000000
local out = {}
-- Celery's own lists: while they hold as many messages as are in flight, none is lost, only waiting.
local messages = redis.call('HLEN', prefix .. 'unacked')
local in_flight = 0
for _, queue in ipairs({'gpu', 'cpu'}) do
  messages = messages + redis.call('LLEN', prefix .. queue)
  in_flight = in_flight + redis.call('ZCARD', inflight_key(queue))
end
local some_lost = messages < in_flight
for _, queue in ipairs({'gpu', 'cpu'}) do
  for _, member in ipairs(redis.call('ZRANGE', inflight_key(queue), 0, -1)) do
    local job, chunk = string.match(member, '^(.*)/([^/]*)$')
    local generation = redis.call('HGET', job_key(job), 'generation')
    if not generation then
      redis.call('ZREM', inflight_key(queue), member)
    elseif redis.call('EXISTS', lease_key(job, chunk)) == 0 then
      local died = redis.call('HEXISTS', progress_key(job), chunk) == 1
      local since = tonumber(redis.call('ZSCORE', inflight_key(queue), member))
      if died or (some_lost and now_us() - since > patience_us) then
        for _, value in ipairs({job, chunk, generation, died and 'died' or 'lost'}) do table.insert(out, value) end
      end
    end
  end
end
return out

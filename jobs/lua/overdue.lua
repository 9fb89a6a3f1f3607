-- Published chunks that nobody works on. ARGV: prefix, seconds that a message may wait for a worker, longest lease in ms.
-- Returns job, chunk, generation, 'died' (its worker's lease ran out) or 'lost' (never taken), …
local patience_us, longest_ms = tonumber(ARGV[2]) * 1000000, tonumber(ARGV[3])
local died, untaken, waiting = {}, {}, 0
for _, queue in ipairs({'gpu', 'cpu'}) do
  -- Celery's own list of messages that no worker has taken.
  waiting = waiting + redis.call('LLEN', prefix .. queue)
  for _, member in ipairs(redis.call('ZRANGE', inflight_key(queue), 0, -1)) do
    local job, chunk = string.match(member, '^(.*)/([^/]*)$')
    local generation = redis.call('HGET', job_key(job), 'generation')
    if not generation then
      redis.call('ZREM', inflight_key(queue), member)
    elseif redis.call('EXISTS', lease_key(job, chunk)) == 0 then
      local since = tonumber(redis.call('ZSCORE', inflight_key(queue), member))
      -- From the future: Redis' clock was put back. Patience begins anew, else it would last until that time comes.
      if since > now_us() + patience_us then redis.call('ZADD', inflight_key(queue), now_us(), member) end
      local had_a_worker = redis.call('HEXISTS', progress_key(job), chunk) == 1
      table.insert(had_a_worker and died or untaken, {job, chunk, generation, now_us() - since})
    elseif redis.call('PTTL', lease_key(job, chunk)) > longest_ms then
      -- For the same reason: its holder renews it if it lives, and if it died, nobody has to wait for that time.
      redis.call('PEXPIRE', lease_key(job, chunk), longest_ms)
    end
  end
end
local out = {}
local function report(item, cause)
  for _, value in ipairs({item[1], item[2], item[3], cause}) do table.insert(out, value) end
end
for _, item in ipairs(died) do report(item, 'died') end
-- While there are as many messages as untaken chunks, none is lost, only waiting.
if #untaken > waiting then
  for _, item in ipairs(untaken) do
    if item[4] > patience_us then report(item, 'lost') end
  end
end
return out

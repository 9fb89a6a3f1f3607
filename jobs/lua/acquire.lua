-- Lease a chunk to a worker. ARGV: prefix, job, chunk, generation, slot, lease in ms, for how many ms another worker is
-- preferred to the one that failed, from how many failures on that matters no more.
-- Returns {'ok', fencing token} or {reason}: unknown, stale, done, held, elsewhere, or the job's state if it does not run.
-- A slot has one process, so a lease held by my own slot is my dead predecessor's.
local job, chunk, generation, slot, ttl = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local state, current, queue = unpack(redis.call('HMGET', job_key(job), 'state', 'generation', 'queue'))
if not state then return {'unknown'} end
if current ~= generation then return {'stale'} end
local avoid_us, hopeless = tonumber(ARGV[7]) * 1000, tonumber(ARGV[8])
-- Whether somebody else is alive who could take it.
local function another_worker()
  for _, other in ipairs(redis.call('SMEMBERS', key('workers'))) do
    local body = other ~= slot and redis.call('GET', key('worker', other))
    if body then
      for _, served in ipairs(cjson.decode(body).queues) do
        if served == queue then return true end
      end
    end
  end
  return false
end
local wanted = chunk == 'stitch' and 'stitching' or 'running'
if state ~= wanted then
  -- Its message came after the job was paused or ended; a paused job gives the chunk out again.
  release(job, chunk)
  if state == 'paused' and chunk ~= 'stitch' then redis.call('ZADD', todo_key(job), chunk, chunk) end
  return {state}
end
if chunk ~= 'stitch' and redis.call('GETBIT', done_key(job), chunk) == 1 then return {'done'} end
local holder = redis.call('GET', lease_key(job, chunk))
if holder and slot_of(holder) ~= slot then return {'held'} end
-- A message comes back at once when its process dies, before the reconciler could see that.
if holder then
  redis.call('HINCRBY', attempts_key(job), chunk, 1)
  blame(job, chunk, slot)
end
local blamed = chunk ~= 'stitch' and redis.call('HGET', blamed_key(job), chunk)
if blamed and slot_of(blamed) == slot and math.abs(now_us() - tonumber(string.match(blamed, '^%d+'))) < avoid_us
    and tonumber(redis.call('HGET', attempts_key(job), chunk) or '0') < hopeless and another_worker() then
  -- Once: whoever takes its message next may be the only one with time for it.
  redis.call('HDEL', blamed_key(job), chunk)
  release(job, chunk)
  redis.call('ZADD', todo_key(job), chunk, chunk)
  make_ready(job)
  return {'elsewhere'}
end
-- Tokens grow even when Redis lost its memory: they follow the clock.
local token = math.max(now_us(), tonumber(redis.call('GET', key('fence')) or '0') + 1)
token = whole(token)
redis.call('SET', key('fence'), token)
redis.call('SET', lease_key(job, chunk), token .. ' ' .. slot, 'PX', ttl)
redis.call('HSET', progress_key(job), chunk, '0 ' .. slot)
redis.call('ZADD', inflight_key(chunk == 'stitch' and 'cpu' or queue), now_us(), job .. '/' .. chunk)
if redis.call('HGET', job_key(job), 'started') == false then
  redis.call('HSET', job_key(job), 'started', now_us() / 1000000)
end
return {'ok', token}

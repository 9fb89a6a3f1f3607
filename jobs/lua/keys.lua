-- Prepended to every script: the names of our keys, and Redis' clock. ARGV[1] is always the prefix.
-- Needed before Redis 7 where a script reads the clock and then writes.
if redis.replicate_commands then redis.replicate_commands() end
local prefix = ARGV[1]
local function key(...) return prefix .. table.concat({...}, ':') end
local function job_key(job) return key('job', job) end
local function done_key(job) return key('job', job, 'done') end
local function todo_key(job) return key('job', job, 'todo') end
local function progress_key(job) return key('job', job, 'progress') end
local function attempts_key(job) return key('job', job, 'attempts') end
local function blamed_key(job) return key('job', job, 'blamed') end
local function peak_key(job) return key('job', job, 'peak') end
local function ready_key(queue) return key('ready', queue) end
local function inflight_key(queue) return key('inflight', queue) end
local function lease_key(job, chunk) return key('lease', job, chunk) end
local function now_us()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end
local final = {done = true, failed = true, cancelled = true}
-- Lua prints large numbers rounded.
local function whole(number) return string.format('%.0f', number) end
-- Add one to a counter of jobs/metrics/table.py: its name, then its labels' values.
local function count(...) redis.call('HINCRBY', key('metrics'), cjson.encode({...}), 1) end
-- The job has got on: something of it was done for the first time, or it was given leave to go on.
local function move(job) redis.call('HSET', job_key(job), 'moved', string.format('%.6f', now_us() / 1000000)) end
-- Whose a lease or a progress line is: 'token slot' or 'frames slot<tab>note'.
local function slot_of(line) return line and string.match(line, '^%d+ ([^\t]*)') end
-- The chunk failed in this worker's hands; the next attempt is another's, if there is one.
local function blame(job, chunk, slot)
  redis.call('HSET', blamed_key(job), chunk, whole(now_us()) .. ' ' .. slot)
end
-- A job competes for workers only while it runs and has chunks to give out.
local function make_ready(job)
  local state, queue = unpack(redis.call('HMGET', job_key(job), 'state', 'queue'))
  if state ~= 'running' then return end
  local clock = tonumber(redis.call('GET', key('clock', queue)) or '0')
  local vtime = math.max(tonumber(redis.call('HGET', job_key(job), 'vtime') or '0'), clock)
  redis.call('ZADD', ready_key(queue), 'NX', vtime, job)
end
-- Take the chunk back from whoever had it.
local function release(job, chunk)
  redis.call('DEL', lease_key(job, chunk))
  redis.call('HDEL', progress_key(job), chunk)
  redis.call('ZREM', inflight_key('gpu'), job .. '/' .. chunk)
  redis.call('ZREM', inflight_key('cpu'), job .. '/' .. chunk)
end
-- The chunks of a job that were published and are not done. The window keeps this short.
local function inflight_of(job)
  local out = {}
  for _, queue in ipairs({'gpu', 'cpu'}) do
    for _, member in ipairs(redis.call('ZRANGE', inflight_key(queue), 0, -1)) do
      local owner, chunk = string.match(member, '^(.*)/([^/]*)$')
      if owner == job then table.insert(out, chunk) end
    end
  end
  return out
end

-- Renew a lease and report progress. ARGV: prefix, job, chunk, generation, token, slot, lease in ms, frames, note, 1 if
-- the work has got on otherwise than by frames.
-- Returns ok, lost (somebody else holds it), stale (redone), gone (Redis forgot the job), or the job's state.
local job, chunk, generation, token, slot, ttl, frames = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local state, current = unpack(redis.call('HMGET', job_key(job), 'state', 'generation'))
local mine = token .. ' ' .. slot
if not state then
  -- Redis lost its memory: keep the chunk ours until the job is entered again.
  redis.call('SET', lease_key(job, chunk), mine, 'PX', ttl, 'NX')
  return 'gone'
end
if current ~= generation then return 'stale' end
if chunk ~= 'stitch' and state ~= 'running' then return state end
if chunk == 'stitch' and state ~= 'stitching' then return state end
-- Somebody else was faster: holding a finished chunk would only make it look overdue.
if chunk ~= 'stitch' and redis.call('GETBIT', done_key(job), chunk) == 1 then return 'lost' end
local holder = redis.call('GET', lease_key(job, chunk))
-- After Redis lost its memory, the first who asks again holds the chunk.
if holder and holder ~= mine then return 'lost' end
redis.call('SET', lease_key(job, chunk), mine, 'PX', ttl)
redis.call('HSET', progress_key(job), chunk, frames .. ' ' .. slot .. '\t' .. ARGV[9])
-- Frames that an earlier attempt came to are no progress: work that fails at the same place again and again stands still.
if tonumber(frames) > tonumber(redis.call('HGET', peak_key(job), chunk) or '-1') then
  redis.call('HSET', peak_key(job), chunk, frames)
  move(job)
elseif ARGV[10] == '1' then
  move(job)
end
local queue = chunk == 'stitch' and 'cpu' or redis.call('HGET', job_key(job), 'queue')
redis.call('ZADD', inflight_key(queue), 'NX', now_us(), job .. '/' .. chunk)
return 'ok'

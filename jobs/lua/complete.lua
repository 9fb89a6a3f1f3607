-- A chunk's receipt is in storage. ARGV: prefix, job, chunk, generation, frames, seconds, slot ('' where nobody
-- here rendered it).
-- Returns 'last' for the chunk that completes the job, else 'ok', 'again', 'stale', 'gone', or the state of a job that ended.
local job, chunk, generation, frames, seconds = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local state, current, chunks = unpack(redis.call('HMGET', job_key(job), 'state', 'generation', 'chunks'))
if not state then return 'gone' end
if current ~= generation then return 'stale' end
if final[state] then return state end
release(job, chunk)
redis.call('ZREM', todo_key(job), chunk)
redis.call('HDEL', attempts_key(job), chunk)
redis.call('HDEL', blamed_key(job), chunk)
if ARGV[7] ~= '' then
  redis.call('ZADD', key('completed'), now_us(), ARGV[7])
  redis.call('DEL', key('strikes', ARGV[7]))
end
if redis.call('SETBIT', done_key(job), chunk, 1) == 1 then return 'again' end
redis.call('HDEL', peak_key(job), chunk)
move(job)
local done = redis.call('HINCRBY', job_key(job), 'done', 1)
redis.call('HINCRBY', job_key(job), 'frames_done', frames)
if seconds > 0 then
  local total = tonumber(redis.call('HINCRBYFLOAT', job_key(job), 'compute_s', seconds))
  local measured = redis.call('HINCRBY', job_key(job), 'measured', 1)
  redis.call('HSET', job_key(job), 'chunk_s', total / measured)
  -- What the next chunk is charged with. Half of each difference: so whatever a chunk took is charged once in all, and
  -- one slow chunk is not held against its job for long, as it would be by the mean.
  local cost_key = key('cost', redis.call('HGET', job_key(job), 'queue'))
  local usual = tonumber(redis.call('GET', cost_key) or seconds)
  local before = tonumber(redis.call('HGET', job_key(job), 'charge_s') or usual)
  redis.call('HSET', job_key(job), 'charge_s', (before + seconds) / 2)
  redis.call('SET', cost_key, usual + (seconds - usual) / 8)
  redis.call('LPUSH', key('job', job, 'recent'), whole(now_us()) .. ' ' .. frames)
  redis.call('LTRIM', key('job', job, 'recent'), 0, 31)
end
if done < tonumber(chunks) then return 'ok' end
local queue = redis.call('HGET', job_key(job), 'queue')
redis.call('ZREM', ready_key(queue), job)
if state == 'paused' then redis.call('HSET', job_key(job), 'resumes_as', 'stitching') end
if state == 'running' then
  redis.call('HSET', job_key(job), 'state', 'stitching')
  return 'last'
end
return 'ok'

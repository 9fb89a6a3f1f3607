-- Change a job's state. ARGV: prefix, job, wanted state, time, error, generation ('' where there is none).
-- Returns the state that the job has now, or '' if it is unknown.
-- Allowed: running|stitching -> paused; paused -> running, which goes back to what it was; anything unfinished ->
-- done|failed|cancelled, unless a newer generation was ordered meanwhile.
local job, wanted, generation = ARGV[2], ARGV[3], ARGV[6]
local state, queue, current = unpack(redis.call('HMGET', job_key(job), 'state', 'queue', 'generation'))
if not state then return '' end
if generation ~= '' and tonumber(current) > tonumber(generation) then return state end
if final[state] then return state end
if wanted == 'paused' and (state == 'running' or state == 'stitching') then
  redis.call('HSET', job_key(job), 'state', 'paused', 'resumes_as', state)
  redis.call('ZREM', ready_key(queue), job)
  -- What no worker holds goes back at once; a worker that holds a chunk gives it back itself.
  for _, chunk in ipairs(inflight_of(job)) do
    if redis.call('EXISTS', lease_key(job, chunk)) == 0 then
      release(job, chunk)
      if chunk ~= 'stitch' then redis.call('ZADD', todo_key(job), chunk, chunk) end
    end
  end
elseif wanted == 'running' and state == 'paused' then
  redis.call('HSET', job_key(job), 'state', redis.call('HGET', job_key(job), 'resumes_as') or 'running')
  move(job)
  make_ready(job)
elseif final[wanted] then
  redis.call('HSET', job_key(job), 'state', wanted, 'finished', ARGV[4])
  if ARGV[5] ~= '' then redis.call('HSET', job_key(job), 'error', ARGV[5]) end
  redis.call('ZREM', ready_key(queue), job)
  count('atelier_jobs_ended_total', redis.call('HGET', job_key(job), 'kind'), wanted)
  for _, chunk in ipairs(inflight_of(job)) do release(job, chunk) end
  for _, name in ipairs({'todo', 'done', 'attempts', 'blamed', 'recent', 'progress', 'peak'}) do
    redis.call('DEL', key('job', job, name))
  end
  redis.call('SREM', key('jobs'), job)
  -- Finished jobs stay to be looked at for a day; storage keeps them for good.
  redis.call('EXPIRE', job_key(job), 86400)
  redis.call('EXPIRE', key('job', job, 'events'), 86400)
end
return redis.call('HGET', job_key(job), 'state')

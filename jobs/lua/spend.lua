-- Charge a job with what an attempt took. ARGV: prefix, job, seconds of a worker, bytes stored.
-- Returns {seconds, bytes} that the job has taken in all, as text; nothing for a job that is not here.
local job, seconds, bytes = ARGV[2], ARGV[3], ARGV[4]
if redis.call('EXISTS', job_key(job)) == 0 then return {'0', '0'} end
local used = redis.call('HINCRBYFLOAT', job_key(job), 'used_s', seconds)
local stored = redis.call('HINCRBY', job_key(job), 'stored_bytes', bytes)
return {used, tostring(stored)}

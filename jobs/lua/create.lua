-- Enter a job, or a new generation of one, with the chunks that are done already.
-- ARGV: prefix, job, done bitmap, then field, value, … of the job's hash.
-- Returns 1, or 0 if this generation is there already.
local job, bitmap = ARGV[2], ARGV[3]
local fields = {}
for i = 4, #ARGV, 2 do fields[ARGV[i]] = ARGV[i + 1] end
local there = redis.call('HGET', job_key(job), 'generation')
if there and tonumber(there) >= tonumber(fields['generation']) and fields['force'] ~= '1' then return 0 end
fields['force'] = nil
for _, chunk in ipairs(inflight_of(job)) do release(job, chunk) end
for _, name in ipairs({'todo', 'progress', 'attempts', 'blamed', 'recent', 'peak'}) do redis.call('DEL', key('job', job, name)) end
for field, value in pairs(fields) do redis.call('HSET', job_key(job), field, value) end
redis.call('HSET', job_key(job), 'cursor', 0)
redis.call('HDEL', job_key(job), 'started', 'finished', 'error', 'stalled')
move(job)
if not there then count('atelier_jobs_entered_total', redis.call('HGET', job_key(job), 'kind')) end
redis.call('PERSIST', job_key(job))
redis.call('PERSIST', key('job', job, 'events'))
redis.call('SET', done_key(job), bitmap)
redis.call('SADD', key('jobs'), job)
make_ready(job)
return 1

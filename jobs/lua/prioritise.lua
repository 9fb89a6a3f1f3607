-- Give an unfinished job another share of the workers. ARGV: prefix, job, priority, weight.
local job, weight = ARGV[2], tonumber(ARGV[4])
local state, queue, before, vtime = unpack(redis.call('HMGET', job_key(job), 'state', 'queue', 'weight', 'vtime'))
if not state or final[state] then return 0 end
redis.call('HSET', job_key(job), 'priority', ARGV[3], 'weight', ARGV[4])
-- How far it is ahead of its share was reckoned with the weight that it had: what it is owed, or owes, is kept.
local clock = tonumber(redis.call('GET', key('clock', queue)) or '0')
local ahead = tonumber(vtime or '0') - clock
if ahead > 0 then
  local after = clock + ahead * tonumber(before) / weight
  redis.call('HSET', job_key(job), 'vtime', after)
  redis.call('ZADD', ready_key(queue), 'XX', after, job)
end
return 1

-- A chunk goes back to be published again. ARGV: prefix, job, chunk, generation, token ('' for whoever held it), failed (0|1).
-- Returns how often the chunk has failed, or -1 if it was not this holder's to give.
local job, chunk, generation, token, failed = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local current = redis.call('HGET', job_key(job), 'generation')
if current ~= generation then return -1 end
local holder = redis.call('GET', lease_key(job, chunk))
if token ~= '' and holder and string.match(holder, '^%d+') ~= token then return -1 end
release(job, chunk)
local failures = tonumber(redis.call('HGET', attempts_key(job), chunk) or '0')
if failed == '1' then failures = redis.call('HINCRBY', attempts_key(job), chunk, 1) end
if chunk ~= 'stitch' and redis.call('GETBIT', done_key(job), chunk) == 0 then
  redis.call('ZADD', todo_key(job), chunk, chunk)
  make_ready(job)
end
return failures

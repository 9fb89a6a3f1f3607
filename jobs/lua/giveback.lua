-- A chunk goes back to be published again. ARGV: prefix, job, chunk, generation, token ('' for whoever held it), failed (0|1),
-- slot ('' for any; else the chunk goes back only if that worker held it, who died).
-- Returns how often the chunk has failed, or -1 if it was not this holder's to give, or the job ended.
local job, chunk, generation, token, failed = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local slot = ARGV[7]
local current, state = unpack(redis.call('HMGET', job_key(job), 'generation', 'state'))
if current ~= generation or final[state] then return -1 end
local holder = redis.call('GET', lease_key(job, chunk))
if token ~= '' then
  if holder and string.match(holder, '^%d+') ~= token then return -1 end
  -- Its lease ran out. Was that counted, or the chunk done, before it came to say so?
  if not holder and redis.call('HEXISTS', progress_key(job), chunk) == 0 then return -1 end
end
-- Between looking and giving back a worker may have taken it, or another reconciler given it back already.
if slot ~= '' then
  if slot_of(holder) ~= slot then return -1 end
elseif token == '' then
  local died = redis.call('HEXISTS', progress_key(job), chunk) == 1
  if holder or (failed == '1' and not died) then return -1 end
end
local who = slot_of(holder) or slot_of(redis.call('HGET', progress_key(job), chunk))
release(job, chunk)
local failures = tonumber(redis.call('HGET', attempts_key(job), chunk) or '0')
if failed == '1' then
  failures = redis.call('HINCRBY', attempts_key(job), chunk, 1)
  if who then blame(job, chunk, who) end
end
if chunk ~= 'stitch' and redis.call('GETBIT', done_key(job), chunk) == 0 then
  redis.call('ZADD', todo_key(job), chunk, chunk)
  make_ready(job)
end
return failures

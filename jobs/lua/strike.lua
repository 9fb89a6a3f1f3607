-- A worker failed a chunk. ARGV: prefix, slot, job, chunk, how many chunks in a row are too many, 1 if what it failed of
-- cannot have come from a store that all share.
-- Returns how many different chunks it has failed since its last success if that is too many and the fault is likely
-- its own, else 0: others got on meanwhile, or the chunks are of several jobs. A chunk that another worker has failed as
-- well speaks against no worker.
local slot, job, chunk, limit = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local strikes = key('strikes', slot)
redis.call('ZADD', strikes, 'NX', now_us(), job .. '/' .. chunk)
redis.call('EXPIRE', strikes, 86400)
local failers, several = key('failers'), '*'
local first = redis.call('HGET', failers, job .. '/' .. chunk)
redis.call('HSET', failers, job .. '/' .. chunk, (not first or first == slot) and slot or several)
redis.call('EXPIRE', failers, 86400)
local failed, since, jobs, count = 0, nil, {}, 0
local row = redis.call('ZRANGE', strikes, 0, -1, 'WITHSCORES')
for i = 1, #row, 2 do
  if redis.call('HGET', failers, row[i]) == slot then
    failed, since = failed + 1, since or tonumber(row[i + 1])
    local owner = string.match(row[i], '^(.*)/[^/]*$')
    if not jobs[owner] then jobs[owner], count = true, count + 1 end
  end
end
if failed < limit then return 0 end
local last = redis.call('ZREVRANGE', key('completed'), 0, 1, 'WITHSCORES')
local others = false
for i = 1, #last, 2 do
  if last[i] ~= slot and tonumber(last[i + 1]) > since then others = true end
end
if others or (count > 1 and ARGV[6] == '1') then return failed end
return 0

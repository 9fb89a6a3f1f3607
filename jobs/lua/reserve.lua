-- Choose chunks to publish, up to the window: the job furthest behind its fair share gives the next one.
-- ARGV: prefix, queue, window, limit. Returns job, chunk, generation, …
local queue, window, limit = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local out = {}

-- The first chunk at or after `cursor` that is not done; nil if none. BITPOS counts bytes before Redis 7.
local function first_missing(job, cursor, chunks)
  while cursor % 8 ~= 0 and cursor < chunks do
    if redis.call('GETBIT', done_key(job), cursor) == 0 then return cursor end
    cursor = cursor + 1
  end
  if cursor >= chunks then return nil end
  local bit = redis.call('BITPOS', done_key(job), 0, cursor / 8, -1)
  if bit < 0 or bit >= chunks then return nil end
  return bit
end

local function next_chunk(job)
  while true do
    local returned = redis.call('ZPOPMIN', todo_key(job))
    if #returned == 0 then break end
    if redis.call('GETBIT', done_key(job), returned[1]) == 0 then return tonumber(returned[1]) end
  end
  local cursor, chunks = unpack(redis.call('HMGET', job_key(job), 'cursor', 'chunks'))
  local chunk = first_missing(job, tonumber(cursor), tonumber(chunks))
  redis.call('HSET', job_key(job), 'cursor', chunk and chunk + 1 or chunks)
  return chunk
end

while #out < 3 * limit and redis.call('ZCARD', inflight_key(queue)) < window do
  local front = redis.call('ZRANGE', ready_key(queue), 0, 0, 'WITHSCORES')
  if #front == 0 then break end
  local job, vtime = front[1], tonumber(front[2])
  local chunk = next_chunk(job)
  if not chunk then
    redis.call('ZREM', ready_key(queue), job)
  else
    local weight, cost, generation = unpack(redis.call('HMGET', job_key(job), 'weight', 'charge_s', 'generation'))
    -- What a new job's chunks cost is not known yet: about what its neighbours' do. While nobody's is known it counts
    -- next to nothing: what is charged too much, the jobs with little weight would have to wait for the longest.
    cost = tonumber(cost) or tonumber(redis.call('GET', key('cost', queue)) or '0.001')
    local after = vtime + cost / tonumber(weight)
    redis.call('ZADD', ready_key(queue), after, job)
    redis.call('HSET', job_key(job), 'vtime', after)
    redis.call('SET', key('clock', queue), vtime)
    redis.call('ZADD', inflight_key(queue), now_us(), job .. '/' .. chunk)
    table.insert(out, job)
    table.insert(out, tostring(chunk))
    table.insert(out, generation)
  end
end
return out

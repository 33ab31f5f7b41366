/*
 * What is in Redis, below the key prefix. All of it is gone when nobody is connected, but for the epoch.
 *
 *   room:{ID}     hash   `seq`, and for each member the user id as JSON -> `instance connection seq participant`
 *   rooms:I       set    the rooms that have members of instance I
 *   lease:I       string the generation of I's link, with a time to live: presence. 0 if others hold the place of I
 *   instances     hash   instance -> 1 if all that Redis says of it is its own word, 0 until then
 *   epoch         string a name for this state of Redis: with another one, what was in it is lost
 *
 * On the channel room:{ID} goes all that changes a room, each with the next sequence number, and
 * on inbox:I what others relay to participants of instance I.
 */

const prelude = `
local prefix, roomId = ARGV[1], ARGV[2]
local room = prefix .. 'room:{' .. roomId .. '}'

local function parse(value)
  return string.match(value, '^(%S+) (%S+) (%S+) (.*)$')
end

local function nextSeq()
  if redis.call('EXISTS', room) == 0 then
    -- Starts at the time, so that a room that begins anew goes on where the one before it ended.
    local time = redis.call('TIME')
    redis.call('HSET', room, 'seq', string.format('%.0f', time[1] * 1000000 + time[2]))
  end
  return string.format('%.0f', redis.call('HINCRBY', room, 'seq', 1))
end

local function members()
  local found, all = {}, redis.call('HGETALL', room)
  for i = 1, #all, 2 do
    if all[i] ~= 'seq' then found[#found + 1] = { all[i], all[i + 1] } end
  end
  return found
end

local function values()
  local found = {}
  for i, member in ipairs(members()) do found[i] = member[2] end
  return found
end

local function forget(owner)
  for _, member in ipairs(members()) do
    if parse(member[2]) == owner then return end
  end
  redis.call('SREM', prefix .. 'rooms:' .. owner, roomId)
end

local function add(field, owner, connection, participant)
  local older = redis.call('HGET', room, field)
  local seq = nextSeq()
  redis.call('HSET', room, field, owner .. ' ' .. connection .. ' ' .. seq .. ' ' .. participant)
  redis.call('SADD', prefix .. 'rooms:' .. owner, roomId)
  if older then forget((parse(older))) end
  redis.call('PUBLISH', room, seq .. ' + ' .. owner .. ' ' .. connection .. ' ' .. participant)
  return seq
end

local function remove(field, reason, at)
  local owner, connection = parse(redis.call('HGET', room, field))
  redis.call('HDEL', room, field)
  forget(owner)
  redis.call('PUBLISH', room, nextSeq() .. ' - ' .. connection .. ' ' .. reason .. ' ' .. at)
  if redis.call('HLEN', room) == 1 then redis.call('DEL', room) end
end

local function isCurrent(instance, generation)
  return redis.call('GET', prefix .. 'lease:' .. instance) == generation
end
`;

/** The scripts by name. Each is one step: nothing else happens in Redis meanwhile. The first argument of each is the key prefix. */
export const scripts = {
  /**
   * Adds a member, in place of an older connection of the same user, and announces it (JOIN-7, JOIN-8, ROOM-6).
   * Arguments: room, instance, generation, field, connection, participant, capacity or -1, 1 for the members before.
   */
  join: `${prelude}
    local instance, generation, field, connection, participant = unpack(ARGV, 3, 7)
    local capacity = tonumber(ARGV[8])
    -- A join that waited in a socket while its instance gave it up must not take effect afterwards.
    if not isCurrent(instance, generation) then return { 'stale' } end
    local count = math.max(redis.call('HLEN', room) - 1, 0)
    if capacity >= 0 and count >= capacity and redis.call('HEXISTS', room, field) == 0 then return { 'full' } end
    local before = ARGV[9] == '1' and values() or {}
    return { 'joined', add(field, instance, connection, participant), before }`,

  /**
   * Removes a member and announces it, unless another connection has taken its place or it is gone already (LEAVE-1).
   * Arguments: room, field, connection, reason, time.
   */
  leave: `${prelude}
    local field, connection = ARGV[3], ARGV[4]
    local value = redis.call('HGET', room, field)
    if not value or select(2, parse(value)) ~= connection then return 0 end
    remove(field, ARGV[5], ARGV[6])
    return 1`,

  /**
   * Brings a room in line with what an instance knows, and returns all its members. What Redis lists of the instance and is
   * gone is removed. With \`fresh\`, Redis lost the room: what it lacks is put back, that of other instances as well, in case
   * they do not come back; unless somebody is in already who never saw them, as then neither would offer to the other (JOIN-7).
   * Arguments: room, instance, generation, lease in ms, time, fresh, then field, owner, connection, participant of each member.
   */
  sync: `${prelude}
    local instance, generation, lease, at, fresh = unpack(ARGV, 3, 7)
    if not isCurrent(instance, generation) then return { 'stale' } end
    local known, stranger = {}, false
    for i = 8, #ARGV, 4 do known[ARGV[i + 2]] = true end
    for _, member in ipairs(members()) do
      local owner, connection = parse(member[2])
      if owner == instance and not known[connection] then remove(member[1], 'disconnected', at)
      elseif not known[connection] then stranger = true end
    end
    if fresh == '1' and not stranger then
      for i = 8, #ARGV, 4 do
        local field, owner, connection, participant = unpack(ARGV, i, i + 3)
        local isSettled = redis.call('HGET', prefix .. 'instances', owner) == '1'
        if redis.call('HEXISTS', room, field) == 0 and (owner == instance or not isSettled) then
          if owner ~= instance then
            redis.call('HSETNX', prefix .. 'instances', owner, '0')
            redis.call('SET', prefix .. 'lease:' .. owner, '0', 'NX', 'PX', lease)
          end
          add(field, owner, connection, participant)
        end
      end
    end
    return { 'synced', redis.call('HGET', room, 'seq') or '0', values() }`,

  /** Begins a generation of an instance and returns the epoch. Arguments: instance, generation, lease in ms, epoch if there is none. */
  hello: `
    local prefix, instance, generation = unpack(ARGV, 1, 3)
    local lease = prefix .. 'lease:' .. instance
    if tonumber(redis.call('GET', lease) or '0') >= tonumber(generation) then return 'stale' end
    redis.call('SET', lease, generation, 'PX', ARGV[4])
    redis.call('HSET', prefix .. 'instances', instance, '0')
    redis.call('SET', prefix .. 'epoch', ARGV[5], 'NX')
    return redis.call('GET', prefix .. 'epoch')`,

  /** Ends the coming back of an instance; returns all rooms it has members in. Arguments: instance. */
  settle: `
    local prefix, instance = ARGV[1], ARGV[2]
    redis.call('HSET', prefix .. 'instances', instance, '1')
    return redis.call('SMEMBERS', prefix .. 'rooms:' .. instance)`,

  /** Says that an instance is there; returns the epoch and every instance that is not. Arguments: instance, generation, lease in ms. */
  beat: `
    local prefix, instance, generation = unpack(ARGV, 1, 3)
    local lease = prefix .. 'lease:' .. instance
    -- After a lapse others may have taken this instance for dead.
    if redis.call('GET', lease) ~= generation then return { 'stale' } end
    redis.call('PEXPIRE', lease, ARGV[4])
    local found = { redis.call('GET', prefix .. 'epoch') or '' }
    for _, other in ipairs(redis.call('HKEYS', prefix .. 'instances')) do
      if redis.call('EXISTS', prefix .. 'lease:' .. other) == 0 then found[#found + 1] = other end
    end
    return found`,

  /** Removes a dead instance's members of one room and announces each: whoever comes second finds none. Arguments: room, instance, time. */
  reap: `${prelude}
    local dead, at = ARGV[3], ARGV[4]
    if redis.call('EXISTS', prefix .. 'lease:' .. dead) == 1 then return 0 end
    local count = 0
    for _, member in ipairs(members()) do
      if parse(member[2]) == dead then
        remove(member[1], 'disconnected', at)
        count = count + 1
      end
    end
    redis.call('SREM', prefix .. 'rooms:' .. dead, roomId)
    return count`,

  /** Forgets a dead instance that has no members left. Arguments: instance. */
  bury: `
    local prefix, dead = ARGV[1], ARGV[2]
    if redis.call('EXISTS', prefix .. 'lease:' .. dead, prefix .. 'rooms:' .. dead) > 0 then return 0 end
    return redis.call('HDEL', prefix .. 'instances', dead)`,

  /** Ends an instance that has left all rooms. Arguments: instance. */
  goodbye: `
    local prefix, instance = ARGV[1], ARGV[2]
    redis.call('HDEL', prefix .. 'instances', instance)
    return redis.call('DEL', prefix .. 'lease:' .. instance)`,
} as const;

/** The name of a script. */
export type ScriptName = keyof typeof scripts;

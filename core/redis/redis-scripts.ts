import type { RedisClient } from "./redis-client.ts";

/**
 * How long the lease is withheld after a fill, in milliseconds: long enough for a process that missed the entry just
 * before it was filled, and would load it once more.
 */
const FILLED_MS = 100;

/** The answer of `stampedePut` when the key held data of another type than entries are. */
export const REPLACED_ANOTHER_TYPE = 2;

/**
 * Sets the entry unless a newer version is there (see `supersedes` in entry.ts), then gives the lease back;
 * a tombstone takes it from its holder, because the version being loaded is stale.
 * A tombstone gets its place even from a Redis whose memory is full: a script that has deleted may still set.
 * Anything but an entry is replaced: a key of another type, a value without a version in front, or the value
 * that the caller found unreadable (ARGV[7], by its digest).
 */
const PUT = `
local current = redis.pcall('GET', KEYS[1])
local isOfAnotherType = type(current) == 'table'
if type(current) ~= 'string' then current = '' end
local known = tonumber(string.match(current, '^(%d+) ')) or -1
if ARGV[7] ~= '' and redis.sha1hex(current) == ARGV[7] then known = -1 end
local next = tonumber(ARGV[1])
local isTombstone = ARGV[4] == 'tombstone'
local isNew = next > known or (next == known and not isTombstone)
if isNew then
  if isTombstone then redis.call('DEL', KEYS[1], KEYS[2]) end
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
if isTombstone then redis.call('PUBLISH', ARGV[5], ARGV[6])
elseif ARGV[5] ~= '' and redis.pcall('GET', KEYS[2]) == ARGV[5] then
  redis.call('PEXPIRE', KEYS[2], isNew and ${FILLED_MS} or 0)
end
if isOfAnotherType then return ${REPLACED_ANOTHER_TYPE} end
return isNew and 1 or 0`;

/**
 * Takes the lease unless another has it. A value that would keep it for longer than a lease lasts is no
 * lease.
 */
const ACQUIRE = `
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left <= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const RELEASE = `if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** Scripts that run inside Redis, where nothing comes between their steps. */
export interface RedisScripts {
  stampedePut(...parameters: (string | number)[]): Promise<number>;
  stampedeAcquire(...parameters: (string | number)[]): Promise<number>;
  stampedeRelease(...parameters: (string | number)[]): Promise<number>;
}

/** Teaches a client the scripts. */
export const defineScripts = (client: RedisClient): RedisScripts => {
  client.defineCommand("stampedePut", { numberOfKeys: 2, lua: PUT });
  client.defineCommand("stampedeAcquire", { numberOfKeys: 1, lua: ACQUIRE });
  client.defineCommand("stampedeRelease", { numberOfKeys: 1, lua: RELEASE });
  return client as unknown as RedisScripts;
};

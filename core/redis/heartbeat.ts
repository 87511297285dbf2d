import { createHash } from "node:crypto";
import { Cluster } from "ioredis";
import type { RedisClient } from "./redis-client.ts";

/**
 * Publishes a beat, if the server takes writes, with the server's replication id behind it. A replica passes
 * messages on as a primary does, so publishing alone does not show that the server is the primary. The write
 * deletes a key that does not exist: a server whose memory is full takes that as well. A user that may not
 * ask for INFO gets beats without an id.
 */
const BEAT = `
local info = redis.pcall('INFO', 'replication')
local id = ''
if type(info) == 'string' then
  if string.find(info, 'role:slave', 1, true) then return redis.error_reply('READONLY This is a replica') end
  id = string.match(info, 'master_replid:(%x+)') or ''
end
if KEYS[1] then redis.call('DEL', KEYS[1]) end
return redis.call('PUBLISH', ARGV[1], ARGV[2] .. ' ' .. id)`;

/** A beat that came back: its number, and the replication id of the server that passed it on. */
const HEARD = /^(\d{1,15}) ([0-9a-f]{0,64})$/;

export interface HeardBeat {
  readonly beat: number;
  readonly replicationId: string;
}

/** @returns undefined for what is not a beat */
export const parseBeat = (text: string): HeardBeat | undefined => {
  const [, beat, replicationId] = HEARD.exec(text) ?? [];
  return beat === undefined || replicationId === undefined
    ? undefined
    : { beat: Number(beat), replicationId };
};

/** In a cluster a message takes its way from the node at which it is published: each of them carries a beat. */
export const publishersOf = (client: RedisClient): RedisClient[] =>
  client instanceof Cluster ? client.nodes("master") : [client];

/**
 * Sends a beat. A node of a cluster has no key that is surely its own; there the node's role alone says
 * whether it takes writes.
 */
export const sendBeat = (
  publisher: RedisClient,
  { channel, beat, isAlone }: { channel: string; beat: number; isAlone: boolean },
): Promise<unknown> => {
  const keys = isAlone ? [`${channel}:write`] : [];
  return publisher.eval(BEAT, keys.length, ...keys, channel, String(beat));
};

/**
 * Names the servers that stand behind a bus, by their replication ids. The name changes when a replica takes
 * over or a server starts anew: then writes that the old one acknowledged may be missing in the new one.
 */
export const eraOf = (replicationIds: readonly string[]): string =>
  createHash("sha1")
    .update([...replicationIds].sort().join())
    .digest("hex")
    .slice(0, 16);

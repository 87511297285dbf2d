import { randomUUID } from "node:crypto";
import type { BusMessage } from "./bus.ts";
import { decodeEntry, encodeEntry } from "./entry.ts";
import { TOMBSTONE_MS, tombstone } from "./lifetime.ts";
import type { RedisBus } from "./redis-bus.ts";
import type { RedisClient } from "./redis-client.ts";
import type { Lease, SecondTier } from "./second-tier.ts";

/** Long enough for a load; a loader that dies holds up the others no longer than this. */
const LEASE_MS = 1_000;

/**
 * After Redis returns, its values are not believed until every process has had time to return as well and
 * to say what was written meanwhile: the longest pause between reconnections, and a heartbeat.
 */
const QUARANTINE_MS = 600;

/** Between attempts to hand over tombstones that Redis did not take. */
const RETRY_MS = 50;

/** Tombstones kept for an absent Redis; beyond that many the oldest go, and their entries end with their lifetime. */
const MAX_PENDING = 100_000;

/** Sets the entry unless a newer version is there (see `supersedes` in entry.ts), then gives the lease back. */
const PUT = `
local current = redis.call('GET', KEYS[1])
local known = current and tonumber(string.match(current, '^%d+')) or -1
local next = tonumber(ARGV[1])
local isNew = next > known or (next == known and ARGV[4] ~= 'tombstone')
if isNew then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
if ARGV[4] == 'tombstone' then redis.call('PUBLISH', ARGV[5], ARGV[6])
elseif ARGV[5] ~= '' and redis.call('GET', KEYS[2]) == ARGV[5] then redis.call('DEL', KEYS[2]) end
return isNew and 1 or 0`;

const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

interface Scripts {
  stampedePut(...parameters: (string | number)[]): Promise<number>;
  stampedeRelease(...parameters: (string | number)[]): Promise<number>;
}

export interface RedisTierOptions {
  readonly client: RedisClient;
  readonly bus: RedisBus;
  /** Put before every key. */
  readonly prefix: string;
  readonly channel: string;
  readonly now: () => number;
}

/** The second tier in Redis: shared by all processes, versioned, with a lease for whoever loads. */
export const openRedisTier = <V>(options: RedisTierOptions): SecondTier<V> => {
  const { client, bus, prefix, channel, now } = options;
  client.defineCommand("stampedePut", { numberOfKeys: 2, lua: PUT });
  client.defineCommand("stampedeRelease", { numberOfKeys: 1, lua: RELEASE });
  const scripts = client as unknown as Scripts;
  // The braces keep an entry and its lease on one node of a cluster.
  const entryKey = (key: number): string => `${prefix}{${key}}`;
  const leaseKey = (key: number): string => `${prefix}{${key}}:lease`;

  const pending = new Map<number, number>();
  let believedFrom = 0;

  const invalidate = async (key: number, version: number): Promise<void> => {
    const message: BusMessage = { type: "invalidate", key, version };
    const text = encodeEntry(tombstone(version, now()));
    await scripts.stampedePut(
      entryKey(key),
      leaseKey(key),
      version,
      text,
      TOMBSTONE_MS,
      "tombstone",
      channel,
      JSON.stringify(message),
    );
  };

  const postpone = (key: number, version: number): void => {
    pending.set(key, Math.max(version, pending.get(key) ?? 0));
    const [oldest] = pending.keys();
    if (pending.size > MAX_PENDING && oldest !== undefined) pending.delete(oldest);
    scheduleRetry();
  };

  let retry: NodeJS.Timeout | undefined;
  const scheduleRetry = (): void => {
    if (pending.size === 0) return;
    retry ??= setTimeout(() => {
      retry = undefined;
      void sayWhatWasMissed();
    }, RETRY_MS);
    retry.unref?.();
  };

  /** Puts the tombstones that Redis has not taken yet. */
  const sayWhatWasMissed = async (): Promise<void> => {
    const say = async ([key, version]: [number, number]): Promise<void> => {
      await invalidate(key, version);
      if (pending.get(key) === version) pending.delete(key);
    };
    if (bus.isUp()) await Promise.allSettled([...pending].map(say));
    scheduleRetry();
  };
  bus.onGap(() => {
    believedFrom = now() + QUARANTINE_MS;
    void sayWhatWasMissed();
  });

  return {
    name: "redis",
    isUsable: () => bus.isUp() && now() >= believedFrom,
    get: async (key) => {
      const asOf = now();
      const text = await client.get(entryKey(key));
      return text === null ? undefined : decodeEntry<V>(text, asOf);
    },
    put: async (key, entry, lease = "") => {
      const lifetime = Math.ceil(entry.hardExpiry - now());
      if (lifetime <= 0) return;
      const text = encodeEntry(entry);
      await scripts.stampedePut(
        entryKey(key),
        leaseKey(key),
        entry.version,
        text,
        lifetime,
        entry.kind,
        lease,
        "",
      );
    },
    invalidate: async (key, version) => {
      try {
        await invalidate(key, version);
      } catch (error) {
        postpone(key, version);
        throw error;
      }
    },
    acquire: async (key): Promise<Lease | undefined> => {
      const lease = randomUUID();
      return (await client.set(leaseKey(key), lease, "PX", LEASE_MS, "NX")) === "OK" ? lease : undefined;
    },
    release: async (key, lease) => {
      await scripts.stampedeRelease(leaseKey(key), lease);
    },
    close: async () => {
      clearTimeout(retry);
      client.disconnect();
    },
  };
};

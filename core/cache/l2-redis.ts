import { createHash, randomUUID } from "node:crypto";
import type { BusMessage } from "../redis/bus.ts";
import type { RedisBus } from "../redis/redis-bus.ts";
import { isRedisFailure, type RedisClient } from "../redis/redis-client.ts";
import { defineScripts, REPLACED_ANOTHER_TYPE } from "../redis/redis-scripts.ts";
import { decodeEntry, encodeEntry, type ParseValue } from "./entry-codec.ts";
import { type L2, type Lease, UNTRUSTED } from "./l2.ts";
import { TOMBSTONE_MS, tombstone } from "./lifetime.ts";
import { openRedisReads } from "./redis-reads.ts";

/** Long enough for a load; a loader that dies holds up the others no longer than this. */
const LEASE_MS = 1_000;

/**
 * After Redis returns, its values are not believed until every process has had time to return as well and
 * to say what was written meanwhile: the longest pause between reconnections, and a heartbeat.
 */
const QUARANTINE_MS = 800;

/** The Redis commands of one read (the value, then the lease) share the command timeout. */
const READ_ROUND_TRIPS = 2;

/** Between attempts to hand over tombstones that Redis did not take. */
const RETRY_MS = 50;

/** Tombstones kept for an absent Redis; beyond that many the oldest go, and their entries end with their lifetime. */
const MAX_PENDING = 100_000;

/** Tombstones handed over at a time: few enough for an answer in time. */
const HANDED_OVER = 500;

/** Keys under which something untrusted was found and not replaced yet, at the most. */
const MAX_UNTRUSTED = 10_000;

export interface RedisL2Options<V> {
  readonly client: RedisClient;
  readonly bus: RedisBus;
  /** Put before every key. */
  readonly prefix: string;
  readonly channel: string;
  /** Milliseconds that a caller waits for Redis at the most. */
  readonly commandTimeout: number;
  readonly now: () => number;
  readonly parseValue: ParseValue<V>;
  /** No entry is kept for longer than this, in milliseconds. */
  readonly maxLifetime: number;
  /** Given the name of a key that held something untrusted, and what it was. */
  readonly onUntrusted?: (name: string, found: unknown) => void;
}

/** The second tier in Redis: shared by all processes, versioned, with a lease for the process that loads. */
export const openRedisL2 = <V>(options: RedisL2Options<V>): L2<V> => {
  const { client, bus, prefix, channel, commandTimeout, now, parseValue, maxLifetime, onUntrusted } = options;
  const scripts = defineScripts(client);
  // The braces keep an entry and its lease on one node of a cluster.
  const entryKey = (key: number): string => `${prefix}{${key}}`;
  const leaseKey = (key: number): string => `${prefix}{${key}}:lease`;

  const pending = new Map<number, number>();
  const waiting: (() => void)[] = [];
  /** Digests of what was found and not believed, so that the fill that follows may replace just that. */
  const untrusted = new Map<number, string>();
  let believedFrom = 0;
  let silentSince = 0;

  /** Notes a command without an answer, so that nobody else waits before Redis is heard again. */
  const answered = async <T>(call: Promise<T>, timeout = commandTimeout / READ_ROUND_TRIPS): Promise<T> => {
    try {
      return await bus.patience.within(call, timeout);
    } catch (error) {
      if (isRedisFailure(error)) silentSince = now();
      throw error;
    }
  };

  const readText = openRedisReads(client, entryKey, answered);

  const invalidate = async (key: number, version: number): Promise<void> => {
    const message: BusMessage = { type: "invalidate", key, version };
    const text = encodeEntry(tombstone(version, now()), bus.era());
    const put = scripts.stampedePut(
      entryKey(key),
      leaseKey(key),
      version,
      text,
      TOMBSTONE_MS,
      "tombstone",
      channel,
      JSON.stringify(message),
      "",
    );
    await answered(put, commandTimeout);
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

  /** Puts the tombstones that Redis has not taken yet; a single one first, to see whether it takes any. */
  const sayWhatWasMissed = async (): Promise<void> => {
    const say = async ([key, version]: [number, number]): Promise<void> => {
      await invalidate(key, version);
      if (pending.get(key) === version) pending.delete(key);
      if (pending.size === 0) for (const goOn of waiting.splice(0)) goOn();
    };
    let isTaken = true;
    for (let count = 1; isTaken && pending.size > 0; count = HANDED_OVER) {
      const said = await Promise.allSettled([...pending].slice(0, count).map(say));
      isTaken = said.every(({ status }) => status === "fulfilled");
    }
    scheduleRetry();
  };
  bus.onGap(() => {
    believedFrom = now() + QUARANTINE_MS;
  });
  // The next connection may lead to another server, which a heartbeat must vouch for first.
  client.on("close", () => {
    silentSince = now();
  });

  const distrust = (key: number, text: string): typeof UNTRUSTED => {
    onUntrusted?.(entryKey(key), text);
    if (untrusted.size >= MAX_UNTRUSTED) untrusted.clear();
    untrusted.set(key, createHash("sha1").update(text).digest("hex"));
    return UNTRUSTED;
  };

  return {
    name: "redis",
    isUsable: () => bus.isUp() && now() >= believedFrom && bus.heardUntil() >= silentSince,
    get: async (key) => {
      const asOf = now();
      const text = await readText(key);
      if (text === undefined) return undefined;
      return decodeEntry(text, { key, asOf, era: bus.era(), maxLifetime, parseValue }) ?? distrust(key, text);
    },
    put: async (key, entry, lease = "") => {
      const lifetime = Math.ceil(entry.hardExpiry - now());
      if (lifetime <= 0) return;
      const text = encodeEntry(entry, bus.era());
      const replaced = untrusted.get(key) ?? "";
      untrusted.delete(key);
      const put = scripts.stampedePut(
        entryKey(key),
        leaseKey(key),
        entry.version,
        text,
        lifetime,
        entry.kind,
        lease,
        "",
        replaced,
      );
      const outcome = await answered(put, commandTimeout);
      if (outcome === REPLACED_ANOTHER_TYPE) onUntrusted?.(entryKey(key), "data of another type");
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
      try {
        const granted = await answered(scripts.stampedeAcquire(leaseKey(key), lease, LEASE_MS));
        return granted === 1 ? lease : undefined;
      } catch (error) {
        // A Redis that can't note leases, its memory being full, must not make readers wait for a holder.
        if (isRedisFailure(error)) throw error;
        return lease;
      }
    },
    release: async (key, lease) => {
      await answered(scripts.stampedeRelease(leaseKey(key), lease));
    },
    caughtUp: async () => {
      if (pending.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    close: async () => {
      clearTimeout(retry);
      client.disconnect();
    },
  };
};

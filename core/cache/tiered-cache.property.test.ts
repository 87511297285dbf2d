import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../loadtest/harness/property-runs.ts";
import type { Bus, BusMessage } from "../redis/bus.ts";
import { type Entry, supersedes } from "./entry.ts";
import { openL1 } from "./l1.ts";
import type { L2 } from "./l2.ts";
import { tombstone } from "./lifetime.ts";
import { openTieredCache } from "./tiered-cache.ts";

const KEY = 1;
const PROCESSES = 2;

interface Operation {
  readonly process: number;
  /** `gap`: the process must believe that it missed messages, and empties its memory. */
  readonly kind: "read" | "write" | "gap";
}

interface World {
  /** 0: every read finds its entry due and starts a refresh. */
  readonly softLifetime: number;
  /** Whether the database may answer with the version before the last unless asked to be consistent. */
  readonly isLagging: boolean;
  /** Whether leases are handed out though another holds one, as after their expiry. */
  readonly leasesExpire: boolean;
}

/**
 * Two caches over one second tier, one database and one bus, each of whose steps takes place when the
 * scheduler says so. Notes every read that gave a version older than its process must have known of.
 */
const simulate = (scheduler: fc.Scheduler, world: World) => {
  const step = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label);
  const stored = new Map<number, Entry<number>>();
  const leases = new Set<number>();
  const listeners: ((message: BusMessage) => void)[][] = Array.from({ length: PROCESSES }, () => []);
  const gapListeners: (() => void)[][] = Array.from({ length: PROCESSES }, () => []);
  const known = Array<number>(PROCESSES).fill(1);
  const violations: string[] = [];
  let clock = 1_000;
  let version = 1;

  const put = (entry: Entry<number>): void => {
    if (supersedes(entry, stored.get(KEY))) stored.set(KEY, entry);
  };

  const deliver = async (process: number, message: BusMessage): Promise<void> => {
    await step(`deliver to ${process}`);
    for (const listener of listeners[process] ?? []) listener(message);
    if (message.type === "invalidate") known[process] = Math.max(known[process] ?? 0, message.version);
  };

  const l2: L2<number> = {
    name: "redis",
    isUsable: () => true,
    get: async (key) => {
      const asOf = clock;
      await step("second get");
      const entry = stored.get(key);
      await step("second got");
      return entry && { ...entry, asOf };
    },
    put: async (key, entry) => {
      await step("second put");
      leases.delete(key);
      put(entry);
    },
    invalidate: async (key, next) => {
      await step("second invalidate");
      put(tombstone(next, clock));
      for (let process = 0; process < PROCESSES; process++) {
        void deliver(process, { type: "invalidate", key, version: next });
      }
      await step("second invalidated");
    },
    acquire: async (key) => {
      await step("acquire");
      if (leases.has(key) && !world.leasesExpire) return undefined;
      leases.add(key);
      return "lease";
    },
    release: async (key) => {
      leases.delete(key);
    },
    caughtUp: async () => undefined,
    close: async () => undefined,
  };

  const load = async (_key: number, consistent: boolean) => {
    await step("load");
    const found = world.isLagging && !consistent ? Math.max(1, version - 1) : version;
    await step("loaded");
    return { value: found, version: found };
  };

  const openProcess = (process: number) => {
    const bus: Bus = {
      heardUntil: () => Number.POSITIVE_INFINITY,
      publish: async () => undefined,
      onMessage: (listener) => listeners[process]?.push(listener),
      onGap: (listener) => gapListeners[process]?.push(listener),
    };
    return openTieredCache<number>({
      l1: openL1(1_000_000, () => clock),
      l2,
      bus,
      load,
      loadAlone: (key) => load(key, false),
      mode: "tiered",
      lifetimeOf: () => ({ soft: world.softLifetime, hard: 1_000_000 }),
      now: () => clock,
      sleep: async (ms) => {
        await step("sleep");
        clock += ms;
      },
    });
  };
  const caches = Array.from({ length: PROCESSES }, (_, process) => openProcess(process));

  const perform = async ({ process, kind }: Operation): Promise<void> => {
    await step(`start ${kind} at ${process}`);
    const cache = caches[process];
    if (kind === "gap") for (const listener of gapListeners[process] ?? []) listener();
    if (kind === "read") {
      const floor = known[process] ?? 0;
      const reading = await cache?.read(KEY);
      const got = reading?.entry.version ?? 0;
      if (got < floor) violations.push(`${process} read ${got} from ${reading?.source}, knowing of ${floor}`);
    }
    if (kind !== "write") return;
    await step("database write");
    version += 1;
    const written = version;
    await step("database wrote");
    await cache?.invalidate(KEY, written);
    known[process] = Math.max(known[process] ?? 0, written);
  };

  return { perform, violations, caches, latest: () => version };
};

const operation = fc.record({
  process: fc.nat({ max: PROCESSES - 1 }),
  kind: fc.constantFrom("read" as const, "read" as const, "read" as const, "write" as const, "gap" as const),
});
const world = fc.record({
  softLifetime: fc.constantFrom(0, 1_000_000),
  isLagging: fc.boolean(),
  leasesExpire: fc.boolean(),
});

test("in no interleaving is an older version read after a process knew of a newer one", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(operation, { minLength: 2, maxLength: 20 }),
      world,
      async (scheduler, operations, settings) => {
        const { perform, violations, caches, latest } = simulate(scheduler, settings);
        const done = Promise.all(operations.map(perform));
        await scheduler.waitFor(done);
        await scheduler.waitIdle();
        expect(violations).toEqual([]);
        // Once all is quiet, memory holds nothing but the latest.
        for (const cache of caches) {
          const held = cache.recall(KEY);
          if (held?.kind === "value" && !settings.isLagging) expect(held.version).toBe(latest());
        }
      },
    ),
    runs(500),
  );
}, 120_000);

import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { type ProcessFigures, readProcess } from "../harness/process-figures.ts";
import type { Stage } from "./experiment-stage.ts";
import { type LimitCounts, readLimits } from "./limit-counts.ts";

export type BreakerState = "closed" | "half_open" | "open";

/** However often breakers are looked at: each look at the health is work for the shop. */
const HEALTH_EVERY_MS = 400;

/** The state of the processes at one moment. */
export interface Sample {
  /** Epoch seconds. */
  readonly time: number;
  /** Cores in use since the sample before, by process. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly memoryMb: Readonly<Record<string, number>>;
  /** Share of all cores in use by anyone. */
  readonly machine: number | null;
  /** Milliseconds, the greatest of the servers' own; null where they were not asked. */
  readonly loopDelay: number | null;
  /** Of the first server; undefined when it did not answer in time. */
  readonly breakers?: Readonly<Record<string, BreakerState>>;
  /** By table and index, since the limits' layer started; only where there is one. */
  readonly limits?: LimitCounts["resources"];
  /** Calls of each dependency that failed since the first server started; known when `breakers` are. */
  readonly failures?: Readonly<Record<string, number>>;
}

export interface Sampler {
  readonly samples: readonly Sample[];
  readonly stop: () => Promise<void>;
}

/** Looks at processes (by `/proc`, where there is one) and servers until it is stopped. */
export const startSampling = (
  stage: Stage,
  everyMs = 500,
  onSample: (sample: Sample) => void = () => undefined,
): Sampler => {
  const samples: Sample[] = [];
  const stopping = new AbortController();
  const sample = async (): Promise<void> => {
    let before = await readCounters(stage);
    let healthAskedAt = 0;
    for (;;) {
      await sleep(everyMs, undefined, { signal: stopping.signal });
      const isHealthDue = performance.now() - healthAskedAt >= HEALTH_EVERY_MS;
      if (isHealthDue) healthAskedAt = performance.now();
      const [now, servers, limits] = await Promise.all([
        readCounters(stage),
        askServers(stage, isHealthDue),
        limitsOf(stage),
      ]);
      const taken = { ...differenceOf(before, now), ...servers, ...limits };
      before = now;
      samples.push(taken);
      onSample(taken);
    }
  };
  const done = sample().catch((error) => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    samples,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
};

interface Counters {
  readonly time: number;
  readonly processes: Readonly<Record<string, ProcessFigures>>;
  readonly machine?: { readonly busy: number; readonly all: number };
}

const readCounters = async (stage: Stage): Promise<Counters> => {
  const named = Object.entries(stage.pids());
  const processes = await Promise.all(named.map(async ([name, pid]) => [name, await readProcess(pid)]));
  const machine = await readMachine();
  return {
    time: Date.now() / 1_000,
    processes: Object.fromEntries(processes.filter(([, counters]) => counters !== undefined)),
    ...(machine && { machine }),
  };
};

const readMachine = async () => {
  const stat = await readFile("/proc/stat", "utf8").catch(() => undefined);
  const [, user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    stat?.split("\n")[0]?.split(/\s+/).map(Number) ?? [];
  const busy = user + nice + system + irq + softirq + steal;
  return stat === undefined ? undefined : { busy, all: busy + idle + iowait };
};

const differenceOf = (
  before: Counters,
  now: Counters,
): Pick<Sample, "time" | "cpu" | "memoryMb" | "machine"> => {
  const cpu: Record<string, number> = {};
  const memoryMb: Record<string, number> = {};
  for (const [name, { seconds, memoryMb: mb }] of Object.entries(now.processes)) {
    memoryMb[name] = mb;
    const earlier = before.processes[name]?.seconds ?? Number.NaN;
    // One that was started again begins at 0.
    if (seconds >= earlier)
      cpu[name] = Math.min(cpus().length, (seconds - earlier) / (now.time - before.time));
  }
  const ticks = (now.machine?.all ?? 0) - (before.machine?.all ?? 0);
  const machine =
    now.machine && before.machine && ticks > 0 ? (now.machine.busy - before.machine.busy) / ticks : null;
  return { time: now.time, cpu, memoryMb, machine };
};

const limitsOf = async ({ backstage }: Stage): Promise<Pick<Sample, "limits">> => {
  const counts = backstage?.limits && (await readLimits(backstage.limits.port).catch(() => undefined));
  return counts ? { limits: counts.resources } : {};
};

const askServers = async (
  { apis }: Stage,
  isHealthAsked: boolean,
): Promise<Pick<Sample, "loopDelay" | "breakers" | "failures">> => {
  const [circuits, ...healths] = await Promise.all([
    apis[0].get("/resilience/circuit-breakers").catch(() => undefined),
    ...(isHealthAsked ? apis : []).map((api) => api.get("/health").catch(() => undefined)),
  ]);
  const delays = healths.flatMap((health) => health?.event_loop_delay_ms ?? []);
  const ofEach = (key: "state" | "total_failures") =>
    Object.fromEntries(["dynamodb", "redis", "payment"].map((name) => [name, circuits?.[name]?.[key]]));
  return {
    loopDelay: delays.length > 0 ? Math.max(...delays) : null,
    ...(circuits && { breakers: ofEach("state"), failures: ofEach("total_failures") }),
  };
};

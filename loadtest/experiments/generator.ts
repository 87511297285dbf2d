import { existsSync } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, nowSeconds, pause } from "./lab.ts";
import { parseSecond, type Second } from "./timeline.ts";

const JOURNEYS = join(import.meta.dirname, "..", "locust");
const POLL_MS = 100;
const START_TIMEOUT_MS = 150_000;
/** Characters of what a generator wrote, in the message about its failure. */
const MOST_SAID = 4_000;

export interface Load {
  /** The name of a journey's file in `loadtest/locust`. */
  readonly journey: string;
  readonly hosts: readonly string[];
  readonly seed: number;
  /** Further options of the journeys, without their dashes. */
  readonly options: Readonly<Record<string, string | number>>;
  /** Whether what was asked and told is written down for the checker. */
  readonly isRecorded?: boolean;
  /** Whether its shape may be ended before its time. */
  readonly mayEndEarly?: boolean;
}

export interface RunningLoad {
  /** So far. */
  readonly seconds: readonly Second[];
  /** Epoch seconds at which it began; known once the first second is over. */
  readonly started: Promise<number>;
  /** The file with what was asked and told, if that is recorded. */
  readonly history?: string;
  /** Resolves when all is said and answered; rejects when the generator failed. */
  readonly ended: Promise<void>;
  /** Lets what is under way be answered first. Not for a load that is about to end by itself. */
  readonly stop: () => Promise<void>;
  /** The same for a load with a shape, which a signal would cut off. */
  readonly endEarly: () => Promise<void>;
}

let loads = 0;

/** Starts Locust. It ends by itself where its options say when, else with `stop` or the run's interruption. */
export const startLoad = (lab: Lab, load: Load): RunningLoad => {
  const name = join(lab.workDir, `load-${++loads}`);
  const files = {
    timeline: `${name}-timeline.jsonl`,
    history: `${name}-history.jsonl`,
    output: `${name}-output`,
    end: `${name}-end`,
  };
  const options = {
    hosts: load.hosts.join(","),
    seed: load.seed,
    timeline: files.timeline,
    ...(load.isRecorded && { history: files.history }),
    ...(load.mayEndEarly && { "end-when": files.end }),
    ...load.options,
  };
  const words = Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)]);
  const fixed = ["--headless", "--only-summary", "--loglevel", "ERROR", "--exit-code-on-error", "0"];
  const remote = lab.options.url ? ["--allow-remote"] : [];
  const { kill, exited } = lab.locust.run(
    ["-f", join(JOURNEYS, load.journey), ...fixed, ...remote, ...words],
    files.output,
  );
  let isStopped = false;
  const end = (): void => {
    isStopped = true;
    kill("SIGTERM");
  };
  lab.signal.addEventListener("abort", end, { once: true });

  const seconds: Second[] = [];
  const started = Promise.withResolvers<number>();
  started.promise.catch(() => undefined); // `ended` tells it too.
  const onLine = (line: string): void => {
    const second = parseSecond(line);
    if (seconds.length === 0) started.resolve(second.time);
    seconds.push(second);
    lab.view.second(second);
  };
  const follow = async (): Promise<void> => {
    const isOver = { now: false };
    const code = exited.finally(() => {
      isOver.now = true;
    });
    await followLines(files.timeline, () => isOver.now, onLine);
    const complaints = (await readFile(files.output, "utf8").catch(() => "")).trim();
    const failure = new Error(
      `The load generator ended with ${await code}:\n${complaints.slice(-MOST_SAID)}`,
    );
    lab.signal.removeEventListener("abort", end);
    if (seconds.length === 0) started.reject(failure);
    if ((await code) !== 0 && !isStopped) throw failure;
    lab.signal.throwIfAborted();
  };
  const ended = follow();
  ended.catch(() => undefined); // A caller that waits for it gets the error; others need not.
  return {
    seconds,
    started: started.promise,
    ...(load.isRecorded && { history: files.history }),
    ended,
    stop: async () => {
      end();
      await ended;
    },
    endEarly: async () => {
      await writeFile(files.end, "");
      await ended;
    },
  };
};

/** A stretch of a load's time, in epoch seconds, on the generator's own second marks. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Lets the load go on for this many whole seconds, from its next second mark. */
export const stretchOf = async (lab: Lab, load: RunningLoad, seconds: number): Promise<Stretch> => {
  const started = await Promise.race([load.started, load.ended.then(() => Promise.reject(tooShort()))]);
  const from = started + Math.ceil(nowSeconds() - started);
  const to = from + seconds;
  await Promise.race([pause(lab, to - nowSeconds()), load.ended.then(() => Promise.reject(tooShort()))]);
  return { from, to };
};

const tooShort = (): Error => new Error("The load ended before it was measured");

/** Hands on the lines of a growing file until its writer is gone and all is read. */
const followLines = async (
  file: string,
  isOver: () => boolean,
  onLine: (line: string) => void,
): Promise<void> => {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  while (!existsSync(file)) {
    if (isOver() || Date.now() > giveUpAt) return;
    await sleep(POLL_MS);
  }
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(64 * 1024);
    let rest = "";
    for (;;) {
      const wasOver = isOver();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      const lines = (rest + buffer.toString("utf8", 0, bytesRead)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
      if (bytesRead > 0) continue;
      if (wasOver) return;
      await sleep(POLL_MS);
    }
  } finally {
    await handle.close();
  }
};

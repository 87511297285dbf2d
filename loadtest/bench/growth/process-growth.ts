import { join } from "node:path";
import { timesFigure, timesText } from "../../experiments/lab-figures.ts";
import { processorSeconds } from "../../harness/process-figures.ts";
import { startSecond } from "../../harness/second-process.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { play, writeRequests } from "../speed/play.ts";
import { setMode, untilQuiet } from "../speed/rounds.ts";
import { type ShopProgram, startDefaultShop } from "../speed/speed-programs.ts";
import { SUBJECTS } from "../speed/subjects.ts";
import { type Curve, describe, type Part } from "./growth-part.ts";

const CONNECTIONS = 64;
const SECONDS = 2;
const KINDS = ["hot", "cold", "cart-add"] as const;

/** Figures of servers together: answers a second, microseconds of CPU a request, share and number of faults. */
interface Fleet {
  readonly rate: number;
  readonly cpu: number;
  readonly refused: number;
  readonly failed: number;
}
type Fleets = Readonly<Record<(typeof KINDS)[number], Fleet>>;

/** One and two server processes on one port, database and Redis. */
export const growProcesses: Part = async ({ dir, rounds, faults }) => {
  const shop = await startDefaultShop(dir);
  try {
    const files = await prepare(shop.url, dir);
    const measure = async (...pids: readonly number[]): Promise<Fleets> => {
      const fleets: Record<string, Fleet> = {};
      for (const name of KINDS) {
        await setMode(shop.url, name === "cold" ? "off" : "tiered");
        // The second process is new in each round: a second lets its runtime compile what is hot.
        await measureServers(shop, pids, files[name], 1);
        const fleet = await measureServers(shop, pids, files[name], SECONDS);
        fleets[name] = faults.note(`${name}, processes: ${pids.length}`, fleet);
        await shop.emptyLog();
      }
      return fleets as Fleets;
    };
    const alone: Fleets[] = [];
    const together: Fleets[] = [];
    for (let round = 1; round <= rounds; round++) {
      console.error(`processes: round ${round} of ${rounds}`);
      alone.push(await measure(shop.pid));
      const second = await startSecond(shop.url, dir);
      together.push(await measure(shop.pid, second.pid));
      await second.stop();
    }
    return describe(
      {
        name: "processes",
        title: "Server processes on one port",
        size: "processes",
        curves: KINDS.flatMap(curvesOf),
        summarize: () => {
          const rates = (fleets: readonly Fleets[], name: keyof Fleets) => fleets.map((of) => of[name].rate);
          return [
            {
              question: "A second process on the port?",
              figure: timesFigure(rates(together, "cold"), rates(alone, "cold")),
              answer: "Product reads a second without a cache, to those of one process.",
              detail: KINDS.map(
                (name) => `${name}: ${timesText(rates(together, name), rates(alone, name))}`,
              ).join("; "),
              chart: `growth.processes.${GAIN}`,
            },
          ];
        },
        notes: [
          `Processes: ${CONNECTIONS} connections to one port, which the kernel divides (SO_REUSEPORT). The second process is the one that the console starts. Generator, database and Redis share the machine's processors with both.`,
        ],
      },
      new Map([
        [1, samplesOf(alone, alone)],
        [2, samplesOf(together, alone)],
      ]),
    );
  } finally {
    await shop.stop();
  }
};

const GAIN = "throughput to one process";

const curvesOf = (name: (typeof KINDS)[number]): Curve[] => {
  const label = SUBJECTS.find((subject) => subject.name === name)?.title ?? name;
  return [
    { id: `${name}.rate`, label, unit: "answers/s", better: "higher" },
    { id: `${name}.gain`, label: name, unit: "×", better: "higher", chart: GAIN },
    { id: `${name}.cpu`, label: name, unit: "µs CPU", better: "lower", chart: "CPU of all processes" },
  ];
};

/** @param base the same rounds by one process */
const samplesOf = (fleets: readonly Fleets[], base: readonly Fleets[]): Record<string, number[]> =>
  Object.fromEntries(
    KINDS.flatMap((name) => [
      [`${name}.rate`, fleets.map((of) => of[name].rate)],
      [`${name}.gain`, fleets.map((of, i) => of[name].rate / (base[i]?.[name].rate ?? Number.NaN))],
      [`${name}.cpu`, fleets.map((of) => of[name].cpu)],
    ]),
  );

const prepare = async (url: string, dir: string) => {
  const files = {} as Record<keyof Fleets, string>;
  for (const name of KINDS) {
    const subject = SUBJECTS.find((candidate) => candidate.name === name);
    files[name] = join(dir, `${name}.requests`);
    await writeRequests(files[name], (await subject?.requests(clientOf(url), 0)) ?? []);
  }
  return files;
};

const measureServers = async (
  { url, servicePids }: ShopProgram,
  pids: readonly number[],
  file: string,
  seconds: number,
): Promise<Fleet> => {
  const used = async (): Promise<number> =>
    (await Promise.all(pids.map(processorSeconds))).reduce((sum, s) => sum + s, 0);
  await untilQuiet([...pids, ...servicePids]);
  const before = await used();
  const load = { url, file, seconds, connections: CONNECTIONS, skip: 0, counts: false };
  const { requests, errors, broken } = await play(load);
  return {
    rate: (requests - errors) / seconds,
    cpu: (((await used()) - before) * 1e6) / requests,
    refused: errors / requests,
    failed: broken,
  };
};

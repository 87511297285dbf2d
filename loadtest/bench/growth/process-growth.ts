import { join } from "node:path";
import { processorSeconds } from "../../harness/process-figures.ts";
import type { Program } from "../../harness/server-process.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { play, writeRequests } from "../speed/play.ts";
import { setMode, untilQuiet } from "../speed/rounds.ts";
import { startDefaultShop, startServer } from "../speed/speed-programs.ts";
import { SUBJECTS } from "../speed/subjects.ts";
import { describe, type Part, repeated } from "./growth-part.ts";

const CONNECTIONS = 64;
const SECONDS = 2;
const MEASURED = ["hot", "cold", "cart-add"] as const;

/** One and two server processes on the same database and Redis. */
export const growProcesses: Part = async ({ dir, rounds }) => {
  const shop = await startDefaultShop(dir);
  let second: Program | undefined;
  try {
    const server = await startServer(shop, dir);
    second = server;
    const files = await prepare(shop.url, dir);
    const samples = new Map<number, Record<string, number[]>>([
      [1, {}],
      [2, {}],
    ]);
    const fleets = [[shop], [shop, server]] as const;
    await repeated(rounds, async () => {
      for (const fleet of fleets) {
        for (const name of MEASURED) {
          await setMode(shop.url, name === "cold" ? "off" : "tiered");
          await untilQuiet([shop.pid, server.pid, ...shop.servicePids]);
          const { rate, cpu } = await measureFleet(fleet, files[name]);
          const own = samples.get(fleet.length) ?? {};
          (own[`${name}.rate`] ??= []).push(rate);
          (own[`${name}.cpu`] ??= []).push(cpu);
          await shop.emptyLog();
        }
      }
      return {};
    });
    return describe(
      {
        name: "processes",
        title: "Server processes",
        size: "processes",
        curves: MEASURED.flatMap((name) => {
          const title = SUBJECTS.find((subject) => subject.name === name)?.title ?? name;
          return [
            {
              id: `${name}.rate`,
              label: title,
              unit: "answers/s",
              better: "higher",
              chart: `${name}, throughput`,
            },
            { id: `${name}.cpu`, label: title, unit: "µs CPU", better: "lower", chart: `${name}, CPU` },
          ] as const;
        }),
        notes: [
          `${CONNECTIONS} connections, divided among the processes, which have a port each, as a load balancer divides them. Generator, database and Redis share the machine's processors with the servers.`,
        ],
      },
      samples,
    );
  } finally {
    await second?.stop();
    await shop.stop();
  }
};

const prepare = async (url: string, dir: string) => {
  const files = {} as Record<(typeof MEASURED)[number], string>;
  for (const name of MEASURED) {
    const subject = SUBJECTS.find((candidate) => candidate.name === name);
    files[name] = join(dir, `${name}.requests`);
    await writeRequests(files[name], (await subject?.requests(clientOf(url), 0)) ?? []);
  }
  return files;
};

const measureFleet = async (fleet: readonly Program[], file: string) => {
  const used = async (): Promise<number> =>
    (await Promise.all(fleet.map(({ pid }) => processorSeconds(pid)))).reduce((sum, s) => sum + s, 0);
  const before = await used();
  const results = await Promise.all(
    fleet.map(({ url }, i) =>
      play({
        url,
        file,
        seconds: SECONDS,
        connections: CONNECTIONS / fleet.length,
        skip: i * 1_000,
        counts: false,
      }),
    ),
  );
  const requests = results.reduce((sum, result) => sum + result.requests - result.errors, 0);
  return { rate: requests / SECONDS, cpu: (((await used()) - before) * 1e6) / requests };
};

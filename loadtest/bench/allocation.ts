import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { median } from "../report/statistics.ts";
import type { Row } from "./benchmark.ts";
import { rounded } from "./rounding.ts";
import { needed, startDefaultShop } from "./speed/speed-programs.ts";

const SUBJECT = join(import.meta.dirname, "..", "..", "functions", "http", "hot-read.bench.ts");
const ROUNDS = 3;
const SETTINGS = ["off", "on"] as const;

/** A collection in JavaScriptCore's log: the heap's size when it starts, and after it. */
const COLLECTION = /START \w (\d+)kb .*?=> (\d+)kb, p=/g;

/**
 * Bytes that a product read from memory allocates, with the resilience policies and without: what the heap grew by
 * between the collections that the runtime logs (`BUN_JSC_logGC`).
 */
export const allocationRows = async (): Promise<Row[]> => {
  const work = await mkdtemp(join(tmpdir(), "stampede-bench-"));
  const shop = await startDefaultShop(work, { CATALOG_SIZE: "100" });
  try {
    const measured: { setting: string; bytes: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const setting of SETTINGS) {
        measured.push({ setting, bytes: await bytesOfRead({ ...shop.environment, RESILIENCE: setting }) });
      }
    }
    const bytesWith = (setting: string) =>
      measured.filter((one) => one.setting === setting).map(({ bytes }) => bytes);
    const baseline = median(bytesWith(SETTINGS[0]));
    return SETTINGS.map((setting) => {
      const own = bytesWith(setting);
      return {
        "a read from memory": `RESILIENCE=${setting}`,
        "bytes allocated": rounded(median(own), 0),
        "min-max": `${rounded(Math.min(...own), 0)}-${rounded(Math.max(...own), 0)}`,
        "bytes added": rounded(median(own) - baseline, 0),
      };
    });
  } finally {
    await shop.stop();
    await rm(work, { recursive: true });
  }
};

const bytesOfRead = async (environment: Readonly<Record<string, string>>): Promise<number> => {
  const child = spawn(process.execPath, [SUBJECT], {
    // Lines of a level that is on would be counted too.
    env: { ...needed(), ...environment, LOG_LEVEL: "ERROR", CONSOLE: "off", BUN_JSC_logGC: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [reads, log] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (!(Number(reads) > 0)) throw new Error(`The reads ended early:\n${log.slice(-2_000)}`);
  return allocatedIn(log) / Number(reads);
};

/** Bytes from the end of the first collection to the start of the last. */
const allocatedIn = (log: string): number => {
  const collections = [...log.matchAll(COLLECTION)].map(([, before, after]) => ({
    before: Number(before),
    after: Number(after),
  }));
  const grown = collections.slice(1).map(({ before }, i) => before - (collections[i]?.after ?? 0));
  return 1_024 * grown.reduce((sum, kilobytes) => sum + kilobytes, 0);
};

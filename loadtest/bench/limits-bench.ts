import { join } from "node:path";
import { startEngine } from "../harness/engine-and-redis.ts";
import { startLimits } from "../harness/limits-layer.ts";
import { processorSeconds } from "../harness/process-figures.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { rounded } from "./rounding.ts";
import { outputOf } from "./wrk.ts";

const SCRIPT = join(import.meta.dirname, "dynamodb.lua");
const ROUNDS = 5;
const SECONDS = 2;
const CONNECTIONS = 16;
const ITEMS = 100;

interface Measured {
  readonly requests: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly seconds: number;
}

const load = async (port: number, operation: string, connections: number): Promise<Measured> => {
  const options = ["-t1", `-c${connections}`, `-d${SECONDS}s`, "-s", SCRIPT, `http://127.0.0.1:${port}`];
  const output = await outputOf("wrk", [...options, "--", operation, String(ITEMS)]);
  const result = /^RESULT (.+)$/m.exec(output)?.[1];
  if (result === undefined) throw new Error(`wrk gave no result:\n${output}`);
  return JSON.parse(result) as Measured;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/**
 * Cost of the limits layer: the time it adds to one call, and the calls a second for which its one thread and
 * the engine have processor time. All rules that add no time of their own are on.
 */
export const benchmark: Benchmark = async () => {
  const engine = await startEngine(); // In memory: the layer is measured, not the disk.
  const layer = await startLimits(engine, "units,partitions,indexes", 1_000);
  try {
    await load(engine.port, "CreateTable", 1);
    for (const operation of ["PutItem", "GetItem"]) await load(layer.port, operation, CONNECTIONS);
    const rows: Row[] = [];
    for (const operation of ["GetItem", "PutItem", "UpdateItem"]) {
      const [added, layerRate, engineRate]: [number[], number[], number[]] = [[], [], []];
      for (let i = 0; i < ROUNDS; i++) {
        const direct = await load(engine.port, operation, 1);
        const through = await load(layer.port, operation, 1);
        added.push(through.p50 - direct.p50);
        const pids = [layer.pid() ?? 0];
        const before = await Promise.all(pids.map(processorSeconds));
        const { requests } = await load(layer.port, operation, CONNECTIONS);
        const after = await Promise.all(pids.map(processorSeconds));
        const [ofLayer = 1] = after.map((seconds, at) => seconds - (before[at] ?? 0));
        layerRate.push(requests / ofLayer);
        engineRate.push((await load(engine.port, operation, CONNECTIONS)).requests / SECONDS);
      }
      rows.push({
        operation,
        "added ms, median": rounded(median(added), 3),
        "layer, calls a second of its thread": Math.round(median(layerRate)),
        "engine alone, calls a second": Math.round(median(engineRate)),
        ratio: rounded(median(layerRate) / median(engineRate), 1),
      });
    }
    return { "DynamoDB's limits in front of the engine": rows };
  } finally {
    await layer.stop();
    await engine.stop();
  }
};

import { join } from "node:path";
import type { ChildService } from "../harness/child-service.ts";
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
/** Of a shop's reads, and of a checkout. */
const OPERATIONS = ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems"];

interface Measured {
  readonly requests: number;
  readonly failed: number;
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

/** The load's calls for each second of a service's processor time, and by the clock. */
const ratesUnder = async (service: ChildService, operation: string) => {
  const processorTime = () => processorSeconds(service.pid() ?? 0);
  const before = await processorTime();
  const { requests, failed, seconds } = await load(service.port, operation, CONNECTIONS);
  if (failed > 0) throw new Error(`${failed} of ${requests} ${operation} failed`);
  return { ofProcessor: requests / ((await processorTime()) - before), ofClock: requests / seconds };
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/**
 * Cost of the limits layer: the time it adds to one call, and the calls for which its one thread and the engine have
 * processor time. All rules that add no time of their own are on.
 */
export const benchmark: Benchmark = async () => {
  const engine = await startEngine(); // In memory: the layer is measured, not the disk.
  const layer = await startLimits(engine, "units,partitions,indexes", 1_000);
  try {
    await load(engine.port, "CreateTable", 1);
    for (const operation of ["PutItem", "GetItem"]) await load(layer.port, operation, CONNECTIONS);
    const rows: Row[] = [];
    for (const operation of OPERATIONS) {
      const [added, ofLayer, ofEngine, engineAlone]: [number[], number[], number[], number[]] = [
        [],
        [],
        [],
        [],
      ];
      for (let i = 0; i < ROUNDS; i++) {
        const direct = await load(engine.port, operation, 1);
        const through = await load(layer.port, operation, 1);
        added.push(through.p50 - direct.p50);
        ofLayer.push((await ratesUnder(layer, operation)).ofProcessor);
        const alone = await ratesUnder(engine, operation);
        ofEngine.push(alone.ofProcessor);
        engineAlone.push(alone.ofClock);
      }
      rows.push({
        operation,
        "added ms, median": rounded(median(added), 3),
        "layer, calls a processor second": Math.round(median(ofLayer)),
        "engine, calls a processor second": Math.round(median(ofEngine)),
        "engine alone, calls a second": Math.round(median(engineAlone)),
        "layer to engine": rounded(median(ofLayer) / median(ofEngine), 1),
        "layer to engine alone": rounded(median(ofLayer) / median(engineAlone), 1),
      });
    }
    return { "DynamoDB's limits in front of the engine": rows };
  } finally {
    await layer.stop();
    await engine.stop();
  }
};

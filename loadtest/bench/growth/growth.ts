import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commonWarnings } from "../../experiments/lab-figures.ts";
import type { ExperimentResult } from "../../report/run-result.ts";
import { chosenOf, type Options } from "../bench-options.ts";
import { growCarts } from "./cart-growth.ts";
import { openFaultLog } from "./fault-log.ts";
import { priceRequests } from "./growth-cost.ts";
import type { Part } from "./growth-part.ts";
import { watchMemory } from "./memory-growth.ts";
import { growOrders } from "./order-growth.ts";
import { growProcesses } from "./process-growth.ts";
import { growProducts } from "./product-growth.ts";

const PARTS: Readonly<Record<string, Part>> = {
  processes: growProcesses,
  products: growProducts,
  carts: growCarts,
  orders: growOrders,
  memory: watchMemory,
  cost: priceRequests,
};
const ROUNDS = 3;

export const GROWTH_PARTS = Object.keys(PARTS);

/** How cost, memory and latency grow with what the shop holds and serves. */
export const measureGrowth = async (options: Options): Promise<ExperimentResult> => {
  const { rounds = ROUNDS, isQuick = false } = options;
  const parts = chosenOf(GROWTH_PARTS, options);
  const startedAt = new Date();
  const dir = await mkdtemp(join(tmpdir(), "stampede-growth-"));
  try {
    const findings = [];
    const faults = openFaultLog();
    for (const name of parts) {
      const own = join(dir, name);
      await mkdir(own);
      console.error(`${name} …`);
      const part = await PARTS[name]?.({ dir: own, rounds, isQuick, faults });
      if (part) findings.push(part);
      await rm(own, { recursive: true });
    }
    return {
      name: "growth",
      title: "Scale and growth",
      startedAt: startedAt.toISOString(),
      seconds: Math.round((Date.now() - startedAt.getTime()) / 1_000),
      isComplete: true,
      isQuick,
      summary: findings.flatMap(({ summary }) => summary),
      verdicts: [],
      warnings: [...commonWarnings(rounds, []), ...faults.warnings()],
      method: [
        "The shop runs as `npm start >shop.log` runs it, every setting at its default where nothing else is said.",
        "CPU: user and system time of the server process, divided by the answers. The generator shares the machine's processors.",
        ...findings.flatMap(({ notes }) => notes),
      ],
      settings: { rounds },
      measures: findings.flatMap(({ measures }) => measures),
      charts: findings.flatMap(({ charts }) => charts),
      tables: findings.flatMap(({ tables }) => tables),
      raw: {},
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

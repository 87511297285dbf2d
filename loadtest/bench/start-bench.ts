import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProcess } from "../harness/process-figures.ts";
import { clientOf } from "../harness/shop-client.ts";
import { startShop } from "../harness/shop-process.ts";
import type { Benchmark } from "./benchmark.ts";
import { rounded } from "./rounding.ts";

const PRODUCTS = Number(process.env.CATALOG_SIZE || 100_000);
const FIRST_START_TIMEOUT_MS = 1_800_000;

/** How long until everything is answered: a first start that makes the catalogue, against restarts that find it. */
export const benchmark: Benchmark = async () => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-bench-"));
  try {
    const first = await measureStart("baseline: first start", dir, "SIGTERM");
    const rows = [
      first,
      await measureStart("restart", dir, "SIGKILL"),
      await measureStart("restart after kill -9", dir, "SIGTERM"),
      await measureStart("restart without the search index", dir, "SIGTERM", ["search.db"]),
    ];
    return {
      [`start with ${PRODUCTS} products`]: rows.map((row) => ({
        ...row,
        "to baseline": rounded(row["all answered s"] / first["all answered s"], 3),
      })),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

/** @param ending how the shop is stopped afterwards @param without files that are removed before */
const measureStart = async (
  kind: string,
  dir: string,
  ending: NodeJS.Signals,
  without: readonly string[] = [],
) => {
  for (const file of without) await rm(join(dir, file));
  const startedAt = performance.now();
  const seconds = (): number => rounded((performance.now() - startedAt) / 1000);
  const environment = { DATA_DIR: dir, CATALOG_SIZE: String(PRODUCTS), LOG_LEVEL: "WARN" };
  const shop = await startShop(environment, FIRST_START_TIMEOUT_MS);
  const client = clientOf(shop.url);
  const paths = ["/health", "/products/1", "/products/search?q=lamp", "/cart/ann", "/products/hot"];
  const statuses = await Promise.all(paths.map(async (path) => (await client.get(path)).status));
  const allAnswered = seconds();
  await Bun.sleep(5_000);
  const memory = await readProcess(shop.pid);
  shop.kill(ending);
  await shop.exited;
  return {
    kind,
    "all answered s": allAnswered,
    "not 200": statuses.filter((status) => status !== 200).length,
    "idle RSS MB": rounded(memory?.memoryMb ?? Number.NaN, 0),
  };
};

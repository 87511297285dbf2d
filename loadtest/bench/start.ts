import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientOf } from "../system/client.ts";
import { type ShopProcess, startShop } from "../system/shop-process.ts";
import type { Benchmark } from "./run.ts";
import { rounded } from "./statistics.ts";

const PRODUCTS = 100_000;

/** How long people wait: a first start that makes the catalogue, against a restart that finds it. */
export const benchmark: Benchmark = async () => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-bench-"));
  try {
    const first = await measureStart("baseline: first start", dir);
    const restart = await measureStart("restart", dir);
    const rows = [first, restart].map((row) => ({
      ...row,
      "to baseline": rounded(row["first product s"] / first["first product s"], 3),
    }));
    return { start: rows };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

const measureStart = async (kind: string, dir: string) => {
  const startedAt = performance.now();
  const seconds = (): number => rounded((performance.now() - startedAt) / 1000);
  const shop: ShopProcess = await startShop({
    DATA_DIR: dir,
    CATALOG_SIZE: String(PRODUCTS),
    LOG_LEVEL: "WARN",
  });
  const client = clientOf(shop.url);
  await client.get("/products/1");
  const firstProduct = seconds();
  while ((await client.get("/products/search?q=lamp")).status !== 200) await Bun.sleep(50);
  const firstSearch = seconds();
  await Bun.sleep(5_000);
  const { body } = await client.get("/health");
  shop.kill("SIGTERM");
  await shop.exited;
  return {
    kind,
    "first product s": firstProduct,
    "first search s": firstSearch,
    "idle RSS MB": body.memory_mb,
  };
};

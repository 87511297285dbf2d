import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithRedis } from "../harness/describe-with.ts";
import { endWithTests } from "../harness/end-with-tests.ts";
import { threadSeconds } from "../harness/process-figures.ts";
import type { Program } from "../harness/server-process.ts";
import { median } from "../report/statistics.ts";
import { startLimit } from "./speed/limit.ts";
import { startDefaultShop } from "./speed/speed-programs.ts";
import { HOT } from "./speed/subjects.ts";

/**
 * Processor time of a product read from memory, to that of bare `Bun.serve` with the same bytes. `npm run bench --
 * speed` measures it; this is to notice when it is lost, with slack for a machine that does other work.
 */
const MOST = 3;
const ROUNDS = 5;
const READS = 4_000;
const AT_ONCE = 64;

const read = async (url: string): Promise<void> => {
  const response = await fetch(url + HOT);
  await response.arrayBuffer();
  expect(response.status).toBe(200);
};

/** Seconds of processor time that reads cost the server. */
const cost = async ({ url, pid }: Program): Promise<number> => {
  const before = await threadSeconds(pid);
  let left = READS;
  const reader = async (): Promise<void> => {
    while (left-- > 0) await read(url);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  return (await threadSeconds(pid)) - before;
};

describeWithRedis("a hot read", () => {
  test(`costs at most ${MOST} times the processor time of the bare server`, {
    timeout: 300_000,
  }, async () => {
    const dir = await mkdtemp(join(tmpdir(), "stampede-hot-"));
    endWithTests(() => rm(dir, { recursive: true, force: true }));
    const shop = await startDefaultShop(dir, { CATALOG_SIZE: "5000" });
    endWithTests(shop.stop);
    const limit = await startLimit(shop.url);
    endWithTests(limit.stop);
    const ratios: number[] = [];
    // The first round lets the runtimes compile what is hot.
    for (let round = 0; round <= ROUNDS; round++) {
      const least = await cost(limit);
      const own = await cost(shop);
      if (round > 0) ratios.push(own / least);
    }
    expect(median(ratios), `ratios of the rounds: ${ratios.map((ratio) => ratio.toFixed(2))}`).toBeLessThan(
      MOST,
    );
  });
});

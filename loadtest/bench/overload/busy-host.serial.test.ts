import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { PATIENT, startDefaultShop } from "../speed/speed-programs.ts";
import { startBusyLoops } from "./busy-loops.ts";
import { prepareKinds } from "./kinds.ts";
import { askSteadily } from "./steady.ts";

const PRODUCTS = 2_000;
const LOOPS = 4;
const PER_SECOND = 20;
const SECONDS = 8;

describeWithRedis("a host that is busy with other work", () => {
  test("refuses nobody", { timeout: 120_000 }, async () => {
    const dir = await mkdtemp(join(tmpdir(), "stampede-busy-"));
    endWithTests(() => rm(dir, { recursive: true, force: true }));
    const shop = await startDefaultShop(dir, { ...PATIENT, CATALOG_SIZE: String(PRODUCTS) });
    endWithTests(shop.stop);
    const kinds = await prepareKinds(shop.url, PRODUCTS);
    const loops = startBusyLoops(LOOPS);
    endWithTests(loops.stop);
    const { requests, refused, reasons, failures } = await askSteadily(shop.url, kinds, PER_SECOND, SECONDS);
    await loops.stop();
    expect(requests).toBeGreaterThanOrEqual(PER_SECOND * SECONDS);
    expect(refused, String(reasons)).toBe(0);
    expect(failures).toEqual([]);
  });
});

import { existsSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { describeWithLocust } from "../harness/describe-with.ts";
import { launchShop } from "../harness/test-shops.ts";
import { finish, readRun, SHORT, start, TIMEOUT_MS } from "./short-runs.ts";

describeWithLocust("experiments on a shop that runs already", () => {
  // The longest first.
  describe.concurrent("all at once", () => {
    test("flash: stock is as before, counted in as many shards", { timeout: TIMEOUT_MS }, async () => {
      // Four other shops start beside it: its database may take its time.
      const shop = await launchShop({ CATALOG_SIZE: "300", DYNAMODB_TIMEOUT_MS: "10000" });
      const set = await shop.client.put("/products/2/stock", { available: 900, shards: 4 });
      expect(set.status).toBe(200);
      await finish(await start(["flash", ...SHORT, "--users", "20", "--url", shop.url]));
      const { body } = await shop.client.get("/products/2/stock");
      expect(body).toMatchObject({ available: 900, shards: 4 });
      expect(body.sold).toBeGreaterThan(0);
    });

    test("load: as one shop, of whose processes nothing is said", { timeout: TIMEOUT_MS }, async () => {
      const shop = await launchShop({ CATALOG_SIZE: "300" });
      // Percentiles want a hundred answers a step, also from a busy machine.
      const words = ["load", ...SHORT, "--duration", "4", "--users", "100", "--url", shop.url];
      const { raw, summary } = await finish(await start(words));
      expect(new Set(raw.steps?.map(({ servers }) => servers))).toEqual(new Set([1]));
      expect(summary[0]?.question).toBe("Where does the shop buckle?");
      expect(summary[0]?.detail).toContain("not seen from here");
    });

    test("recovery: its own switches break it, and it is whole again afterwards", {
      timeout: TIMEOUT_MS,
    }, async () => {
      const shop = await launchShop({ CATALOG_SIZE: "300" });
      const words = ["recovery", ...SHORT, "--users", "20", "--url", shop.url];
      const { raw, method, verdicts } = await finish(await start(words));
      expect(raw.faults).toHaveLength(5);
      expect(new Set(raw.faults?.map(({ arm }) => arm))).toEqual(new Set(["all"]));
      expect(method.join()).not.toMatch(/Two shops|SIGKILL/);
      expect(verdicts.map(({ name }) => name)).toEqual(["No wrong content"]);
      await vi.waitFor(async () => {
        const added = await shop.client.post("/cart/after/items", { product_id: 1, quantity: 1 });
        expect(added.status).toBe(200);
      }, 60_000);
    });

    test("a shop that runs already is measured, and left as it was", { timeout: TIMEOUT_MS }, async () => {
      const shop = await launchShop({ CATALOG_SIZE: "300", CACHE_MODE: "redis" });
      const experiment = await start(["cache", ...SHORT, "--users", "2", "--url", shop.url]);
      const { warnings } = await finish(experiment);
      expect(warnings.join()).toContain("Somebody's running shop");
      expect((await readRun(experiment)).environment.target).toBe(shop.url);
      expect(await shop.cache()).toMatchObject({ mode: "redis" });
      expect((await shop.client.get("/health")).status).toBe(200);
    });

    test("faults that are off are reported before anything is begun", { timeout: TIMEOUT_MS }, async () => {
      const shop = await launchShop({ CATALOG_SIZE: "20", FAULTS: "off" });
      const experiment = await start(["hot", ...SHORT, "--url", shop.url]);
      expect(await experiment.exited).toBe(2);
      expect(experiment.output()).toContain("and hot can't do without: start it with FAULTS=on");
      expect(existsSync(experiment.out)).toBe(false);
    });
  });
});

// cspell:ignore fulfill -- Playwright's

import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { describeWithBrowser } from "../../loadtest/harness/describe-with.ts";
import { tempDataDir } from "../testing/data-dirs.ts";
import { flawsOf, PATIENCE, useShopPage } from "../testing/shop-page.ts";

const MOST_BUYERS = 8;
const BREAKER = '[data-breaker="payment"]';

describeWithBrowser("the console in a browser", () => {
  const stage = useShopPage();
  let load: NodeJS.Timeout;

  beforeAll(() => {
    let buyer = 0;
    let underWay = 0;
    const buy = async (): Promise<void> => {
      const { client } = stage.shop;
      const user = `buyer-${++buyer}`;
      await client.get(`/products/${1 + (buyer % 20)}`);
      await client.post(`/cart/${user}/items`, { product_id: 7, quantity: 1 });
      await client.post(`/cart/${user}/checkout`);
    };
    load = setInterval(() => {
      // On a slow machine they would pile up.
      if (underWay >= MOST_BUYERS) return;
      underWay += 1;
      void buy()
        .catch(() => undefined)
        .finally(() => {
          underWay -= 1;
        });
    }, 100);
  });
  afterAll(() => clearInterval(load));
  beforeEach(async () => {
    await stage.page.goto(`${stage.shop.url}/console`);
    await stage.page.getByText("Live", { exact: true }).waitFor();
  });

  /** A 503 that the page was given is an answer, which it shows. */
  const defects = () => stage.complaints.filter((text) => !text.startsWith("Failed to load resource"));
  /** The first event of a stream, however many pieces it comes in. */
  const firstEvent = async (headers: Record<string, string>): Promise<string> => {
    const { body } = await fetch(`${stage.shop.url}/console/events`, { headers });
    let text = "";
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (text.includes("\n\n")) break;
    }
    return text;
  };
  const breakerState = () => stage.page.locator(BREAKER).getAttribute("data-state");

  test("it shows the load, second by second", async () => {
    const { page } = stage;
    await expect
      .poll(() => page.locator(".tile b").first().textContent(), PATIENCE)
      .toMatch(/^[\d.,]*[1-9][\d.,]*\/s$/);
    await expect.poll(() => page.locator(".charts canvas").count()).toBeGreaterThanOrEqual(12);
    await expect
      .poll(() => page.locator(".legend", { hasText: "checkout" }).first().textContent(), PATIENCE)
      .toContain("POST /cart/{userId}/checkout");
    expect(await page.getByRole("img", { name: /The shop answers/ }).count()).toBe(1);
    // Redis may have nothing to do: memory answers.
    for (const edge of ["clients", "dynamodb", "payment"]) {
      await expect
        .poll(() => page.locator(`[data-edge="${edge}"]`).textContent(), PATIENCE)
        .toMatch(/^[\d.,]*[1-9][\d.,]*\/s[\d.]+ m?s$/);
    }
    expect(defects()).toEqual([]);
  });

  test("a breaker that is opened from the page opens, half opens and closes", async () => {
    const { page } = stage;
    const seen = new Set<string | null>();
    expect(await breakerState()).toBe("closed");
    await page.getByRole("button", { name: "Break payment" }).click();
    await expect
      .poll(async () => {
        seen.add(await breakerState());
        return [...seen];
      }, PATIENCE)
      .toContain("open");
    await page.locator(".log li.alarm", { hasText: "payment breaker open" }).first().waitFor();
    await page.getByRole("button", { name: /^Mend/ }).click();
    await expect.poll(breakerState, PATIENCE).toBe("closed");
    // It is half open for less than a second, which the log keeps.
    const log = await page.locator(".log li").allTextContents();
    expect(log.filter((line) => /payment (broken|mended|breaker)/.test(line)).length).toBeGreaterThanOrEqual(
      4,
    );
    expect(defects()).toEqual([]);
  });

  test("the cache is switched, and reads come from elsewhere", async () => {
    const { page, shop } = stage;
    const reads = (source: string) => page.locator(".legend li", { hasText: source }).first().locator("b");
    await page.getByLabel("No cache").click({ force: true });
    await page.locator(".log li", { hasText: "cache off" }).first().waitFor();
    expect((await shop.client.get("/cache")).body.mode).toBe("off");
    await expect.poll(() => reads("memory").textContent(), PATIENCE).toBe("0/s");
    await page.getByLabel("Memory, then Redis").click({ force: true });
    await expect.poll(() => reads("memory").textContent(), PATIENCE).not.toBe("0/s");
    expect((await shop.client.get("/cache")).body.mode).toBe("tiered");
  });

  test("a stream that is cut resumes where it was", async () => {
    const { context, page, shop } = stage;
    const asked: (string | undefined)[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/console/events")) asked.push(request.headers()["last-event-id"]);
    });
    await context.setOffline(true);
    await page.reload().catch(() => undefined);
    await context.setOffline(false);
    await page.goto(`${shop.url}/console`);
    await page.getByText("Live", { exact: true }).waitFor();
    const head = await firstEvent({});
    const id = /^id: (\S+)/.exec(head)?.[1] ?? "";
    expect(JSON.parse(/data: (.*)/.exec(head)?.[1] ?? "[]").length).toBeGreaterThan(1);
    const next = await firstEvent({ "last-event-id": id });
    const [run, last] = id.split("-");
    const missed = JSON.parse(/data: (.*)/.exec(next)?.[1] ?? "[]") as { id: number }[];
    expect(missed.every((moment) => moment.id > Number(last))).toBe(true);
    expect(/^id: (\S+)-/.exec(next)?.[1]).toBe(run);
  });

  test("a load runs, Redis is killed meanwhile, and the checker gives its verdict", async () => {
    const { page, shop } = stage;
    const ask = (body: unknown, headers = {}) => shop.client.post("/console/actions", body, headers);
    const load = { readsPerSecond: 50, shoppers: 2, seconds: 5, spike: false, hotShare: 0 };
    for (const wrong of [{ do: "nothing" }, { do: "load", load: { ...load, readsPerSecond: 1e6 } }]) {
      expect((await ask(wrong)).body.error).toBe("VALIDATION_FAILED");
    }
    expect((await fetch(`${shop.url}/console/actions`, { method: "POST", body: "{}" })).status).toBe(415);
    expect((await ask({ do: "load", load })).status).toBe(202);
    expect((await ask({ do: "load", load })).body.error).toBe("LOAD_RUNS");
    const { pid } = (await shop.readServices()).redis ?? {};
    if (pid) await page.getByRole("button", { name: "kill Redis" }).click();
    await page.locator(".log li.verdict", { hasText: "verdict: ok" }).waitFor();
    if (pid) await expect.poll(async () => (await shop.readServices()).redis?.pid, PATIENCE).not.toBe(pid);
  });

  test("a part that fails says so, and the rest stays usable", async () => {
    const { page } = stage;
    await page.route("**/products/hot", (route) =>
      route.fulfill({ json: { hot_products: [{ product_id: 7, name: {}, hot: { reads: null } }] } }),
    );
    await page.getByRole("alert").getByText("This part of the page has failed").waitFor(PATIENCE);
    await page.getByLabel("No cache").click({ force: true });
    await page.locator(".log li", { hasText: "cache off" }).first().waitFor();
    await page.getByLabel("Memory, then Redis").click({ force: true });
    await page.unroute("**/products/hot");
    await page.getByRole("button", { name: "Show it again" }).click();
    await page.getByRole("heading", { name: "Hot products" }).waitFor();
  });

  test("a load is stopped before its time, and judged", async () => {
    const { page, shop } = stage;
    const load = { readsPerSecond: 20, shoppers: 2, seconds: 120, spike: false, hotShare: 0 };
    await page.getByRole("button", { name: "Start the load" }).waitFor(PATIENCE);
    expect((await shop.client.post("/console/actions", { do: "load", load })).status).toBe(202);
    await page.getByRole("button", { name: /^Running, \d+ s left$/ }).waitFor();
    for (let times = 0; times < 2; times++) await shop.client.post("/console/actions", { do: "stop-load" });
    await page.locator(".log li.verdict").first().waitFor(PATIENCE);
    await page.getByRole("button", { name: "Start the load" }).waitFor(PATIENCE);
  });

  test("a run is saved to one file, which opens without the shop and has no controls", async () => {
    const { context, page, complaints } = stage;
    await expect.poll(() => page.locator(".tile b").first().textContent(), PATIENCE).not.toBe("0/s");
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save this run" }).click(),
    ]);
    const file = join(await tempDataDir(), "run.html");
    await saved.saveAs(file);
    await context.setOffline(true);
    await page.goto(`file://${file}`);
    await page.getByText("A saved run").waitFor();
    expect(await page.locator(".tile b").first().textContent()).toMatch(/\d\/s$/);
    expect(await page.getByRole("button", { name: /Break|Start the load|kill|Pin|Save/ }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test.each([390, 820, 1920])(
    "it fits %i pixels in both themes, without a serious finding",
    async (width) => {
      const { page } = stage;
      await page.setViewportSize({ width, height: 900 });
      await page.locator(".charts canvas").first().waitFor();
      expect(await flawsOf(page, `console-${width}`, true)).toEqual([]);
    },
  );
});

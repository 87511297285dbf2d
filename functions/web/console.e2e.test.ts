import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Launcher, launchShop } from "../../loadtest/harness/test-shops.ts";
import {
  complaintsOf,
  describeWithBrowser,
  launchBrowser,
  overflowOf,
  seriousFindings,
} from "../testing/browser.ts";

/** Where the pictures of a run go, for a person to look at; nowhere unless set. */
const { SCREENSHOTS } = process.env;
/** For a machine that is busy. */
const PATIENCE = { timeout: 30_000 };
const BREAKER = '[data-breaker="payment"]';

describeWithBrowser("the console in a browser", () => {
  let shop: Launcher;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  let load: NodeJS.Timeout;

  beforeAll(async () => {
    [shop, browser] = await Promise.all([launchShop({ CATALOG_SIZE: "300" }), launchBrowser()]);
    let buyer = 0;
    load = setInterval(async () => {
      const user = `buyer-${++buyer}`;
      await shop.client.get(`/products/${1 + (buyer % 20)}`);
      await shop.client.post(`/cart/${user}/items`, { product_id: 7, quantity: 1 });
      await shop.client.post(`/cart/${user}/checkout`);
    }, 40);
  });
  afterAll(async () => {
    clearInterval(load);
    await browser?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
    page = await context.newPage();
    complaints = complaintsOf(page);
    await page.goto(`${shop.url}/console`);
    await page.getByText("Live", { exact: true }).waitFor();
  });
  afterEach(() => context.close());

  /** A 503 that the page was given is an answer, which it shows. */
  const defects = () => complaints.filter((text) => !text.startsWith("Failed to load resource"));
  const breakerState = () => page.locator(BREAKER).getAttribute("data-state");

  test("it shows the load, second by second", async () => {
    await expect
      .poll(() => page.locator(".tile b").first().textContent(), PATIENCE)
      .toMatch(/^[\d.,]*[1-9][\d.,]*\/s$/);
    await expect.poll(() => page.locator(".charts canvas").count()).toBeGreaterThanOrEqual(12);
    await expect
      .poll(() => page.locator(".legend", { hasText: "checkout" }).first().textContent(), PATIENCE)
      .toContain("POST /cart/{userId}/checkout");
    expect(await page.getByRole("img", { name: /The shop answers/ }).count()).toBe(1);
    expect(defects()).toEqual([]);
  });

  test("a breaker that is opened from the page opens, half opens and closes", async () => {
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
    const asked: (string | undefined)[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/console/events")) asked.push(request.headers()["last-event-id"]);
    });
    await context.setOffline(true);
    await page.reload().catch(() => undefined);
    await context.setOffline(false);
    await page.goto(`${shop.url}/console`);
    await page.getByText("Live", { exact: true }).waitFor();
    const first = await fetch(`${shop.url}/console/events`);
    const reader = first.body?.getReader();
    const head = new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
    const id = /^id: (\S+)/.exec(head)?.[1] ?? "";
    expect(JSON.parse(/data: (.*)/.exec(head)?.[1] ?? "[]").length).toBeGreaterThan(1);
    const resumed = await fetch(`${shop.url}/console/events`, { headers: { "last-event-id": id } });
    const rest = resumed.body?.getReader();
    const next = new TextDecoder().decode((await rest?.read())?.value);
    await rest?.cancel();
    const [run, last] = id.split("-");
    const missed = JSON.parse(/data: (.*)/.exec(next)?.[1] ?? "[]") as { id: number }[];
    expect(missed.every((moment) => moment.id > Number(last))).toBe(true);
    expect(/^id: (\S+)-/.exec(next)?.[1]).toBe(run);
  });

  test("a load runs, Redis is killed meanwhile, and the checker gives its verdict", async () => {
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
    await page.locator(".log li.verdict", { hasText: "verdict: ok" }).waitFor({ timeout: 60_000 });
    if (pid) expect((await shop.readServices()).redis?.pid).not.toBe(pid);
  });

  test("a lesson drives the page to its end, and tells it in figures", async () => {
    await page.getByRole("button", { name: "A breaker opens and closes" }).click();
    await expect
      .poll(() => page.locator(".step").textContent(), { timeout: 150_000 })
      .toMatch(/You just saw: The breaker was open for about [1-9]\d* s and refused/);
    expect(await breakerState()).toBe("closed");
  });

  test("pages of other origins learn nothing", async () => {
    const denied = await shop.client.post(
      "/console/actions",
      { do: "stop-load" },
      { origin: "http://evil.example" },
    );
    expect(denied.status).toBe(403);
    for (const name of ["origin", "host"]) {
      const headers = { [name]: name === "host" ? "evil.example" : "http://evil.example" };
      const answer = await fetch(`${shop.url}/console/events`, { headers });
      expect(answer.status).toBe(403);
      await answer.body?.cancel();
    }
  });

  test.each([390, 820, 1920])(
    "it fits %i pixels in both themes, without a serious finding",
    async (width) => {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.locator(".charts canvas").first().waitFor();
        expect(await overflowOf(page)).toBe(0);
        expect(await seriousFindings(page), colorScheme).toEqual([]);
        if (SCREENSHOTS) {
          const path = `${SCREENSHOTS}/console-${width}-${colorScheme}.png`;
          await page.screenshot({ path, fullPage: true });
        }
      }
    },
  );
});

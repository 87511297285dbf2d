import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../loadtest/harness/browser.ts";
import { describeWithBrowser } from "../../loadtest/harness/describe-with.ts";
import { ENDPOINTS } from "../http/endpoints.ts";
import { startServer } from "../testing/http.ts";

describeWithBrowser("the documentation page in a browser", () => {
  const { url } = startServer();
  const complaints: string[] = [];
  const asked = new Set<string>();
  let browser: Browser;
  let page: Page;

  /** Loaded once: what changes between the tests, a reader can change while looking at the page. */
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme: "light" });
    page.on("console", (line) => {
      if (["error", "warning"].includes(line.type())) complaints.push(line.text());
    });
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("requestfailed", (request) => complaints.push(request.url()));
    page.on("request", (request) => asked.add(new URL(request.url()).origin));
    await page.goto(`${url}/docs`);
    await page.waitForSelector(".opblock");
  });
  afterAll(() => browser?.close());

  const overflow = (): Promise<number> =>
    page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  const isDark = (): Promise<boolean> =>
    page.evaluate<boolean>("document.documentElement.classList.contains('dark-mode')");
  const opened = async (id: string, part: string) => {
    const operation = page.locator(id);
    await operation.locator(".opblock-summary-control").click();
    await operation.locator(part).waitFor();
    return operation;
  };

  test("it shows every operation", async () => {
    expect(await page.title()).toBe("Stampede API");
    const shown = await page.locator(".opblock-summary-path").allTextContents();
    // The page puts invisible spaces at which a long path may break.
    expect(shown.map((path) => path.replaceAll("\u200b", "")).sort()).toEqual(
      ENDPOINTS.map(({ route }) => route.path).sort(),
    );
  });

  test("an operation shows examples of what goes in and what comes out", async () => {
    const checkout = await opened("#operations-Cart-postCartUserIdCheckout", ".responses-table");
    const text = await checkout.textContent();
    for (const part of ["Idempotency-Key", "PAYMENT_DECLINED", '"order_id": "ORD-', '"pending_payment"']) {
      expect(text).toContain(part);
    }
  });

  test("it fits a phone and a desk, and follows the reader's colours", async () => {
    expect([await overflow(), await isDark()]).toEqual([0, false]);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(isDark).toBe(true);
    expect(await overflow()).toBe(0);
  });

  test("an operation can be tried out", async () => {
    const health = await opened("#operations-Operations-getHealth", ".execute");
    await health.locator(".execute").click();
    const live = health.locator(".live-responses-table");
    await live.waitFor();
    expect(await live.textContent()).toMatch(/200[\s\S]*"status": "healthy"/);
  });

  test("nothing went wrong on the way, and no other host was asked", () => {
    expect(complaints).toEqual([]);
    expect([...asked]).toEqual([url]);
  });

  test("no other host can be asked", async () => {
    await page.evaluate("fetch('http://127.0.0.1:9/leak').catch(() => undefined)");
    expect(complaints.join()).toContain("Content Security Policy");
  });
});

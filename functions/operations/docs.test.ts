import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../router/routes.ts";
import { startServer } from "../testing/http.ts";

const CHROMIUM = "/usr/bin/chromium";
const canRun = existsSync(CHROMIUM) || Boolean(process.env.REQUIRE_ALL_SUITES);
if (!canRun) {
  console.warn(`The documentation page was NOT tested: ${CHROMIUM} is missing (apt-get install chromium)`);
}

describe.runIf(canRun)("the documentation page in a browser", () => {
  const { url } = startServer();
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      ],
    });
  });
  afterAll(() => browser?.close());

  /** Opens the page and notes whatever it complains about and wherever it asks. */
  const open = async (width: number, colorScheme: "light" | "dark") => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    const asked = new Set<string>();
    page.on("console", (line) => {
      if (["error", "warning"].includes(line.type())) complaints.push(line.text());
    });
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("requestfailed", (request) => complaints.push(request.url()));
    page.on("request", (request) => asked.add(new URL(request.url()).origin));
    await page.goto(`${url}/docs`);
    await page.waitForSelector(".opblock");
    return { page, complaints, asked };
  };

  const overflow = (page: Page): Promise<number> =>
    page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

  test.each([
    [390, "light"],
    [1440, "dark"],
  ] as const)(
    "at %d px, %s: every operation, from this host alone, without a complaint",
    async (width, scheme) => {
      const { page, complaints, asked } = await open(width, scheme);
      expect(await page.title()).toBe("Stampede API");
      const shown = await page.locator(".opblock-summary-path").allTextContents();
      // The page puts invisible spaces at which a long path may break.
      expect(shown.map((path) => path.replaceAll("\u200b", "")).sort()).toEqual(
        ROUTES.map(({ route }) => route.path).sort(),
      );
      expect(await overflow(page)).toBe(0);

      const checkout = page.locator("#operations-Cart-postCartUserIdCheckout");
      await checkout.locator(".opblock-summary-control").click();
      await checkout.locator(".responses-table").waitFor();
      const text = await checkout.textContent();
      for (const part of ["Idempotency-Key", "PAYMENT_DECLINED", '"order_id": "ORD-', '"pending_payment"']) {
        expect(text).toContain(part);
      }
      expect(await overflow(page)).toBe(0);
      expect(await page.evaluate("document.documentElement.classList.contains('dark-mode')")).toBe(
        scheme === "dark",
      );
      expect(complaints).toEqual([]);
      expect([...asked]).toEqual([url]);
      await page.close();
    },
  );

  test("an operation can be tried out, and no other host be asked", async () => {
    const { page, complaints } = await open(1440, "light");
    const health = page.locator("#operations-Operations-getHealth");
    await health.locator(".opblock-summary-control").click();
    await health.getByRole("button", { name: "Execute" }).click();
    const live = health.locator(".live-responses-table");
    await live.waitFor();
    expect(await live.textContent()).toMatch(/200[\s\S]*"status": "healthy"/);
    expect(complaints).toEqual([]);

    await page.evaluate("fetch('http://127.0.0.1:9/leak').catch(() => undefined)");
    expect(complaints.join()).toContain("Content Security Policy");
    await page.close();
  });
});

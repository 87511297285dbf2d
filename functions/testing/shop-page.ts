import { mkdirSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { complaintsOf, launchBrowser, overflowOf, seriousFindings } from "../../loadtest/harness/browser.ts";
import { type Launcher, launchShop } from "../../loadtest/harness/test-shops.ts";

/** For a machine that is busy. */
export const PATIENCE = { timeout: 90_000 };

/** Where the pictures of a run go, for a person to look at; nowhere unless set. */
const { SCREENSHOTS } = process.env;

/** The stage of a page's test. */
export interface ShopPage {
  readonly shop: Launcher;
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors and warnings of the page so far. */
  readonly complaints: readonly string[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A shop and a browser for the tests of a suite, and a new page for each of them. */
export const useShopPage = (environment: Record<string, string> = {}): ShopPage => {
  const stage = {} as Mutable<ShopPage>;
  beforeAll(async () => {
    if (SCREENSHOTS) mkdirSync(SCREENSHOTS, { recursive: true });
    [stage.shop, stage.browser] = await Promise.all([
      launchShop({ CATALOG_SIZE: "300", DYNAMODB_TIMEOUT_MS: "10000", ...environment }),
      launchBrowser(),
    ]);
  });
  afterAll(() => stage.browser?.close());
  beforeEach(async () => {
    const viewport = { width: 1440, height: 900 };
    stage.context = await stage.browser.newContext({ viewport, colorScheme: "light" });
    stage.page = await stage.context.newPage();
    stage.page.setDefaultTimeout(PATIENCE.timeout);
    stage.complaints = complaintsOf(stage.page);
  });
  afterEach(() => stage.context.close());
  return stage;
};

/** Faults of a page in both themes: overflow in pixels, and serious findings of axe. */
export const flawsOf = async (page: Page, name: string, isFullPage = false): Promise<string[]> => {
  const flaws: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const overflow = await overflowOf(page);
    if (overflow > 0) flaws.push(`${name}, ${colorScheme}: ${overflow} pixels too wide`);
    // A theme changes colours alone.
    const rules = colorScheme === "dark" ? ["color-contrast"] : undefined;
    for (const finding of await seriousFindings(page, rules))
      flaws.push(`${name}, ${colorScheme}: ${finding}`);
    if (!SCREENSHOTS) continue;
    await page.screenshot({ path: `${SCREENSHOTS}/${name}-${colorScheme}.png`, fullPage: isFullPage });
  }
  return flaws;
};

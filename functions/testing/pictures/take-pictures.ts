/**
 * `npm run pictures`: takes the pictures in `docs/images` again, of the real pages in Chromium. `-- shop` takes those of the
 * storefront and the console, `-- report` the one of an experiment's report; both are taken unless some are named. `-- growth` takes
 * the plots of the last `npm run bench -- growth`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../../loadtest/harness/browser.ts";
import { type ShopProcess, startShop } from "../../../loadtest/harness/shop-process.ts";
import { PAGE } from "../../../loadtest/report/write-report.ts";
import { animatedWebp, type Frame } from "./animated-webp.ts";
import { takeGrowth } from "./growth-pictures.ts";

const IMAGES = join(import.meta.dirname, "../../../docs/images");
const EXPERIMENT = join(import.meta.dirname, "../../../loadtest/experiments/experiment-command.ts");
const REPORTED = ["cache", "--quick"];
const PRODUCTS = 2_000;

/** Of the animated picture: what the page shows, smaller, so that it has a few hundred kilobytes. */
const SCALE = 0.62;
const QUALITY = 50;
const FRAME_MS = 800;

/** Resolves when the newest second shows payment's breaker in that state. */
const untilBreaker = (page: Page, state: string): Promise<void> =>
  page.locator(`[data-breaker="payment"][data-state="${state}"]`).waitFor();

const act = async (shop: ShopProcess, path: string, body: object): Promise<void> => {
  const headers = { "content-type": "application/json" };
  const { ok, status } = await fetch(shop.url + path, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  if (!ok) throw new Error(`POST ${path}: ${status}`);
};
const load = { readsPerSecond: 300, shoppers: 12, seconds: 120, spike: false, hotShare: 0 };

/** Payment breaks, its breaker opens, it is mended, and all is well again. */
const story = async (page: Page): Promise<Buffer> => {
  const box = await page.locator(".system").boundingBox();
  const tiles = await page.locator(".tiles").boundingBox();
  if (!box || !tiles) throw new Error("The console has no picture");
  const clip = {
    x: tiles.x - 12,
    y: tiles.y - 12,
    width: tiles.width + 24,
    height: box.y + box.height - tiles.y + 24,
  };
  const cdp = await page.context().newCDPSession(page);
  const frames: Frame[] = [];
  let isOver = false;
  const filming = (async () => {
    while (!isOver) {
      const { data } = await cdp.send("Page.captureScreenshot", {
        format: "webp",
        quality: QUALITY,
        clip: { ...clip, scale: SCALE },
      });
      frames.push({ file: Buffer.from(data, "base64"), milliseconds: FRAME_MS });
      await sleep(FRAME_MS);
    }
  })();
  await sleep(2 * FRAME_MS);
  await page.getByRole("button", { name: "Break payment" }).click();
  await untilBreaker(page, "open");
  await sleep(5 * FRAME_MS);
  await page.getByRole("button", { name: /^Mend/ }).click();
  await untilBreaker(page, "closed");
  await sleep(4 * FRAME_MS);
  isOver = true;
  await filming;
  return animatedWebp(frames);
};

/** The storefront and the console of one shop. */
const ofShop = async (browser: Browser): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), "stampede-pictures-"));
  const shop = await startShop({ DATA_DIR: dataDir, CATALOG_SIZE: String(PRODUCTS), LOG_LEVEL: "WARN" });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
    await page.goto(shop.url);
    await page.locator("a.card").first().waitFor();
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: join(IMAGES, "storefront.png") });

    await page.emulateMedia({ colorScheme: "dark" });
    await page.goto(`${shop.url}/console`);
    await page.getByText("Live", { exact: true }).waitFor();
    await act(shop, "/console/actions", { do: "load", load });
    await sleep(20_000);
    await writeFile(join(IMAGES, "console.webp"), await story(page));
    await page.setViewportSize({ width: 1440, height: 1_560 });
    await sleep(1_500); // Until the charts are drawn anew.
    await page.screenshot({ path: join(IMAGES, "console.png") });
  } finally {
    shop.kill("SIGTERM");
    await shop.exited;
    await rm(dataDir, { recursive: true });
  }
};

/** The first screen of an experiment's report, from a short run made for it. */
const ofReport = async (browser: Browser): Promise<void> => {
  const out = await mkdtemp(join(tmpdir(), "stampede-pictures-"));
  try {
    const run = spawn(process.execPath, [EXPERIMENT, ...REPORTED, "--out", out], { stdio: "inherit" });
    const [code] = await once(run, "exit");
    if (code !== 0) throw new Error(`The experiment ended with ${code}`);
    const page = await browser.newPage({ viewport: { width: 1280, height: 1_000 }, colorScheme: "light" });
    await page.goto(pathToFileURL(join(out, PAGE)).href);
    await page.locator("svg.plot").first().waitFor();
    await page.screenshot({ path: join(IMAGES, "experiment-summary.png") });
  } finally {
    await rm(out, { recursive: true });
  }
};

const PICTURES = {
  shop: ofShop,
  report: ofReport,
  growth: (browser: Browser) => takeGrowth(browser, IMAGES),
} as const;

const named = process.argv.slice(2);
/** The plots need a run of a quarter of an hour: they are taken when they are asked for. */
const names = named.length > 0 ? named : ["shop", "report"];
const unknown = names.filter((name) => !Object.hasOwn(PICTURES, name));
if (unknown.length > 0) {
  console.error(`There are pictures of ${Object.keys(PICTURES).join(", ")}, not of ${unknown.join(", ")}`);
  process.exit(2);
}
const browser = await launchBrowser();
try {
  for (const [name, take] of Object.entries(PICTURES)) {
    if (names.includes(name)) await take(browser);
  }
} finally {
  await browser.close();
}

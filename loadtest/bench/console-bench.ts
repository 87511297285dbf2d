import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser } from "../harness/browser.ts";
import { type ShopProcess, startShop } from "../harness/shop-process.ts";
import { median, medianInterval } from "../report/statistics.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { ARMS, type Load, type Round, send, takeTurns } from "./console-turns.ts";
import { rowsOf } from "./in-process.ts";
import { rounded } from "./rounding.ts";

const WORK = join(import.meta.dirname, "../../functions/web/live/sample.bench.ts");

const PER_SECOND = 5_000;
const PRODUCTS = 300;
const ROUNDS = 18;
const SECONDS = 2;

/**
 * The cost of an open console to the shop: as the difference at 5,000 requests/s, and with hardly a request, where the
 * page's own work stands out from the requests', both in many short turns; and that work alone, which a busy machine
 * disturbs least. Then the page's cost to the browser.
 */
export const benchmark: Benchmark = async ({ rounds = ROUNDS, seconds = SECONDS }) => {
  const work = await mkdtemp(join(tmpdir(), "stampede-bench-"));
  const shop = await startShop({ DATA_DIR: work, CATALOG_SIZE: String(PRODUCTS), LOG_LEVEL: "WARN" });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Performance.enable");
    const paint = await firstPaint(page, shop);
    await page.goto("about:blank");
    const heavy: Load = { perSecond: PER_SECOND, seconds, products: PRODUCTS, otherPaths: [] };
    const light: Load = {
      ...heavy,
      perSecond: 20,
      otherPaths: ["/health", "/cache", "/cart/ann", "/products/search?q=lamp"],
    };
    await send(shop, heavy); // Compiles what is hot.
    const stage = { shop, page, cdp };
    const loaded = await takeTurns(stage, heavy, rounds);
    const idle = await takeTurns(stage, light, rounds);
    const requestsMs = median(loaded.map(({ closed }) => (1e3 * closed.cpu) / closed.requests)) * PER_SECOND;
    return {
      [`CPU of the shop at ${PER_SECOND} reads/s`]: loadedRows(loaded),
      [`CPU of the shop at ${light.perSecond} requests/s`]: idleRows(idle, requestsMs),
      "The console's own work": await workRows(requestsMs),
      "The page": pageRows(loaded, paint),
    };
  } finally {
    await browser.close();
    shop.kill("SIGTERM");
    await shop.exited;
    await rm(work, { recursive: true });
  }
};

/** Milliseconds until the page first paints, of a browser that has none of it yet. */
const firstPaint = async (page: Page, { url }: ShopProcess): Promise<number> => {
  await fetch(`${url}/console`); // Bundles the pages, once in a process.
  await page.goto(`${url}/console`);
  const script = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null";
  for (;;) {
    const at = await page.evaluate<number | null>(script);
    if (at !== null) return at;
    await Bun.sleep(20);
  }
};

/** The median of the differences within each round, and its interval. */
const pairedDifference = (
  differences: readonly number[],
  factor = 1,
): { median: number; interval: string } => {
  const { low, high } = medianInterval(differences) ?? { low: Number.NaN, high: Number.NaN };
  return {
    median: rounded(factor * median(differences)),
    interval: `${rounded(factor * low)} to ${rounded(factor * high)}`,
  };
};

const loadedRows = (all: readonly Round[]): Row[] =>
  ARMS.map((arm) => {
    const cpuOf = (round: Round, which = arm): number => (1e6 * round[which].cpu) / round[which].requests;
    const more = pairedDifference(all.map((round) => 100 * (cpuOf(round) / cpuOf(round, "closed") - 1)));
    return {
      console: arm,
      "µs a request": rounded(median(all.map((round) => cpuOf(round)))),
      "more than closed, %": more.median,
      "95 % interval": more.interval,
      "requests/s": rounded(median(all.map((round) => round[arm].requests / round[arm].took)), 0),
      rounds: all.length,
    };
  });

/** @param requestsMs CPU a second of the requests at 5,000/s, which the work is compared with */
const idleRows = (all: readonly Round[], requestsMs: number): Row[] =>
  ARMS.map((arm) => {
    const cpuOf = (round: Round, which = arm): number => (1e3 * round[which].cpu) / round[which].took;
    const differences = all.map((round) => cpuOf(round) - cpuOf(round, "closed"));
    const [ms, share] = [pairedDifference(differences), pairedDifference(differences, 100 / requestsMs)];
    return {
      console: arm,
      "ms a second": rounded(median(all.map((round) => cpuOf(round)))),
      "more than closed, ms": ms.median,
      "95 % interval": ms.interval,
      [`% of ${PER_SECOND} reads`]: share.median,
      "its 95 % interval": share.interval,
    };
  });

const workRows = async (requestsMs: number): Promise<Row[]> => {
  const environment = { DYNAMODB_ENDPOINT: "http://127.0.0.1:1", LOG_LEVEL: "ERROR" };
  const rows = await rowsOf(WORK, environment);
  return rows.map((row) => ({
    ...row,
    [`% of ${PER_SECOND} reads`]: rounded((100 * Number(row["CPU ms a second"])) / requestsMs),
  }));
};

const pageRows = (all: readonly Round[], paint: number): Row[] => [
  {
    "main thread busy, %": rounded(100 * median(all.map((round) => round["on show"].busy)), 1),
    "first contentful paint, ms": rounded(paint, 0),
  },
];

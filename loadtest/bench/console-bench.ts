import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CDPSession, Page } from "playwright-core";
import { processorSeconds } from "../harness/process-figures.ts";
import { type ShopProcess, startShop } from "../harness/shop-process.ts";
import { launchChromium } from "../report/page/in-browser.ts";
import { median } from "../report/statistics.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { leanClient } from "./lean-client.ts";
import { rounded } from "./rounding.ts";

const PER_SECOND = 5_000;
const PRODUCTS = 300;
const CONNECTIONS = 64;
const TICK_MS = 2;
const ROUNDS = 5;
const SECONDS = 6;
const SETTLE_MS = 1_500;

/** Shops without the console, with one that nobody looks at, and with one on show. */
const ARMS = ["CONSOLE=off", "on, and nobody looks", "on show"] as const;
type Arm = (typeof ARMS)[number];

interface Measured {
  readonly arm: Arm;
  readonly perSecond: number;
  /** Of the shop's process, a request. */
  readonly cpu: number;
  /** Share of a processor that the page's main thread takes. */
  readonly busy?: number;
}

/**
 * The cost of an open console: CPU of the shop a request at 5,000 requests/s, in rounds that take turns, and the page's
 * own: its main thread's time, and the time until it paints.
 */
export const benchmark: Benchmark = async ({ rounds = ROUNDS, seconds = SECONDS }) => {
  const work = await mkdtemp(join(tmpdir(), "stampede-bench-"));
  const start = (console: string): Promise<ShopProcess> =>
    startShop({
      DATA_DIR: join(work, console),
      CATALOG_SIZE: String(PRODUCTS),
      LOG_LEVEL: "WARN",
      CONSOLE: console,
    });
  const shops = { off: await start("off"), on: await start("on") };
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Performance.enable");
    const paint = await firstPaint(page, shops.on);
    const measured: Measured[] = [];
    for (const shop of Object.values(shops)) await send(shop, 2); // Compiles what is hot.
    for (let round = 0; round < rounds; round++) {
      for (const arm of [...ARMS.slice(round % 3), ...ARMS.slice(0, round % 3)]) {
        const shop = arm === "CONSOLE=off" ? shops.off : shops.on;
        await page.goto(arm === "on show" ? `${shop.url}/console` : "about:blank");
        await Bun.sleep(SETTLE_MS);
        measured.push({ arm, ...(await measure(shop, seconds, arm === "on show" ? cdp : undefined)) });
      }
    }
    return {
      [`CPU a request at ${PER_SECOND} reads/s`]: rowsOf(measured),
      "The page": pageRows(measured, paint),
    };
  } finally {
    await browser.close();
    for (const shop of Object.values(shops)) {
      shop.kill("SIGTERM");
      await shop.exited;
    }
    await rm(work, { recursive: true });
  }
};

const taskSeconds = async (cdp: CDPSession): Promise<number> => {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
};

const measure = async (
  shop: ShopProcess,
  seconds: number,
  cdp: CDPSession | undefined,
): Promise<Omit<Measured, "arm">> => {
  const before = await processorSeconds(shop.pid);
  const busyBefore = cdp ? await taskSeconds(cdp) : 0;
  const { requests, took } = await send(shop, seconds);
  const cpu = ((await processorSeconds(shop.pid)) - before) / requests;
  return {
    perSecond: requests / took,
    cpu: cpu * 1e6,
    ...(cdp && { busy: ((await taskSeconds(cdp)) - busyBefore) / took }),
  };
};

/** Sends reads at their rate, whether or not earlier ones are answered. */
const send = async ({ url }: ShopProcess, seconds: number): Promise<{ requests: number; took: number }> => {
  const client = leanClient(url, CONNECTIONS);
  const startedAt = performance.now();
  const underWay = new Set<Promise<unknown>>();
  let requests = 0;
  for (let now = 0; now < seconds; now = (performance.now() - startedAt) / 1_000) {
    for (; requests < now * PER_SECOND; requests++) {
      const path = `/products/${1 + (requests % PRODUCTS)}`;
      const sending = client.send({ method: "GET", path }).finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
    await Bun.sleep(TICK_MS);
  }
  await Promise.all(underWay);
  client.close();
  return { requests, took: (performance.now() - startedAt) / 1_000 };
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

const rowsOf = (measured: readonly Measured[]): Row[] => {
  const cpuOf = (arm: Arm): number[] => measured.filter((one) => one.arm === arm).map(({ cpu }) => cpu);
  const baseline = median(cpuOf(ARMS[0]));
  return ARMS.map((arm) => {
    const cpu = cpuOf(arm);
    return {
      console: arm,
      "CPU µs a request": rounded(median(cpu), 1),
      "min–max µs": `${rounded(Math.min(...cpu), 1)}–${rounded(Math.max(...cpu), 1)}`,
      "to CONSOLE=off": rounded(median(cpu) / baseline, 3),
      "requests/s": rounded(median(measured.filter((one) => one.arm === arm).map((one) => one.perSecond)), 0),
    };
  });
};

const pageRows = (measured: readonly Measured[], paint: number): Row[] => [
  {
    "main thread busy, %": rounded(100 * median(measured.flatMap(({ busy }) => busy ?? [])), 1),
    "first contentful paint, ms": rounded(paint, 0),
  },
];

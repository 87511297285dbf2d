import type { CDPSession, Page } from "playwright-core";
import { threadSeconds } from "../harness/process-figures.ts";
import type { ShopProcess } from "../harness/shop-process.ts";
import { leanClient } from "./lean-client.ts";

const CONNECTIONS = 64;
const TICK_MS = 2;
const SETTLE_MS = 1_000;
const POLL_MS = 3_000;

/**
 * The console of one shop: closed; followed, by a reader of everything that the page reads; and on show, in a Chromium
 * that shares the machine's processors with the shop.
 */
export const ARMS = ["closed", "followed", "on show"] as const;
export type Arm = (typeof ARMS)[number];

/** Each arm as often first, in the middle and last, and as often after each other. */
const ORDERS: readonly (readonly Arm[])[] = [
  ["closed", "followed", "on show"],
  ["on show", "followed", "closed"],
  ["followed", "on show", "closed"],
  ["closed", "on show", "followed"],
  ["on show", "closed", "followed"],
  ["followed", "closed", "on show"],
];

export interface Load {
  readonly perSecond: number;
  /** Seconds of a turn. */
  readonly seconds: number;
  /** Of products that are read, each as often; other paths are read as often as all products together. */
  readonly products: number;
  readonly otherPaths: readonly string[];
}

interface Turn {
  readonly requests: number;
  /** Seconds. */
  readonly took: number;
  /** Seconds of processor time of the shop's process. */
  readonly cpu: number;
  /** Share of a processor that the page's main thread took; 0 without a page. */
  readonly busy: number;
}
export type Round = Readonly<Record<Arm, Turn>>;

export interface Stage {
  readonly shop: ShopProcess;
  readonly page: Page;
  readonly cdp: CDPSession;
}

/** Takes the arms in turns, in an order that changes: whatever else the machine does meets all of them. */
export const takeTurns = async (stage: Stage, load: Load, rounds: number): Promise<Round[]> => {
  const all: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns: Partial<Record<Arm, Turn>> = {};
    for (const arm of ORDERS[round % ORDERS.length] ?? ARMS) turns[arm] = await takeTurn(stage, load, arm);
    all.push(turns as Round);
  }
  return all;
};

const takeTurn = async ({ shop, page, cdp }: Stage, load: Load, arm: Arm): Promise<Turn> => {
  const leave = arm === "followed" ? follow(shop) : undefined;
  if (arm === "on show") await page.goto(`${shop.url}/console`);
  await Bun.sleep(SETTLE_MS);
  const cpuBefore = await threadSeconds(shop.pid);
  const busyBefore = await taskSeconds(cdp);
  const { requests, took } = await send(shop, load);
  const cpu = (await threadSeconds(shop.pid)) - cpuBefore;
  const busy = arm === "on show" ? ((await taskSeconds(cdp)) - busyBefore) / took : 0;
  await page.goto("about:blank");
  await leave?.();
  return { requests, took, cpu, busy };
};

/** @returns ends it */
const follow = ({ url }: ShopProcess): (() => Promise<void>) => {
  const leaving = new AbortController();
  const { signal } = leaving;
  const reading = (async () => {
    const { body } = await fetch(`${url}/console/events`, { signal });
    for await (const _ of body ?? []);
  })();
  const polling = (async () => {
    for (; !signal.aborted; await Bun.sleep(POLL_MS)) {
      await (await fetch(`${url}/products/hot`, { signal })).text();
    }
  })();
  return async () => {
    leaving.abort();
    await Promise.allSettled([reading, polling]);
  };
};

const taskSeconds = async (cdp: CDPSession): Promise<number> => {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
};

/** Sends reads at their rate, whether or not earlier ones are answered. */
export const send = async (
  { url }: ShopProcess,
  { perSecond, seconds, products, otherPaths }: Load,
): Promise<{ requests: number; took: number }> => {
  const client = leanClient(url, CONNECTIONS);
  const startedAt = performance.now();
  const underWay = new Set<Promise<unknown>>();
  let requests = 0;
  for (let now = 0; now < seconds; now = (performance.now() - startedAt) / 1_000) {
    for (; requests < now * perSecond; requests++) {
      const other = otherPaths[requests % (2 * otherPaths.length)];
      const path = other ?? `/products/${1 + (requests % products)}`;
      const sending = client.send({ method: "GET", path }).finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
    await Bun.sleep(TICK_MS);
  }
  await Promise.all(underWay);
  client.close();
  return { requests, took: (performance.now() - startedAt) / 1_000 };
};

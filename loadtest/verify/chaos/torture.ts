import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LimitCounts } from "../../experiments/limit-counts.ts";
import { seeded } from "../../harness/random.ts";
import type { HistoryEvent } from "../checker/history.ts";
import { settledState } from "../checker/settled.ts";
import { judge, type Verdict } from "../checker/verdict.ts";
import type { ProxyStats } from "../proxy/proxy-faults.ts";
import { bringPaymentBack, takePaymentAway } from "./payment-away.ts";
import { openRecordingClient, type RecordingClient } from "./recording-client.ts";
import { shop as goShopping } from "./shopper.ts";
import { breakSomething, mendEverything, PAYMENT_AWAY } from "./torture-faults.ts";
import { setStage } from "./torture-stage.ts";

/** Two products that last and two that sell out, one of each with its stock split. */
const STOCK = [
  { product: 1, available: 1_000_000, shards: 1 },
  { product: 2, available: 1_000_000, shards: 4 },
  { product: 3, available: 400, shards: 8 },
  { product: 4, available: 60, shards: 1 },
];
/** As often as they are chosen. */
const WANTED = [1, 1, 1, 2, 2, 2, 3, 4];
/** One kill in this number takes the database engine along. */
const ENGINE_KILL_EVERY = 7;
/** Of the lives that take orders while payment is away, one in this number loses it, beside its other trouble. */
const AWAY_EVERY = 3;
/** Milliseconds for the first order that is accepted then; where payment is all the trouble there is to be, however busy the machine. */
const ACCEPTED_WITHIN_MS = { beside: 4_000, alone: 30_000 };
const SETTLE_TIMEOUT_MS = 120_000;
const STOCK_UP_ATTEMPTS = 20;
const ATTEMPT_PAUSE_MS = 200;
const QUESTIONS_AFTER_CLOSING_MS = 30_000;
const ORDER_POLL_MS = 20;

export interface TortureOptions {
  readonly kills: number;
  readonly users: number;
  readonly seed: number;
  /** Where database, history and log are written. */
  readonly dir: string;
  /** The name of the only trouble there is to be. */
  readonly only?: string;
  /** Milliseconds that a life lasts longer, at most, until it has taken an order: a busy machine is slow to. */
  readonly patience?: number;
  readonly onKill?: (kills: number, trouble: string) => void;
}

export interface TortureResult {
  readonly verdict: Verdict;
  readonly history: readonly HistoryEvent[];
  /** Orders that were paid and fulfilled. */
  readonly fulfilled: number;
  /** Orders that were accepted while payment was away, before any charge. */
  readonly deferred: number;
  readonly troubles: ReadonlyMap<string, number>;
  /** Undefined for a run without DynamoDB's limits. */
  readonly limits: LimitCounts | undefined;
  readonly proxies: { readonly dynamodb: ProxyStats; readonly redis: ProxyStats | undefined };
}

/**
 * Kills the server again and again under load and with its dependencies in trouble, lets it come to rest,
 * and judges what is left. The seed fixes all that is chosen; when things happen the machine decides.
 */
export const torture = async (options: TortureOptions): Promise<TortureResult> => {
  const { kills, users, seed, dir, only, patience = 0, onKill } = options;
  const random = seeded(seed);
  const history: HistoryEvent[] = [];
  const record = (event: HistoryEvent): void => {
    history.push(event);
    appendFileSync(join(dir, "history.jsonl"), `${JSON.stringify(event)}\n`);
  };
  const stage = await setStage(dir, seed);
  const closing = new AbortController();
  try {
    let { url } = await stage.open();
    let door = Promise.resolve(url);
    const client = openRecordingClient({ url: () => door, record });
    await stockUp(url, client);
    let giveUpAt = Infinity;
    const shoppers = Array.from({ length: users }, (_, i) =>
      goShopping({
        name: `shopper-${i}`,
        client,
        random: seeded(seed * 1_000 + i),
        products: WANTED,
        closing: closing.signal,
        giveUpAt: () => giveUpAt,
      }),
    );
    const shopping = Promise.all(shoppers);
    shopping.catch(() => undefined); // Awaited below, unless something else fails first.

    const troubles = new Map<string, number>();
    for (let kill = 1; kill <= kills; kill++) {
      const { name, lifeMs, isBack } = await breakSomething(random, { url, ...stage }, only);
      troubles.set(name, (troubles.get(name) ?? 0) + 1);
      const ordered = ordersIn(history);
      const isAway =
        stage.isAccepting() && (only === undefined ? random() < 1 / AWAY_EVERY : only === PAYMENT_AWAY);
      if (isAway) await takePaymentAway(url, stage.endpoint, ACCEPTED_WITHIN_MS[only ? "alone" : "beside"]);
      await Promise.all([isBack, sleep(lifeMs)]);
      for (const giveUpAt = Date.now() + patience; Date.now() < giveUpAt; await sleep(ORDER_POLL_MS)) {
        if (ordersIn(history) > ordered) break;
      }
      // A new operation waits until it is open again; one inside is cut off.
      const reopened = Promise.withResolvers<string>();
      door = reopened.promise;
      await stage.kill();
      if (random() < 1 / ENGINE_KILL_EVERY) await stage.engine.killAndRestart();
      // Started on sound connections: how it starts on broken ones is not the question here.
      stage.dynamodb.set({});
      stage.redis?.set({});
      ({ url } = await stage.open());
      if (isAway) await bringPaymentBack(url);
      reopened.resolve(url);
      onKill?.(kill, name);
    }

    await mendEverything({ url, ...stage });
    giveUpAt = Date.now() + QUESTIONS_AFTER_CLOSING_MS;
    closing.abort();
    await shopping;
    const state = await settledState(stage.endpoint, SETTLE_TIMEOUT_MS);
    const proxies = { dynamodb: stage.dynamodb.stats(), redis: stage.redis?.stats() };
    const limits = await stage.limitsMet();
    const deferred = state.orders.filter(({ answer }) => answer?.payment?.attempts === 0).length;
    const fulfilled = state.orders.filter(({ status }) => status === "fulfilled").length;
    return { verdict: judge(history, state), history, fulfilled, deferred, troubles, limits, proxies };
  } finally {
    closing.abort();
    await stage.close();
  }
};

const ordersIn = (history: readonly HistoryEvent[]): number =>
  history.filter((event) => event.type === "ok" && event.order !== undefined).length;

const stockUp = async (url: string, client: RecordingClient): Promise<void> => {
  for (const level of STOCK) {
    const product_id = level.product;
    const details = { sku: `SKU-${product_id}`, manufacturer: "Northwind", category_id: 1, weight: 100 };
    const body = JSON.stringify({ ...details, product_id, some_other_id: 1, price: product_id * 3.33 + 0.1 });
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(`${url}/products/${product_id}/details`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      const { type } = await client.perform({ f: "set-stock", ...level });
      if (response.ok && type === "ok") break;
      // A busy machine may make a shop that has just started miss its deadlines, which are short here.
      if (attempt === STOCK_UP_ATTEMPTS)
        throw new Error(`Product ${product_id} could not be put on the shelf`);
      await sleep(ATTEMPT_PAUSE_MS);
    }
  }
};

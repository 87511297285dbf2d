import { setTimeout as sleep } from "node:timers/promises";
import { addToCart, getCart } from "../cart/cart.ts";
import { checkout } from "../order/checkout.ts";
import { runInRequestScope } from "../request-scope.ts";
import type { Fault } from "../resilience/faults.ts";
import type { Service } from "../resilience/services.ts";
import type { Shop } from "../shop.ts";

/** A fault of one service, apart from when it ends. */
export interface Trouble {
  readonly name: string;
  readonly service: Service;
  readonly fault: Omit<Fault, "expiresAt">;
}

const USERS = 40;
const PATIENCE_MS = 10_000;
const ENDLESS_MS = 3_000_000;

export interface Plan {
  /** Names this shop's customers: carts are not shared between shops. */
  readonly customers: string;
  readonly seconds: number;
  /** Actions a second. */
  readonly rate: number;
}

export interface Played {
  /** Share of the actions that were answered well, from 0 to 1. */
  readonly good: number;
  /** Milliseconds until an answer of any kind. */
  readonly p50: number;
  readonly p99: number;
  /** Calls of DynamoDB an action. */
  readonly calls: number;
  readonly checkoutP99: number;
}

const rankOf = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;

/**
 * Lets customers act in a shop of this process while it is in trouble: half of them add to carts, three in ten read them,
 * two in ten check out. No HTTP and no load generator, so that it runs beside others on a busy machine.
 *
 * @param trouble undefined: normal times
 */
export const playTrouble = async (
  shop: Shop,
  products: readonly number[],
  trouble: Trouble | undefined,
  { customers, seconds, rate }: Plan,
): Promise<Played> => {
  const name = `${customers.replaceAll(/\W/g, "")}-${crypto.randomUUID()}`;
  const waits: number[] = [];
  const checkouts: number[] = [];
  let good = 0;
  const act = async (n: number): Promise<void> => {
    const user = `${name}-${n % USERS}`;
    const product_id = products[n % products.length] ?? 0;
    const kind = n % 10;
    const startedAt = performance.now();
    const scope = {
      requestId: String(n),
      priority: "write",
      signal: AbortSignal.timeout(PATIENCE_MS),
    } as const;
    const isGood = await runInRequestScope(scope, async () => {
      if (kind < 5) await addToCart(shop, user, { product_id, quantity: 1 });
      else if (kind < 8) await getCart(shop, user);
      else {
        // A cart of its own: what is measured is paying, not whether an addition got through before.
        const { answer } = await checkout(shop, {
          userId: `${name}-buyer-${n}`,
          paymentMethod: "pm_card_visa",
        });
        return answer.status !== "payment_failed";
      }
      return true;
    }).catch(() => false);
    const took = performance.now() - startedAt;
    waits.push(took);
    if (kind >= 8) checkouts.push(took);
    if (isGood) good += 1;
  };

  const actions = Math.round(seconds * rate);
  // Carts to pay for, filled in good times.
  for (let n = 0; n < actions; n++) {
    const product_id = products[n % products.length] ?? 0;
    if (n % 10 >= 8) await addToCart(shop, `${name}-buyer-${n}`, { product_id, quantity: 1 });
  }
  for (let n = 0; n < USERS; n++) await getCart(shop, `${name}-${n}`);
  const callsBefore = shop.metrics.total("DynamoDBCalls");
  const { faults } = shop.resilience;
  if (trouble) faults.set(trouble.service, { ...trouble.fault, expiresAt: shop.now() + ENDLESS_MS });
  const underWay: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < actions; n++) {
    await sleep(Math.max(0, startedAt + (n * 1_000) / rate - performance.now()));
    underWay.push(act(n));
  }
  if (trouble) faults.set(trouble.service, undefined);
  await Promise.all(underWay);
  return {
    good: good / actions,
    p50: rankOf(waits, 0.5),
    p99: rankOf(waits, 0.99),
    calls: (shop.metrics.total("DynamoDBCalls") - callsBefore) / actions,
    checkoutP99: rankOf(checkouts, 0.99),
  };
};

export const TROUBLES: readonly Trouble[] = [
  {
    name: "5 % of DynamoDB's calls fail",
    service: "dynamodb",
    fault: { failureRate: 0.05, latencyMs: 0, kind: "error" },
  },
  {
    name: "20 % of DynamoDB's calls fail",
    service: "dynamodb",
    fault: { failureRate: 0.2, latencyMs: 0, kind: "error" },
  },
  {
    name: "50 % of DynamoDB's calls fail",
    service: "dynamodb",
    fault: { failureRate: 0.5, latencyMs: 0, kind: "error" },
  },
  {
    name: "2 % of DynamoDB's calls take 2 s",
    service: "dynamodb",
    fault: { failureRate: 0, latencyMs: 2_000, latencyRate: 0.02, kind: "error" },
  },
  {
    name: "5 % of DynamoDB's calls take 2 s",
    service: "dynamodb",
    fault: { failureRate: 0, latencyMs: 2_000, latencyRate: 0.05, kind: "error" },
  },
  {
    name: "20 % of DynamoDB's calls take 2 s",
    service: "dynamodb",
    fault: { failureRate: 0, latencyMs: 2_000, latencyRate: 0.2, kind: "error" },
  },
  {
    name: "50 % of DynamoDB's calls take 2 s",
    service: "dynamodb",
    fault: { failureRate: 0, latencyMs: 2_000, latencyRate: 0.5, kind: "error" },
  },
  {
    name: "DynamoDB throttles 20 %",
    service: "dynamodb",
    fault: { failureRate: 0.2, latencyMs: 0, kind: "throttle" },
  },
  { name: "DynamoDB fails", service: "dynamodb", fault: { failureRate: 1, latencyMs: 0, kind: "error" } },
  { name: "DynamoDB hangs", service: "dynamodb", fault: { failureRate: 1, latencyMs: 0, kind: "hang" } },
  {
    name: "DynamoDB flaps",
    service: "dynamodb",
    fault: { failureRate: 1, latencyMs: 0, kind: "error", flapMs: 1_500 },
  },
  {
    name: "20 % of payments fail",
    service: "payment",
    fault: { failureRate: 0.2, latencyMs: 0, kind: "error" },
  },
  { name: "payment fails", service: "payment", fault: { failureRate: 1, latencyMs: 0, kind: "error" } },
  { name: "payment hangs", service: "payment", fault: { failureRate: 1, latencyMs: 0, kind: "hang" } },
  {
    name: "payment flaps",
    service: "payment",
    fault: { failureRate: 1, latencyMs: 0, kind: "error", flapMs: 1_500 },
  },
  {
    name: "payment declines everything",
    service: "payment",
    fault: { failureRate: 1, latencyMs: 0, kind: "decline" },
  },
];

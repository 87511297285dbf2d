import { describe, expect, test } from "vitest";
import { readConfig } from "../config/config.ts";
import type { Shop } from "../shop.ts";
import { stockedProduct } from "../testing/fixtures.ts";
import { openShop } from "../testing/open-shop.ts";
import { patientConfig } from "../testing/patient-config.ts";
import { type Played, playTrouble, TROUBLES, type Trouble } from "../testing/play-trouble.ts";
import type { ResilienceMode } from "./resilience.ts";

/** `TROUBLE_REPEATS=5 TROUBLE_SECONDS=10 npm test -- core/resilience/troubles` measures; the short form only compares. */
const SECONDS = Number(process.env.TROUBLE_SECONDS ?? 3);
const REPEATS = Number(process.env.TROUBLE_REPEATS ?? 1);
const RATE = Number(process.env.TROUBLE_RATE ?? 30);
/** For the short form. */
const SOME = /20 % of DynamoDB|DynamoDB (hangs|flaps|throttles)|payment (hangs|flaps)/;

interface ArmSetting {
  readonly name: string;
  readonly mode: ResilienceMode;
  readonly outage: "refuse" | "accept";
}

const ARMS: readonly ArmSetting[] = [
  { name: "all", mode: "on", outage: "refuse" },
  { name: "all, accept", mode: "on", outage: "accept" },
  { name: "retries only", mode: "retries", outage: "refuse" },
  { name: "breakers only", mode: "breakers", outage: "refuse" },
  { name: "nothing", mode: "off", outage: "refuse" },
];
const PLAYED_ARMS = REPEATS > 1 ? ARMS : ARMS.filter(({ name }) => !name.endsWith("only"));

const open = ({ mode, outage }: ArmSetting, { service }: Trouble): Shop => {
  // Where the processor is in trouble, a busy machine must not make it the database's as well.
  const config = service === "payment" ? patientConfig() : readConfig();
  return openShop({ ...config, resilience: mode, payment: { ...config.payment, outage } });
};

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const withRange = (values: readonly number[], digits: number): string => {
  const text = (value: number): string => value.toFixed(digits);
  const range = values.length > 1 ? ` (${text(Math.min(...values))} to ${text(Math.max(...values))})` : "";
  return `${text(middle(values))}${range}`;
};

const rowOf = (trouble: string, arm: string, runs: readonly Played[]): string => {
  const of = (value: (run: Played) => number, digits: number) => withRange(runs.map(value), digits);
  const cells = [
    of(({ good }) => 100 * good, 1),
    of(({ p50 }) => p50, 0),
    of(({ p99 }) => p99, 0),
    of(({ checkoutP99 }) => checkoutP99, 0),
    of(({ calls }) => calls, 2),
  ];
  return `| ${[trouble, arm, ...cells].join(" | ")} |`;
};

/** Plays a trouble in all shops at the same moment. */
const play = async (trouble: Trouble): Promise<Map<string, Played[]>> => {
  const played = new Map<string, Played[]>(PLAYED_ARMS.map(({ name }) => [name, []]));
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const shops = PLAYED_ARMS.map((arm) => ({ customers: arm.name, shop: open(arm, trouble) }));
    const products: number[] = [];
    for (const { shop } of shops) products.push(await stockedProduct(shop, 1_000_000));
    const all = (during: Trouble | undefined, seconds: number) =>
      Promise.all(
        shops.map(async ({ customers, shop }) => {
          const run = await playTrouble(shop, products, during, { customers, seconds, rate: RATE });
          return { customers, run };
        }),
      );
    // The first calls open connections and compile.
    await all(undefined, 1);
    for (const { customers, run } of await all(trouble, SECONDS)) played.get(customers)?.push(run);
  }
  return played;
};

describe("in each kind of trouble customers are better off with resilience than without", () => {
  test.each(TROUBLES.filter(({ name }) => REPEATS > 1 || SOME.test(name)))(
    "$name",
    {
      timeout: 60_000 + 30_000 * SECONDS * REPEATS,
    },
    async (trouble) => {
      const played = await play(trouble);
      for (const [arm, runs] of played) console.info(rowOf(trouble.name, arm, runs));
      const goodOf = (arm: string): number => middle((played.get(arm) ?? []).map(({ good }) => good));
      // Three actions more or fewer are chance.
      const chance = 3 / (SECONDS * RATE);
      const isPaymentAway = /^payment (fails|hangs|flaps)/.test(trouble.name);
      // `refuse` is there to refuse while payment is away.
      const best = isPaymentAway ? goodOf("all, accept") : goodOf("all");
      expect(best).toBeGreaterThanOrEqual(goodOf("nothing") - chance);
      if (isPaymentAway) expect(best).toBe(1);
    },
  );
});

import { setTimeout as sleep } from "node:timers/promises";
import { pick, type Random } from "../../harness/random.ts";
import type { Completion } from "../checker/history.ts";
import type { RecordingClient } from "./recording-client.ts";

/** Mostly sound ones: too many failures would keep the circuit open and nothing would be ordered. */
const METHODS = [
  ...Array.from({ length: 12 }, () => "pm_card_visa"),
  "pm_card_chargeDeclined",
  "pm_card_chargeDeclinedInsufficientFunds",
  "pm_timeout_after_charge",
  "pm_timeout_before_charge",
  "pm_processor_down",
];

/** Shoppers' actions, each as often as it stands here. */
const HABITS = [
  ...["add", "add", "add", "add", "add-at-once", "checkout", "checkout", "checkout-without-key"],
  "checkout-while-adding",
  ...["put", "remove", "read-cart", "browse", "search"],
] as const;

const RETRY_PAUSE_MS = 250;
const PAUSE_MS = 30;
/**
 * Operations after which a shopper goes and another comes, which keeps each history short enough to judge.
 */
const OPERATIONS = 30;

export interface ShopperOptions {
  readonly name: string;
  readonly client: RecordingClient;
  readonly random: Random;
  readonly products: readonly number[];
  /** Aborted when the shopping is to end: what is unknown is still asked after. */
  readonly closing: AbortSignal;
  /** Epoch milliseconds from which nothing more is asked after. */
  readonly giveUpAt: () => number;
}

/** Customers one after the other, each doing one thing after the other and some at once, until closing time. */
export const shop = async (options: ShopperOptions): Promise<void> => {
  for (let generation = 0; !options.closing.aborted; generation++) {
    await shopAs(`${options.name}-${generation}`, options);
  }
};

const shopAs = async (user: string, options: ShopperOptions): Promise<void> => {
  const { client, random, products, closing } = options;
  const product = (): number => pick(random, products);
  const pieces = (): number => 1 + Math.floor(random() * 3);
  const add = () => client.perform({ f: "add", user, product: product(), quantity: pieces() });
  for (let step = 0; step < OPERATIONS && !closing.aborted; step++) {
    switch (pick(random, HABITS)) {
      case "add":
        await add();
        break;
      case "add-at-once":
        await Promise.all([add(), add(), add()]);
        break;
      case "put":
        await client.perform({ f: "put", user, product: product(), quantity: Math.floor(random() * 5) });
        break;
      case "remove":
        await client.perform({ f: "remove", user, product: product() });
        break;
      case "read-cart":
        await client.perform({ f: "read-cart", user });
        break;
      case "checkout":
        await checkOut(user, `key-${step}`, options);
        break;
      case "checkout-while-adding":
        await Promise.all([checkOut(user, `key-${step}`, options), add(), add()]);
        break;
      case "checkout-without-key":
        await client.perform({ f: "checkout", user, payment_method: pick(random, METHODS) });
        break;
      case "browse":
        await client.browse(`/products/${product()}`);
        break;
      default:
        await client.browse("/products/search?q=lamp");
    }
    await sleep(random() * PAUSE_MS);
  }
};

/** Asks again under the same key until the outcome is known, as a careful client does; sometimes twice at once. */
const checkOut = async (user: string, key: string, options: ShopperOptions): Promise<void> => {
  const { client, random, products, giveUpAt } = options;
  const action = { f: "checkout", user, key, payment_method: pick(random, METHODS) } as const;
  const ask = (): Promise<Completion> => client.perform(action);
  let answers = await Promise.all(random() < 0.15 ? [ask(), ask()] : [ask()]);
  while (answers.every(({ type }) => type === "info") && Date.now() < giveUpAt()) {
    await sleep(RETRY_PAUSE_MS);
    answers = [await ask()];
  }
  if (answers.some(({ error }) => error === "OUT_OF_STOCK")) {
    for (const product of new Set(products)) await client.perform({ f: "remove", user, product });
  }
};

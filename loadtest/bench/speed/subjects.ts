import type { clientOf } from "../../harness/shop-client.ts";
import { get, post } from "./requests.ts";

/** Catalogue of the shop at its defaults. */
export const PRODUCTS = 100_000;
export const HOT = "/products/4711";
const IN_REDIS = 1_000;
const ADDING_USERS = 20_000;
const READ_CARTS = 200;
const READ_ORDERS = 64;
const AT_ONCE = 16;

export const QUERIES =
  "oak lamp,folding chair,wool scarf,steel kettle,bamboo tray,lantern,hammock,ukulele,notebook,planter,northwind,kestrel,halden,juniper,sola".split(
    ",",
  );

export type Client = ReturnType<typeof clientOf>;

/**
 * Subjects measured at the shop. The other subjects are servers of their own that answer `hot`'s requests.
 */
export interface Subject {
  readonly name: string;
  readonly title: string;
  readonly mode: "tiered" | "redis" | "off";
  /** The status that is asked for; 503 is a refusal, and any other a failure. */
  readonly status: number;
  /** Requests that are played in turn. @param count how many are needed of those that can be sent only once */
  readonly requests: (client: Client, count: number) => Promise<string[]>;
  /** Whether each request can be sent only once. */
  readonly isUsedUp?: boolean;
  /** Whether to count answers by status would cost wrk as much as the answers cost the shop. */
  readonly isCheap?: boolean;
}

const tiered = { mode: "tiered", status: 200 } as const;

export const SUBJECTS: readonly Subject[] = [
  {
    name: "hot",
    ...tiered,
    title: "hot product",
    isCheap: true,
    requests: async () => [get(HOT)],
  },
  {
    name: "304",
    ...tiered,
    title: "hot product, If-None-Match: 304",
    status: 304,
    isCheap: true,
    requests: async (client) => {
      const etag = (await client.get(HOT)).headers.get("etag") ?? "";
      return [get(HOT, { "if-none-match": etag })];
    },
  },
  {
    name: "redis",
    ...tiered,
    title: "1,000 products in turn, through Redis only",
    mode: "redis",
    isCheap: true,
    // Not one: reads of the same product at the same time share one read of Redis.
    requests: async () => range(IN_REDIS, (i) => get(`/products/${i + 1}`)),
  },
  {
    name: "cold",
    ...tiered,
    title: "products in turn, cache off",
    mode: "off",
    requests: async () => range(PRODUCTS, (i) => get(`/products/${i + 1}`)),
  },
  {
    name: "search",
    ...tiered,
    title: "search, 15 queries in turn",
    requests: async () => QUERIES.map((query) => get(`/products/search?q=${encodeURIComponent(query)}`)),
  },
  {
    name: "cart-read",
    ...tiered,
    title: "cart of two lines, read",
    requests: async (client) => {
      await fillCarts(client, "reader", READ_CARTS, 2);
      return range(READ_CARTS, (i) => get(`/cart/reader-${i}`));
    },
  },
  {
    name: "cart-add",
    ...tiered,
    title: "cart, add a product",
    requests: async () =>
      range(ADDING_USERS, (i) =>
        post(`/cart/adder-${i}/items`, { product_id: 1 + (i % PRODUCTS), quantity: 1 }),
      ),
  },
  {
    name: "checkout",
    ...tiered,
    title: "checkout of one line",
    status: 201,
    isUsedUp: true,
    requests: (client, count) => checkouts(client, "buyer", count),
  },
  {
    name: "order",
    ...tiered,
    title: "order, read",
    requests: async (client) => {
      await fillCarts(client, "customer", READ_ORDERS, 1);
      const orders = range(READ_ORDERS, () => "");
      await each(READ_ORDERS, async (i) => {
        const { body } = await expecting(201, () => client.post(`/cart/customer-${i}/checkout`));
        orders[i] = get(`/orders/${body.order_id}`);
      });
      return orders;
    },
  },
  {
    name: "404",
    ...tiered,
    title: "unknown route: 404",
    status: 404,
    requests: async () => [get("/nowhere")],
  },
  {
    name: "400",
    ...tiered,
    title: "add of a negative quantity: 400",
    status: 400,
    requests: async () => [post("/cart/adder-1/items", { product_id: 1, quantity: -1 })],
  },
];

/** The yardstick of `checkout`, by `bare-checkout-server.ts`: it sells the shop's products from the shop's carts. */
export const BARE_CHECKOUT: Subject = {
  name: "bare-checkout",
  ...tiered,
  title: "a checkout's DynamoDB calls, by the bare SDK",
  status: 201,
  isUsedUp: true,
  requests: (client, count) => checkouts(client, "bare-buyer", count),
};

const checkouts = async (client: Client, prefix: string, count: number): Promise<string[]> => {
  await fillCarts(client, prefix, count, 1);
  return range(count, (i) => post(`/cart/${prefix}-${i}/checkout`));
};

const range = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const each = async (count: number, work: (i: number) => Promise<unknown>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(range(AT_ONCE, worker));
};

/** Asks again while the shop sheds load. */
const expecting = async (expected: number, ask: () => ReturnType<Client["get"]>) => {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask();
    if (answer.status === expected) return answer;
    if (answer.status !== 503 || attempt === 50)
      throw new Error(`A preparation was answered ${answer.status}`);
    await Bun.sleep(100);
  }
};

/** Carts `PREFIX-0` and so on, filled with lines of one piece each. */
export const fillCarts = (client: Client, prefix: string, count: number, lines: number): Promise<void> =>
  each(count, async (i) => {
    for (let line = 0; line < lines; line++) {
      const body = { product_id: 1 + ((i * lines + line) % PRODUCTS), quantity: 1 };
      await expecting(200, () => client.post(`/cart/${prefix}-${i}/items`, body));
    }
  });

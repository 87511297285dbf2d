import { clientOf } from "../../harness/shop-client.ts";

/** Milliseconds after which an answer is late: the contract's objectives. */
export const READ = 500;
export const WRITE = 1_000;
export const CHECKOUT = 3_000;

export interface Step {
  readonly path: string;
  readonly init?: RequestInit;
  /** Milliseconds within which the answer is of use. */
  readonly objective: number;
}

/** A request that a client repeats. */
export interface Kind {
  readonly name: string;
  /** Requests that follow one another. @param i counts the turns, so that they differ */
  readonly steps: (i: number) => readonly Step[];
}

const WORDS = ["oak lamp", "wool", "steel kettle", "tent", "linen", "backpack", "northwind", "lan"];
const CARTS_READ = 20;
const CARTS_ADDED_TO = 1_000;
/** Fewer than a cart may have lines. */
const ADDED = 40;

const read = (name: string, pathOf: (i: number) => string): Kind => ({
  name,
  steps: (i) => [{ path: pathOf(i), objective: READ }],
});

const add = (user: string, i: number): Step => ({
  path: `/cart/${user}/items`,
  init: {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ product_id: 1 + (i % ADDED), quantity: 1 }),
  },
  objective: WRITE,
});

export const productReads = (products: number): Kind =>
  read("products", (i) => `/products/${1 + (i % products)}`);

export const searches: Kind = read(
  "searches",
  (i) => `/products/search?q=${encodeURIComponent(WORDS[i % WORDS.length] ?? "")}`,
);

export const addsToOneCart: Kind = {
  name: "adds to one cart",
  steps: (i) => [add("everybody", i)],
};

export const addsToManyCarts: Kind = {
  name: "adds to many carts",
  steps: (i) => [add(`adder-${i % CARTS_ADDED_TO}`, i)],
};

export const purchases: Kind = {
  name: "purchases",
  steps: (i) => [
    add(`buyer-${i}`, i),
    { path: `/cart/buyer-${i}/checkout`, init: { method: "POST" }, objective: CHECKOUT },
  ],
};

/** Every kind that customers send. @param products number in the catalogue, all in stock */
export const prepareKinds = async (url: string, products: number): Promise<Kind[]> => {
  const client = clientOf(url);
  const orders: string[] = [];
  for (let i = 0; i < CARTS_READ; i++) {
    await client.post(`/cart/reader-${i}/items`, { product_id: 1 + i, quantity: 1 });
    await client.post(`/cart/customer-${i}/items`, { product_id: 1 + i, quantity: 1 });
    orders.push((await client.post(`/cart/customer-${i}/checkout`)).body.order_id);
  }
  return [
    productReads(products),
    searches,
    read("stock", (i) => `/products/${1 + (i % products)}/stock`),
    read("lists", () => "/products?limit=20"),
    read("carts", (i) => `/cart/reader-${i % CARTS_READ}`),
    read("orders", (i) => `/orders/${orders[i % CARTS_READ]}`),
    addsToManyCarts,
    purchases,
  ];
};

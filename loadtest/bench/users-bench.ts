/**
 * 1,000 customers who mostly write, with pauses between their requests: the journeys of `loadtest/locust/shopper.py`
 * without its checks, from a generator that is cheap enough to share two processors with the shop. The generator is
 * a program of its own: `bun users.ts '{"url": …, "users": 1000, "seconds": 30, "products": 100000}'` prints
 * the answers as JSON.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seeded } from "../harness/random.ts";
import { percentile } from "../report/statistics.ts";
import type { Options } from "./bench-options.ts";
import type { Row } from "./benchmark.ts";
import { rounded } from "./rounding.ts";
import { startDefaultShop, untilOk } from "./speed/speed-programs.ts";

const USERS = 1_000;
const SECONDS = 30;
const PRODUCTS = 100_000;
/** Pauses are drawn evenly between these, in seconds. */
export const LEAST_PAUSE = 0.5;
export const MOST_PAUSE = 2;

/** Of 100 actions; three quarters work on carts and checkouts. */
const WEIGHTS = {
  add: 32,
  checkout: 20,
  "read product": 15,
  "change quantity": 10,
  "read cart": 9,
  remove: 8,
  "read order": 5,
  search: 1,
} as const;

type Action = keyof typeof WEIGHTS;

interface UserLoad {
  readonly url: string;
  readonly users: number;
  readonly seconds: number;
  readonly products: number;
  /** Whether users make no pauses: each asks again as soon as it is answered. */
  readonly isRestless?: boolean;
}

export interface UserAnswer {
  readonly action: Action;
  /** 0: none. */
  readonly status: number;
  /** Milliseconds since the load began, of the request. */
  readonly at: number;
  readonly ms: number;
}

const generate = async ({ url, users, seconds, products, isRestless }: UserLoad): Promise<UserAnswer[]> => {
  const answers: UserAnswer[] = [];
  const actions = (Object.entries(WEIGHTS) as [Action, number][]).flatMap(([action, weight]) =>
    Array.from({ length: weight }, () => action),
  );
  const beganAt = performance.now();
  const endsAt = beganAt + seconds * 1_000;

  const live = async (user: number): Promise<void> => {
    const random = seeded(user);
    const cart = new Set<number>();
    let order: string | undefined;
    const pause = async (): Promise<void> => {
      if (!isRestless) await Bun.sleep((LEAST_PAUSE + random() * (MOST_PAUSE - LEAST_PAUSE)) * 1_000);
    };
    const ask = async (action: Action, path: string, method = "GET", body?: unknown) => {
      const startedAt = performance.now();
      const { status, text } = await answerTo(url + path, method, body);
      answers.push({ action, status, at: startedAt - beganAt, ms: performance.now() - startedAt });
      return { status, text };
    };
    const product = (): number => 1 + Math.floor(random() * products);
    const add = async (): Promise<void> => {
      const product_id = product();
      const body = { product_id, quantity: 1 };
      if ((await ask("add", `/cart/user-${user}/items`, "POST", body)).status === 200) cart.add(product_id);
    };
    const perform: Readonly<Record<Action, () => Promise<unknown>>> = {
      add,
      checkout: async () => {
        if (cart.size === 0) return add();
        const { status, text } = await ask("checkout", `/cart/user-${user}/checkout`, "POST");
        if (status !== 201 && status !== 202) return;
        order = (JSON.parse(text) as { order_id: string }).order_id;
        cart.clear();
      },
      "read product": () => ask("read product", `/products/${product()}`),
      "change quantity": async () => {
        const [line] = cart;
        if (line === undefined) return add();
        await ask("change quantity", `/cart/user-${user}/items/${line}`, "PUT", { quantity: 2 });
      },
      "read cart": () => ask("read cart", `/cart/user-${user}`),
      remove: async () => {
        const [line] = cart;
        if (line === undefined) return add();
        const { status } = await ask("remove", `/cart/user-${user}/items/${line}`, "DELETE");
        if (status === 200) cart.delete(line);
      },
      "read order": async () => (order ? ask("read order", `/orders/${order}`) : add()),
      search: () => ask("search", "/products/search?q=oak%20lamp"),
    };
    if (!isRestless) await Bun.sleep(random() * MOST_PAUSE * 1_000);
    while (performance.now() < endsAt) {
      await perform[actions[Math.floor(random() * actions.length)] ?? "add"]();
      await pause();
    }
  };
  await Promise.all(Array.from({ length: users }, (_, user) => live(user)));
  return answers;
};

const answerTo = async (url: string, method: string, body?: unknown) => {
  try {
    const response = await fetch(url, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: "" };
  }
};

/** Customers with pauses against the shop at its defaults, generator and shop on the same processors. */
export const benchmark = async ({ seconds = SECONDS }: Options): Promise<Record<string, Row[]>> => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-users-"));
  try {
    const shop = await startDefaultShop(dir);
    try {
      await untilOk(shop.url, "/products/search?q=lamp");
      const answers = await runUsers({ url: shop.url, users: USERS, seconds, products: PRODUCTS });
      const rowOf = (name: string, of: readonly UserAnswer[]): Row => {
        const good = of.filter(({ status }) => status >= 200 && status < 300).map(({ ms }) => ms);
        const refused = of.filter(({ status }) => status === 503 || status === 429).length;
        return {
          action: name,
          requests: of.length,
          "p50 ms": rounded(percentile(good, 0.5), 1),
          "p99 ms": rounded(percentile(good, 0.99), 1),
          "refused %": rounded((100 * refused) / of.length),
          failed: of.length - good.length - refused,
        };
      };
      const byAction = Object.keys(WEIGHTS).map((action) =>
        rowOf(
          action,
          answers.filter((answer) => answer.action === action),
        ),
      );
      return { [`${USERS} users who mostly write, ${seconds} s`]: [rowOf("all", answers), ...byAction] };
    } finally {
      await shop.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

/** Runs the users in a process of their own. */
export const runUsers = async (load: UserLoad): Promise<UserAnswer[]> => {
  const child = Bun.spawn([process.execPath, import.meta.filename, JSON.stringify(load)], {
    env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: String(2 * load.users) },
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("The load generator failed");
  return JSON.parse(text) as UserAnswer[];
};

if (import.meta.main) {
  const answers = await generate(JSON.parse(process.argv[2] ?? "{}") as UserLoad);
  await Bun.write(Bun.stdout, JSON.stringify(answers));
}

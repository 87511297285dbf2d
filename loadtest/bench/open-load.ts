/**
 * A load at a rate of its own: requests are sent when they are due, whether or not earlier answers are there,
 * and their latency counts from when they were due. A program, so that it has a processor of its own:
 *
 *     bun open-load.ts '{"url": …, "perSecond": …, "seconds": …, "mix": {"browse": 70, …}}'
 *
 * prints one answer a line, and ends.
 */
import { seeded } from "../harness/random.ts";
import { type LeanRequest, leanClient } from "./lean-client.ts";

const TICK_MS = 2;
/** Waiting for one counts in a request's latency, so there are enough for all that an overloaded shop lets wait. */
const CONNECTIONS = 10_000;
export const WARM_CONNECTIONS = 4_000;

export interface OpenLoad {
  readonly url: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly seed: number;
  /** Kinds of requests, each as often as its weight says. */
  readonly mix: Readonly<Partial<Record<RequestKind, number>>>;
  /** Number of products; those from 1 to this are asked for. */
  readonly products: number;
  /** Users with a filled cart each, for checkouts; every checkout takes the next. */
  readonly buyers: number;
}

export type RequestKind = "browse" | "search" | "view-cart" | "cart" | "checkout";

/** Times in milliseconds; `at` since the load began. Status 0: no answer. */
export interface LoadAnswer {
  readonly kind: RequestKind;
  readonly at: number;
  readonly ms: number;
  readonly status: number;
}

/** Customers with a cart of their own: they look at it and add to it. */
const VISITORS = 2_000;
const WORDS = ["oak", "lamp", "desk lamp", "wool scarf", "steel kettle", "tent", "linen shirt", "backpack"];

const generate = async ({
  url,
  perSecond,
  seconds,
  seed,
  mix,
  products,
  buyers,
}: OpenLoad): Promise<void> => {
  const random = seeded(seed);
  const bag = (Object.entries(mix) as [RequestKind, number][]).flatMap(([kind, weight]) =>
    Array.from({ length: weight }, () => kind),
  );
  const answers: LoadAnswer[] = [];
  const pick = <T>(options: readonly T[]): T => options[Math.floor(random() * options.length)] as T;
  const client = leanClient(url, CONNECTIONS);
  const visitor = (): string => `visitor-${Math.floor(random() * VISITORS)}`;
  let buyer = 0;

  const request = (kind: RequestKind): LeanRequest => {
    switch (kind) {
      case "browse":
        return { method: "GET", path: `/products/${1 + Math.floor(random() * products)}` };
      case "search":
        return { method: "GET", path: `/products/search?q=${encodeURIComponent(pick(WORDS))}` };
      case "view-cart":
        return { method: "GET", path: `/cart/${visitor()}` };
      case "cart":
        return {
          method: "POST",
          path: `/cart/${visitor()}/items`,
          body: JSON.stringify({ product_id: 1 + Math.floor(random() * products), quantity: 1 }),
        };
      case "checkout":
        return { method: "POST", path: `/cart/buyer-${seed}-${buyer++ % buyers}/checkout` };
    }
  };
  const send = async (kind: RequestKind, due: number): Promise<void> => {
    const status = await client.send(request(kind));
    answers.push({ kind, at: due, ms: performance.now() - startedAt - due, status });
  };

  await client.warmUp(WARM_CONNECTIONS, { method: "GET", path: "/health" });
  const startedAt = performance.now();
  const underWay = new Set<Promise<void>>();
  let due = 0;
  while (due < seconds * 1_000) {
    for (const now = performance.now() - startedAt; due <= now && due < seconds * 1_000; ) {
      const sending = send(pick(bag), due).finally(() => underWay.delete(sending));
      underWay.add(sending);
      // Poisson arrivals: exponential gaps.
      due += (-Math.log(1 - random()) / perSecond) * 1_000;
    }
    await Bun.sleep(TICK_MS);
  }
  await Promise.all(underWay);
  client.close();
  await Bun.write(Bun.stdout, answers.map((answer) => JSON.stringify(answer)).join("\n"));
};

/** Runs the load in a process of its own. @param prefix of its command line, such as `taskset` */
export const openLoad = async (load: OpenLoad, prefix: readonly string[] = []): Promise<LoadAnswer[]> => {
  const child = Bun.spawn([...prefix, process.execPath, import.meta.filename, JSON.stringify(load)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("The load generator failed");
  return text.split("\n").flatMap((line) => (line ? [JSON.parse(line) as LoadAnswer] : []));
};

if (import.meta.main) await generate(JSON.parse(process.argv[2] ?? "{}") as OpenLoad);

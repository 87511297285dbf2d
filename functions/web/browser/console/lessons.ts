import { answerOf, shop } from "../ui/shop.ts";
import { breakService, mendService } from "./fault-control.tsx";
import { type Figure, loads, memoryHits, perSecond, quantile, requests } from "./figures.ts";
import { milliseconds, number } from "./format.ts";
import { ask } from "./launcher-control.tsx";
import { type Moment, moments, pause } from "./stream.ts";

/** One step of a lesson. It lasts until its seconds are over, and longer until its condition holds. */
interface Step {
  readonly say: string;
  readonly act?: () => Promise<unknown>;
  readonly seconds: number;
  readonly until?: (seen: readonly Moment[]) => boolean;
}

export interface Lesson {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
  /** Tells in figures what happened. @param parts the seconds of each step */
  readonly ending: (parts: readonly (readonly Moment[])[]) => string;
}

/** How many times faster than usual the lessons go: `/console?pace=3`, for a demonstration or a test. */
export const PACE = Math.max(1, Number(new URLSearchParams(location.search).get("pace")) || 1);

/** The shortest load that the shop takes. */
const LEAST_SECONDS = 5;
const FREE_WITHIN_MS = 30_000;
const POLL_MS = 200;

/** Longer than the steps under it, also where a step waits for its condition. */
const LOAD = { readsPerSecond: 150, shoppers: 0, seconds: 120, spike: false, hotShare: 0 };
const SHOPPERS = { ...LOAD, readsPerSecond: 50, shoppers: 5 };

const cache = (mode: "off" | "redis" | "tiered") => () => answerOf(shop.PUT("/cache", { body: { mode } }));
const stopLoad = () => ask({ do: "stop-load" });

/** Starts a load in the place of the one that runs, or is being judged. */
const load = (request: typeof LOAD & { readonly saleStock?: number }) => async () => {
  const isBusy = () => moments.value.at(-1)?.world?.load !== undefined;
  if (isBusy()) await stopLoad();
  for (const until = Date.now() + FREE_WITHIN_MS; isBusy() && Date.now() < until; ) await pause(POLL_MS);
  const seconds = Math.max(LEAST_SECONDS, Math.round(request.seconds / PACE));
  await ask({ do: "load", load: { ...request, seconds } });
};

const mean = (seconds: readonly Moment[] = [], figure: Figure): number => {
  const values = seconds.flatMap((moment) => figure(moment) ?? []);
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
};
const total = (seconds: readonly Moment[] = [], figure: Figure): number =>
  seconds.reduce((sum, moment) => sum + (figure(moment) ?? 0) * moment.seconds, 0);

const verdictIn = (seconds: readonly Moment[] = []): string | undefined =>
  seconds.flatMap(({ marks }) => marks).findLast(({ kind }) => kind === "verdict")?.look;
const isJudged = (seconds: readonly Moment[]): boolean => verdictIn(seconds) !== undefined;

const dynamodbCalls = perSecond("DynamoDBCalls");
const refused = perSecond("CircuitRejections");

export const LESSONS: readonly Lesson[] = [
  {
    id: "cache",
    title: "A cache, on and off",
    steps: [
      {
        say: "A load begins. Memory fills, and soon answers nearly every read.",
        act: load(LOAD),
        seconds: 12,
        until: (seen) => total(seen, memoryHits) > 0,
      },
      {
        say: "The cache is off: every read is a call to DynamoDB.",
        act: cache("off"),
        seconds: 10,
        until: (seen) => total(seen.slice(-5), dynamodbCalls) > 0,
      },
      { say: "It is on again, and starts cold: watch it fill.", act: cache("tiered"), seconds: 8 },
      { say: "That was all.", act: stopLoad, seconds: 1 },
    ],
    ending: ([on, off]) =>
      `With the cache on, ${number(mean(on, memoryHits))} reads a second came from memory, at a median of ${milliseconds(mean(on?.slice(-5), quantile("Latency", 0)))}. Without it, DynamoDB took ${number(mean(off?.slice(-5), dynamodbCalls))} calls a second, and the median was ${milliseconds(mean(off?.slice(-5), quantile("Latency", 0)))}.`,
  },
  {
    id: "breaker",
    title: "A breaker opens and closes",
    steps: [
      { say: "Shoppers buy, and the payment service answers.", act: load(SHOPPERS), seconds: 6 },
      {
        say: "The payment service fails every call. Its breaker opens, and checkouts are refused at once.",
        act: () => breakService("payment", { share: 100, latency: 0, kind: "error", seconds: 30 }),
        seconds: 8,
        // And somebody has met it.
        until: (seen) =>
          seen.some(({ circuits }) => circuits.payment.state === "open") && total(seen, refused) > 0,
      },
      {
        say: "It is mended. A probe finds it back, and traffic grows from a few calls to all of them.",
        act: () => mendService("payment"),
        seconds: 6,
        until: (seen) => seen.at(-1)?.circuits.payment.state === "closed",
      },
      { say: "That was all.", act: stopLoad, seconds: 1 },
    ],
    ending: ([, broken, mended]) => {
      const open = [...(broken ?? []), ...(mended ?? [])].filter(
        ({ circuits }) => circuits.payment.state === "open",
      );
      const back = (mended ?? []).findIndex(({ circuits }) => circuits.payment.state === "closed") + 1;
      return `The breaker was open for about ${open.length} s and refused ${number(total([...(broken ?? []), ...(mended ?? [])], refused))} calls at once instead of letting them wait. It was closed within ${Math.max(1, back)} s of the repair.`;
    },
  },
  {
    id: "stampede",
    title: "A stampede, with and without protection",
    steps: [
      {
        say: "Nine reads in ten want one product, and nothing is cached: the stampede reaches DynamoDB.",
        // The load first: when it is refused, the cache stays on.
        act: async () => {
          await load({ ...LOAD, readsPerSecond: 300, hotShare: 0.9 })();
          await cache("off")();
        },
        seconds: 10,
        until: (seen) => total(seen, requests) > 0 && total(seen, dynamodbCalls) > 0,
      },
      {
        say: "The cache starts cold under the same load: the first reads share one load, and the rest never leave memory.",
        act: cache("tiered"),
        seconds: 10,
        until: (seen) => total(seen, requests) > 0,
      },
      { say: "That was all.", act: stopLoad, seconds: 1 },
    ],
    ending: ([bare, shielded]) =>
      `Without protection ${number(total(bare, requests))} requests became ${number(total(bare, dynamodbCalls))} DynamoDB calls. With it, ${number(total(shielded, requests))} requests needed ${number(total(shielded, loads))} products from DynamoDB.`,
  },
  {
    id: "flash-sale",
    title: "A flash sale",
    steps: [
      {
        say: "One hundred pieces, thirty shoppers, one product. They are reserved one by one, and never twice.",
        act: load({ ...LOAD, readsPerSecond: 50, shoppers: 30, saleStock: 100 }),
        seconds: 14,
        until: (seen) => total(seen, perSecond("OrdersFulfilled")) > 0,
      },
      {
        say: "The checker holds what the shoppers saw against what is stored.",
        act: stopLoad,
        seconds: 2,
        until: isJudged,
      },
    ],
    ending: (parts) => {
      const sale = parts.flat();
      return `${number(total(sale, perSecond("OrdersConfirmed")))} orders were paid and ${number(total(sale, perSecond("OrdersSoldOut")))} checkouts found it sold out. ${verdictIn(sale) ?? ""}`;
    },
  },
  {
    id: "kill",
    title: "kill -9 in the middle",
    steps: [
      { say: "Shoppers fill carts and pay.", act: load({ ...SHOPPERS, seconds: 20 }), seconds: 6 },
      {
        say: "The database is killed, without a word. The launcher starts it again on the same file.",
        act: () => ask({ do: "program", program: "dynamodb", action: "kill" }),
        seconds: 13,
      },
      { say: "The checker holds what the shoppers saw against what is stored.", seconds: 2, until: isJudged },
    ],
    ending: ([, ...parts]) => {
      const after = parts.flat();
      return `${number(total(after, perSecond("DynamoDBErrors")))} calls failed while the database was away. ${verdictIn(after) ?? ""}`;
    },
  },
];

import { join } from "node:path";
import { figure } from "../../experiments/lab-figures.ts";
import { readProcess } from "../../harness/process-figures.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { play, writeRequests } from "../speed/play.ts";
import { get } from "../speed/requests.ts";
import { startDefaultShop } from "../speed/speed-programs.ts";
import { fillCarts, PRODUCTS, QUERIES } from "../speed/subjects.ts";
import { describe, type Part } from "./growth-part.ts";

const REQUESTS = 2_000_000;
const QUICK_REQUESTS = 200_000;
const LOOKS = 20;
const CONNECTIONS = 64;
const SECONDS = 1;
const CARTS = 100;
/** Of this many requests one is a search and one reads a cart. */
const TURN = 50;

/** Resident memory while one process answers two million requests. */
export const watchMemory: Part = async ({ dir, isQuick, faults }) => {
  const total = isQuick ? QUICK_REQUESTS : REQUESTS;
  const shop = await startDefaultShop(dir);
  try {
    await fillCarts(clientOf(shop.url), "cart", CARTS, 3);
    const file = join(dir, "memory.requests");
    await writeRequests(file, mixedRequests());
    const samples = new Map<number, { memory: number[] }>();
    for (let done = 0, look = 1; done < total; ) {
      const { requests, errors, broken } = await play({
        url: shop.url,
        connections: CONNECTIONS,
        seconds: SECONDS,
        file,
        skip: done % PRODUCTS,
        counts: false,
      });
      if (requests === 0) throw new Error("The shop answers no more");
      faults.note("memory", { refused: errors / requests, failed: broken });
      done += requests;
      await shop.emptyLog();
      if (done < (look * total) / LOOKS) continue;
      look = Math.floor((done * LOOKS) / total) + 1;
      const memory = (await readProcess(shop.pid))?.memoryMb ?? Number.NaN;
      console.error(`memory: ${done} requests, ${Math.round(memory)} MB`);
      samples.set(done, { memory: [memory] });
    }
    return describe(
      {
        name: "memory",
        title: "Requests answered",
        size: "requests",
        curves: [{ id: "memory", label: "RSS", unit: "MB", better: "lower", chart: "memory" }],
        summarize: (at, { least, most }) => [
          {
            question: `Memory after ${figure(most)} requests?`,
            figure: `${figure(at(most, "memory"))} MB`,
            answer: `Resident; ${figure(at(least, "memory"))} MB after the first ${figure(least)}.`,
            chart: "growth.memory.memory",
          },
        ],
        notes: [
          `${CONNECTIONS} connections; of ${TURN} requests ${TURN - 2} read products in turn over ${PRODUCTS}, one searches, one reads a cart.`,
        ],
      },
      samples,
    );
  } finally {
    await shop.stop();
  }
};

const mixedRequests = (): string[] =>
  Array.from({ length: PRODUCTS }, (_, i) => {
    const turn = Math.floor(i / TURN);
    if (i % TURN === 0) {
      return get(`/products/search?q=${encodeURIComponent(QUERIES[turn % QUERIES.length] ?? "")}`);
    }
    return i % TURN === 1 ? get(`/cart/cart-${turn % CARTS}`) : get(`/products/${i + 1}`);
  });

import { figure } from "../../experiments/lab-figures.ts";
import { processorSeconds } from "../../harness/process-figures.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { askInLoops } from "../overload/tally.ts";
import { get, post } from "../speed/requests.ts";
import { costOf } from "../speed/rounds.ts";
import { startDefaultShop } from "../speed/speed-programs.ts";
import { fillCarts } from "../speed/subjects.ts";
import type { FaultLog } from "./fault-log.ts";
import { describe, type Part, repeated } from "./growth-part.ts";

const LINES = [1, 2, 5, 10, 20, 50];
const CARTS = 20;
const CHECKOUTS = 40;
const BUYERS_AT_ONCE = 4;

/** Carts of growing length: read, add to a line, checkout. */
export const growCarts: Part = async ({ dir, rounds, faults }) => {
  const shop = await startDefaultShop(dir, { CATALOG_SIZE: "5000" });
  try {
    const client = clientOf(shop.url);
    const samples = new Map<number, Record<string, number[]>>();
    // The first, once more, lets the runtime compile what is hot.
    for (const lines of [...LINES.slice(0, 1), ...LINES]) {
      console.error(`carts: ${lines} lines`);
      const users = Array.from({ length: CARTS }, (_, i) => `cart-${lines}-${i}`);
      await fillCarts(client, `cart-${lines}`, CARTS, lines);
      // Each cart's first product, as `fillCarts` chooses it: the line is there.
      const adds = users.map((user, i) =>
        post(`/cart/${user}/items`, { product_id: 1 + i * lines, quantity: 1 }),
      );
      const figures = await repeated(rounds, async (round) => {
        const reads = users.map((user) => get(`/cart/${user}`));
        const read = faults.note(`read a cart, ${lines} lines`, await costOf(shop, dir, reads));
        const add = faults.note(`add to a cart, ${lines} lines`, await costOf(shop, dir, adds));
        const prefix = `buyer-${lines}-${round}`;
        await fillCarts(client, prefix, CHECKOUTS, lines);
        const checkout = await buyAll(shop, prefix, (tally) =>
          faults.note(`checkout, ${lines} lines`, tally),
        );
        await shop.emptyLog();
        return { readCpu: read.cpu, addCpu: add.cpu, ...checkout };
      });
      samples.set(lines, figures);
    }
    return describe(
      {
        name: "carts",
        title: "Lines in a cart",
        size: "lines",
        curves: [
          { id: "readCpu", label: "read", unit: "µs CPU", better: "lower", chart: "CPU of reads and adds" },
          { id: "addCpu", label: "add", unit: "µs CPU", better: "lower", chart: "CPU of reads and adds" },
          {
            id: "checkoutCpu",
            label: "checkout",
            unit: "ms CPU",
            better: "lower",
            chart: "CPU of a checkout",
          },
          { id: "checkoutMs", label: "checkout p50", unit: "ms", better: "lower", chart: "checkout" },
        ],
        summarize: (at, { least, most }) => [
          {
            question: `A checkout of ${most} lines?`,
            figure: `${figure(at(most, "checkoutCpu"))} ms`,
            answer: `CPU of the shop; ${figure(at(least, "checkoutCpu"))} ms with ${least} line.`,
            detail: `A read takes ${figure(at(least, "readCpu"))} to ${figure(at(most, "readCpu"))} µs, an add ${figure(at(least, "addCpu"))} to ${figure(at(most, "addCpu"))} µs.`,
            chart: "growth.carts.CPU of a checkout",
          },
        ],
        notes: [
          `Adds go to a line that is there; 16 clients on ${CARTS} carts. Checkouts: ${CHECKOUTS} by ${BUYERS_AT_ONCE} buyers; their CPU has a part of fulfilment in it.`,
        ],
      },
      samples,
    );
  } finally {
    await shop.stop();
  }
};

const buyAll = async (
  shop: { readonly url: string; readonly pid: number },
  prefix: string,
  note: (tally: Parameters<FaultLog["note"]>[1]) => unknown,
) => {
  const kind = {
    name: "checkouts",
    steps: (i: number) => [
      {
        path: `/cart/${prefix}-${i}/checkout`,
        init: { method: "POST" },
        objective: Number.POSITIVE_INFINITY,
      },
    ],
  };
  const before = await processorSeconds(shop.pid);
  const goesOn = (turns: number) => turns < CHECKOUTS;
  const { median, refused, failures } = await askInLoops(shop.url, kind, BUYERS_AT_ONCE, goesOn);
  const cpu = ((await processorSeconds(shop.pid)) - before) / CHECKOUTS;
  note({ refused: refused / CHECKOUTS, failed: failures.length });
  return { checkoutCpu: 1_000 * cpu, checkoutMs: median };
};

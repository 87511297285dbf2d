import { setTimeout as sleep } from "node:timers/promises";
import { type HistoryEvent, operationsOf } from "../verify/checker/history.ts";
import { readState } from "../verify/checker/state.ts";
import { judge } from "../verify/checker/verdict.ts";

const SETTLE_TIMEOUT_MS = 10_000;
const POLL_MS = 250;

/** Left aside: stock belongs to all shoppers, and a payment may be settled minutes later. */
const ASIDE = new Set(["stock conserved", "all settled and fulfilled"]);

interface RunStage {
  readonly url: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly dynamodb: string;
  readonly prefix: string;
}

/**
 * Judges one run in a shop that others use as well: orders, carts and charges of the run's own users, whose names begin
 * with `users`. Stock is shared with other users' orders and not judged here; `npm run verify` judges it.
 */
export const judgeRun = async (
  history: readonly HistoryEvent[],
  users: string,
  { url, credentials, dynamodb, prefix }: RunStage,
): Promise<{ outcome: string; text: string }> => {
  if (history.length === 0)
    return { outcome: "ok", text: "Readers only: there is nothing that could be lost." };
  const isOwn = ({ user_id }: { readonly user_id: string }): boolean => user_id.startsWith(users);
  let state = await readState(dynamodb, prefix);
  const open = state.orders.filter((order) => isOwn(order) && order.status === "confirmed");
  if (open.length > 0) {
    await untilFulfilled(url, credentials, open);
    state = await readState(dynamodb, prefix);
  }
  const orders = state.orders.filter(isOwn);
  const own = new Set(orders.map(({ order_id }) => order_id));
  const { findings } = judge(history, {
    ...state,
    orders,
    carts: state.carts.filter(isOwn),
    charges: state.charges.filter(({ charge_key }) => own.has(charge_key)),
    claims: state.claims.filter(({ idempotency_key }) => idempotency_key.startsWith(users)),
    stock: [],
  });
  const judged = findings.filter(({ check }) => !ASIDE.has(check));
  const violations = judged.flatMap((finding) => finding.violations);
  const undecided = judged.reduce((sum, finding) => sum + (finding.undecided ?? 0), 0);
  const sold = orders.filter(({ status }) => status === "fulfilled").length;
  const asked = operationsOf(history).length;
  const summary = `${asked} operations, ${sold} orders paid and fulfilled`;
  if (violations.length > 0) {
    return {
      outcome: "violated",
      text: `${summary}, and ${violations.length} violations: ${violations[0]?.message}`,
    };
  }
  if (undecided > 0) return { outcome: "undecided", text: `${summary}; ${undecided} could not be decided.` };
  return { outcome: "ok", text: `${summary}: nothing lost, nothing doubled, nothing charged twice.` };
};

/** Asks for each order by itself: the tables hold everybody's, and reading all of them costs the shop its database's time. */
const untilFulfilled = async (
  url: string,
  credentials: Readonly<Record<string, string>>,
  orders: readonly { readonly order_id: string }[],
): Promise<void> => {
  const until = Date.now() + SETTLE_TIMEOUT_MS;
  for (const { order_id } of orders) {
    const isConfirmed = async () =>
      (await statusOf(`${url}/orders/${order_id}`, credentials)) === "confirmed";
    while (Date.now() < until && (await isConfirmed())) await sleep(POLL_MS);
  }
};

const statusOf = async (
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<string | undefined> => {
  const signal = AbortSignal.timeout(SETTLE_TIMEOUT_MS);
  const answer = await fetch(url, { headers, signal }).catch(() => undefined);
  return ((await answer?.json().catch(() => undefined)) as { status?: string } | undefined)?.status;
};

import { setTimeout as sleep } from "node:timers/promises";
import { type HistoryEvent, operationsOf } from "../verify/checker/history.ts";
import { readState } from "../verify/checker/state.ts";
import { judge } from "../verify/checker/verdict.ts";

const SETTLE_TIMEOUT_MS = 10_000;
const POLL_MS = 1_000;

/** Left aside: stock belongs to all shoppers, and a payment may be settled minutes later. */
const ASIDE = new Set(["stock conserved", "all settled and fulfilled"]);

/**
 * Judges one run in a shop that others use as well: orders, carts and charges of the run's own users, whose names begin
 * with `users`. Stock belongs to everybody, so it is held against all orders, by the whole verdict.
 */
export const judgeRun = async (
  history: readonly HistoryEvent[],
  users: string,
  { dynamodb, prefix }: { readonly dynamodb: string; readonly prefix: string },
): Promise<{ outcome: string; text: string }> => {
  if (history.length === 0)
    return { outcome: "ok", text: "Readers only: there is nothing that could be lost." };
  const isOwn = ({ user_id }: { readonly user_id: string }): boolean => user_id.startsWith(users);
  let state = await readState(dynamodb, prefix);
  for (const until = Date.now() + SETTLE_TIMEOUT_MS; Date.now() < until; ) {
    if (!state.orders.some((order) => isOwn(order) && order.status === "confirmed")) break;
    await sleep(POLL_MS);
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

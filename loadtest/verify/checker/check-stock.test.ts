import { expect, test } from "vitest";
import type { HistoryEvent } from "./history.ts";
import type { StockRow } from "./state.ts";
import { cleanStory, PIECES } from "./story.ts";
import { judge, printVerdict } from "./verdict.ts";

const row = (product_id: number, available: number, others: Partial<StockRow> = {}): StockRow => {
  return { product_id, shard: 0, available, reserved: 0, sold: 0, ...others };
};
/** A run in which nobody sets any stock, with a product that nobody asks for. */
const untouched = () => {
  const { history, state } = cleanStory();
  state.stock.push(row(2, 90));
  return { state, history: history.filter(({ call }) => call !== 1) };
};
const found = (...[history, state, before]: Parameters<typeof judge>) =>
  judge(history, state, before).findings.find(({ check }) => check === "stock conserved");

test("pieces of a product that no history set are missed where it is known what there was", () => {
  const { history, state } = untouched();
  const before = [row(1, 60), row(1, PIECES - 60, { shard: 1 }), row(2, 90)];
  expect(judge(history, state, before).isOk).toBe(true);
  const after = { ...state, stock: state.stock.map((of) => (of.product_id === 2 ? row(2, 0) : of)) };
  expect(found(history, after, before)?.violations).toMatchObject([
    { kind: "lost", message: "product 2: 0 available + 0 reserved + 0 sold = 0, not 90" },
  ]);
});

test("a product that is gone altogether is missed, and one of which only orders know", () => {
  const { history, state } = untouched();
  const gone = { ...state, stock: state.stock.filter(({ product_id }) => product_id !== 2) };
  const lost = (id: number) => ({ kind: "lost", message: `product ${id} has no stock record` });
  expect(found(history, gone, [row(2, 90)])?.violations).toMatchObject([lost(2)]);
  expect(found(history, { ...state, stock: [] }, [])?.violations).toMatchObject([lost(1)]);
});

test("where it is not known what there was, that is said", () => {
  const { history, state } = untouched();
  expect(printVerdict(judge(history, state))).toContain("(what 2 products started with is not known)");
});

test("stock may be set after the snapshot, and nobody may know whether it was", () => {
  const { history, state } = cleanStory();
  const before = [row(1, 7, { sold: 3 })];
  const earlier = { ...state, stock: [row(1, PIECES - 6, { sold: 9 })] };
  const unbalanced = (events: readonly HistoryEvent[], pieces: number) =>
    found(events, { ...earlier, stock: [row(1, pieces - 9, { sold: 9 })] }, before)?.violations.filter(
      ({ message }) => message.includes("available"),
    ).length;
  expect(unbalanced(history, PIECES + 3)).toBe(0);
  expect(unbalanced(history, 10)).toBe(1);
  const unanswered = history.filter(({ call, type }) => call !== 1 || type === "invoke");
  expect(unbalanced(unanswered, PIECES + 3)).toBe(0);
  expect(unbalanced(unanswered, 10)).toBe(0);
  expect(unbalanced(unanswered, 50)).toBe(1);
});

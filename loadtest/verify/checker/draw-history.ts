import type { Subject } from "./finding.ts";
import { describeAction, type Operation } from "./history.ts";
import type { State } from "./state.ts";
import { touching } from "./touching.ts";

/** Operations drawn at a time: each has two moments, and a moment is a column. */
const SHOWN = 24;

/**
 * The operations that touched the key of a violation, as a text: one row each, in the order in which they
 * were invoked. Moments are drawn at equal distances, so that two bars that overlap were in flight together.
 */
export const drawHistory = (
  subject: Subject,
  operations: readonly Operation[],
  state: State,
  calls: readonly number[] = [],
): string => {
  const start = Math.min(...operations.map(({ invokedAt }) => invokedAt));
  const part = touching(subject, operations, state);
  const ordered = part.operations.toSorted((a, b) => a.invokedAt - b.invokedAt || a.call - b.call);
  const from = firstShown(ordered, calls);
  const shown = ordered.slice(from, from + SHOWN);
  const later = ordered.length - from - shown.length;
  const rows = table([
    ["", "call", "client", "invoked ms", "answered ms", "", "operation", "answer"],
    ...shown.map((operation, index) => [
      calls.includes(operation.call) ? ">" : "",
      String(operation.call),
      "user" in operation.action ? operation.action.user : "-",
      String(Math.round(operation.invokedAt - start)),
      operation.completedAt === Infinity ? "-" : String(Math.round(operation.completedAt - start)),
      barsOf(shown)[index] ?? "",
      describeAction(operation.action),
      showAnswer(operation),
    ]),
  ]);
  return [
    `History of ${part.title}: ${ordered.length} of ${operations.length} operations`,
    ...(from > 0 ? [`  ${from} earlier`] : []),
    ...(shown.length > 0 ? rows : []),
    ...(later > 0 ? [`  ${later} later`] : []),
    ...part.stored.map((line) => `  stored: ${line}`),
  ].join("\n");
};

/** The last of the calls in question in the middle; without any, the end. */
const firstShown = (operations: readonly Operation[], calls: readonly number[]): number => {
  const center = operations.findLastIndex(({ call }) => calls.includes(call));
  const last = operations.length - SHOWN;
  return Math.max(0, center < 0 ? last : Math.min(last, center - SHOWN / 2));
};

const END = { ok: "┤", fail: "✗", info: "?" } as const;

const barsOf = (operations: readonly Operation[]): string[] => {
  const times = operations.flatMap(({ invokedAt, completedAt }) => [invokedAt, completedAt]);
  const moments = [...new Set(times)].sort((a, b) => a - b);
  return operations.map(({ invokedAt, completedAt, outcome }) => {
    const [begin, end] = [moments.indexOf(invokedAt), moments.indexOf(completedAt)];
    const line = (outcome === "info" ? "┄" : "─").repeat(Math.max(0, end - begin - 1));
    return `${" ".repeat(begin)}├${line}${END[outcome]}`;
  });
};

const showAnswer = ({ outcome, error, cart, order }: Operation): string =>
  [
    outcome === "ok" ? "" : outcome,
    error ?? "",
    cart ? `version ${cart.version} ${JSON.stringify(cart.quantities)}` : "",
    order ? `${order.order_id} ${order.status}` : "",
  ]
    .filter((part) => part !== "")
    .join(" ") || "ok";

const NUMBERS = [1, 3, 4];

const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        NUMBERS.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
};

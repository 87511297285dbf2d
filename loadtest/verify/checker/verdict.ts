import { checkCarts } from "./check-carts.ts";
import { checkCharges } from "./check-charges.ts";
import { checkAcknowledged, checkKeys, checkSettled, checkTotals, checkUnasked } from "./check-orders.ts";
import { checkStock } from "./check-stock.ts";
import { drawHistory } from "./draw-history.ts";
import { type Finding, KINDS } from "./finding.ts";
import { type HistoryEvent, type Operation, operationsOf } from "./history.ts";
import type { State, StockRow } from "./state.ts";

/** `undecided`: nothing is known to be violated, but something could not be checked, or there was nothing to check. */
export type Outcome = "ok" | "undecided" | "violated";

export interface Verdict {
  readonly outcome: Outcome;
  readonly isOk: boolean;
  readonly findings: readonly Finding[];
  /** The history of each key that is violated, of the first few. */
  readonly drawings: readonly string[];
}

/**
 * Holds what the clients saw against what the shop has stored once all is quiet.
 *
 * @param stockBefore what was stored before the clients came, so that stock can be held against it
 */
export const judge = (
  history: readonly HistoryEvent[],
  state: State,
  stockBefore?: readonly StockRow[],
): Verdict => {
  const operations = operationsOf(history);
  const findings = [
    checkStock(operations, state, stockBefore),
    checkAcknowledged(operations, state),
    checkUnasked(operations, state),
    checkKeys(operations, state),
    checkTotals(state),
    checkCharges(state),
    checkSettled(state),
    checkCarts(operations, state),
  ];
  const outcome = outcomeOf(findings, operations.length);
  return { outcome, isOk: outcome === "ok", findings, drawings: drawingsOf(findings, operations, state) };
};

const outcomeOf = (findings: readonly Finding[], asked: number): Outcome => {
  if (findings.some(({ violations }) => violations.length > 0)) return "violated";
  return asked === 0 || findings.some(({ undecided = 0 }) => undecided > 0) ? "undecided" : "ok";
};

const DRAWN = 5;

/** One drawing a key: what is wrong with it may show in several checks. */
const drawingsOf = (
  findings: readonly Finding[],
  operations: readonly Operation[],
  state: State,
): string[] => {
  const byKey = Map.groupBy(
    findings.flatMap(({ violations }) => violations),
    ({ subject }) => JSON.stringify(subject),
  );
  return [...byKey.values()].slice(0, DRAWN).flatMap((ofKey) => {
    const calls = ofKey.flatMap((violation) => violation.calls ?? []);
    return ofKey[0] ? drawHistory(ofKey[0].subject, operations, state, calls) : [];
  });
};

const WORDS = { ok: "ok", undecided: "undecided", violated: "VIOLATED" } as const;

const SHOWN = 20;

/** The verdict for a person: a row a check, each violation explained, and the line that sums it up. */
export const printVerdict = ({ outcome, findings, drawings }: Verdict): string => {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const row = (check: string, ...cells: (string | number)[]): string =>
    [check.padEnd(width), ...cells.map((cell) => String(cell).padStart(10))].join("  ");
  const rows = findings.map(({ check, examined, violations, undecided = 0, note }) => {
    const remarks = [...(undecided > 0 ? [`${undecided} undecided`] : []), ...(note ? [note] : [])];
    return row(check, examined, violations.length) + (remarks.length > 0 ? `  (${remarks.join("; ")})` : "");
  });
  const violations = findings.flatMap((finding) => finding.violations);
  const explained = violations.slice(0, SHOWN).map(({ kind, message }) => `- ${kind}: ${message}`);
  if (violations.length > SHOWN) explained.push(`  and ${violations.length - SHOWN} more`);
  const counts = KINDS.map((kind) => ({ kind, count: violations.filter((v) => v.kind === kind).length }))
    .filter(({ kind, count }) => kind !== "wrong" || count > 0)
    .map(({ kind, count }) => `${count} ${kind}`);
  const undecided = findings.reduce((sum, finding) => sum + (finding.undecided ?? 0), 0);
  if (undecided > 0) counts.push(`${undecided} undecided`);
  return [
    row("check", "examined", "violations"),
    ...rows,
    ...(explained.length > 0 ? ["", ...explained] : []),
    ...drawings.flatMap((drawing) => ["", drawing]),
    "",
    `VERDICT: ${WORDS[outcome]} — ${counts.join(", ")}`,
  ].join("\n");
};

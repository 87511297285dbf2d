import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExperimentResult } from "../report/run-result.ts";
import { type HistoryEvent, parseHistory } from "../verify/checker/history.ts";
import { settledState } from "../verify/checker/settled.ts";
import { readStock, type StockRow } from "../verify/checker/state.ts";
import { judge, printVerdict } from "../verify/checker/verdict.ts";
import type { Stage } from "./experiment-stage.ts";
import type { Lab } from "./lab.ts";

const SETTLE_TIMEOUT_MS = 60_000;
const SHOWN = 3;
/** Apart from any generator's own numbers; each file gets a block of its own. */
const CALLS_A_FILE = 1_000_000_000_000;

export type VerdictEntry = ExperimentResult["verdicts"][number];

/** The stock of every product before a load, where it can be read, for the checker. */
export const stockOf = async ({ backstage }: Stage): Promise<StockRow[] | undefined> =>
  backstage && readStock(backstage.endpoint);

interface Judged {
  readonly name?: string;
  readonly stockBefore?: readonly StockRow[] | undefined;
}

/**
 * The checker's verdict on the answers of clients and on what the shop has stored, once nothing is under way.
 * None for a shop whose storage can't be read from here.
 */
export const verdictOf = async (
  lab: Lab,
  { backstage }: Stage,
  histories: readonly string[],
  { name = "Checker", stockBefore }: Judged = {},
): Promise<VerdictEntry[]> => {
  if (!backstage || histories.length === 0) return [];
  const events: HistoryEvent[] = [];
  for (const [i, file] of histories.entries()) {
    for (const event of parseHistory(await readFile(file, "utf8"))) {
      events.push({ ...event, call: i * CALLS_A_FILE + event.call });
    }
  }
  const state = await settledState(backstage.endpoint, SETTLE_TIMEOUT_MS, lab.signal);
  const verdict = judge(events, state, stockBefore);
  const asked = events.filter(({ type }) => type === "invoke").length;
  const [sum = "", ...reasons] = printVerdict(verdict).split("\n").reverse();
  const explained = reasons
    .reverse()
    .filter((line) => line.startsWith("- "))
    .slice(0, SHOWN);
  const counted = `${asked} operations and ${state.orders.length} orders judged`;
  const notes = verdict.findings.flatMap(({ check, note }) => (note ? `${check}: ${note}` : []));
  const detail = [sum.replace(/^VERDICT: /, ""), counted, ...notes, ...explained].join("; ");
  return [{ name, isOk: verdict.isOk, detail }];
};

/** A history of what the experiment itself did to the stock before a load began. */
export const recordStock = async (lab: Lab, product: number, available: number): Promise<string> => {
  const file = join(lab.workDir, `stock-${product}.jsonl`);
  const time = Date.now();
  const action = { f: "set-stock", product, available };
  const events = [
    { type: "invoke", call: 1, time, action },
    { type: "ok", call: 1, time },
  ];
  await appendFile(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  return file;
};

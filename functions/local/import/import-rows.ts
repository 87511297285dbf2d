import { readProductItems } from "../../../core/catalog/catalog.ts";
import type { Shop } from "../../../core/shop.ts";
import { addProblem, type Summary } from "./import-summary.ts";
import { matchVariants } from "./match-products.ts";
import { type ImportRecord, readRecords } from "./records.ts";
import type { MerchantProduct, NumberedRow, Row } from "./row.ts";
import type { Survey } from "./survey.ts";
import { type SyncOptions, syncTasks, type Task } from "./sync.ts";

/** Keys that one BatchGetItem reads. */
const BATCH_SIZE = 100;

export interface Import {
  readonly rows: AsyncIterable<Row>;
  /** Of a CSV file. */
  readonly survey?: Pick<Survey, "lastLines" | "unreadable"> | undefined;
  readonly options: SyncOptions;
  /** Counts what has been done, also when the import ends early. */
  readonly summary: Summary;
  /** Ends the import after the writes under way. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the shop have what a file says of its products. Rows that cannot be imported are counted, their
 * products stay as they are, and the others go on.
 *
 * @throws DomainError `STORAGE_UNAVAILABLE` when storage fails: the rest would only fail as well
 */
export const importRows = async (shop: Shop, job: Import): Promise<void> => {
  const { rows, survey, options, summary, signal } = job;
  const records = survey ? await readRecords(shop) : new Map<string, ImportRecord[]>();
  const taken = new Set([...records.values()].flat().map(({ product_id }) => product_id));
  const isWhole = survey?.unreadable === 0;
  const repeatedBy = openRepetitionCheck();
  let due: Task[] = [];

  const write = async (least: number): Promise<void> => {
    let done = 0;
    for (; due.length - done >= least && done < due.length && !signal?.aborted; done += BATCH_SIZE)
      await syncTasks(shop, due.slice(done, done + BATCH_SIZE), taken, job);
    due = due.slice(done);
  };

  for await (const row of rows) {
    if (signal?.aborted) return;
    if (row.kind === "extra") summary.extras += 1;
    else if (row.kind === "problem") addProblem(summary, row.line, row.message);
    else if (row.kind === "numbered") {
      const repetition = repeatedBy(row);
      if (repetition) addProblem(summary, row.line, repetition);
      else due.push({ kind: "sale", details: row.details, isNumbered: true, stock: "kept" });
    } else due.push(...tasksOf(row, records.get(row.handle) ?? [], isWhole, summary));
    await write(BATCH_SIZE);
  }
  const absent = survey ? absentRecords(records, survey.lastLines) : [];
  const isPruning = options.prune && isWhole;
  if (isPruning) due.push(...absent.map(withdrawalOf));
  await write(1);
  if (!isPruning) summary.absent += await countOnSale(shop, absent);
};

/** NDJSON names its products by number; the variants of a CSV are told apart where they are read. */
const openRepetitionCheck = () => {
  const lines = new Map<number, number>();
  return ({ line, details: { product_id } }: NumberedRow): string | undefined => {
    const same = lines.get(product_id);
    if (same !== undefined) return `is the same product as line ${same}`;
    lines.set(product_id, line);
    return undefined;
  };
};

/**
 * Brings a merchant's product up to date: its variants go on sale, and those that it no longer has are taken off
 * sale; all of them are, if it is hidden.
 *
 * @param isWhole whether every line of the file can be read; else a variant may be missing by mistake
 */
const tasksOf = (
  { handle, isHidden, variants }: MerchantProduct,
  records: readonly ImportRecord[],
  isWhole: boolean,
  summary: Summary,
): Task[] => {
  const { matched, gone } = matchVariants(records, variants);
  const tasks: Task[] = [];
  for (const { variant, position, record } of matched) {
    const { options, sku, details, stock, isShortened } = variant;
    const origin = { handle, options, sku, position };
    if (isHidden) {
      if (record) tasks.push({ kind: "withdrawal", record, origin });
      else summary.hidden += 1;
    } else if (details) {
      const product_id = record?.product_id ?? details.product_id;
      if (isShortened) summary.shortened += 1;
      tasks.push({
        kind: "sale",
        details: { ...details, product_id },
        isNumbered: record !== undefined,
        origin,
        record,
        stock,
      });
    }
  }
  if (isWhole || isHidden) tasks.push(...gone.map(withdrawalOf));
  else summary.unsure += gone.filter(({ position }) => position > 0).length;
  return tasks;
};

const withdrawalOf = (record: ImportRecord): Task => ({
  kind: "withdrawal",
  record,
  origin: { ...record, position: 0 },
});

const absentRecords = (
  records: ReadonlyMap<string, ImportRecord[]>,
  handles: ReadonlyMap<string, number>,
): ImportRecord[] => [...records].flatMap(([handle, ofHandle]) => (handles.has(handle) ? [] : ofHandle));

const countOnSale = async (shop: Shop, records: readonly ImportRecord[]): Promise<number> => {
  let count = 0;
  for (let start = 0; start < records.length; start += BATCH_SIZE) {
    const ids = records.slice(start, start + BATCH_SIZE).map(({ product_id }) => product_id);
    for (const { price_cents } of (await readProductItems(shop, ids)).values())
      if (price_cents !== undefined) count += 1;
  }
  return count;
};

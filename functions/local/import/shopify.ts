import { type Column, handleOf, type Layout, layoutOf, readCell } from "./columns.ts";
import type { CsvRecord } from "./csv-rows.ts";
import { type MerchantProduct, type ProblemRow, problemRow, type Row, type Variant } from "./row.ts";
import type { Survey } from "./survey.ts";
import { addShared, type OwnFields, readOwn, readVariant, type Shared, sharedFields } from "./variant.ts";

/** A row that fills in none of these adds no variant. */
const VARIANT_COLUMNS = ["title", "option1", "option2", "option3", "sku", "price"] as const;

/** Shopify's own limit. */
const MAX_HANDLE = 255;

/** A product of which rows may still come. */
interface OpenProduct {
  readonly handle: string;
  readonly shared: Shared;
  readonly variants: OwnFields[];
}

/**
 * The products of a Shopify product export. A product is all rows of its handle, wherever they stand. Values
 * that its variants share (title, text, vendor, status …) are in the first row that gives them; each row with
 * a variant's fields is a variant. A product is yielded at its last row, so that only products whose rows are
 * scattered wait in memory.
 *
 * @param records the first is the header
 * @param survey of the same records
 */
export async function* shopifyProducts(
  records: AsyncIterable<CsvRecord | ProblemRow>,
  { lastLines }: Pick<Survey, "lastLines">,
): AsyncGenerator<Row> {
  let layout: Layout | undefined;
  const open = new Map<string, OpenProduct>();
  for await (const record of records) {
    if (record.kind === "problem") {
      yield record;
      continue;
    }
    if (!layout) {
      layout = layoutOf(record.fields);
      continue;
    }
    const handle = handleOf(record.fields, layout);
    const complaint = handleComplaint(handle);
    if (complaint) {
      yield problemRow(record.line, complaint);
      continue;
    }
    const product = open.get(handle) ?? { handle, shared: {}, variants: [] };
    open.set(handle, product);
    if (!addRow(product, record, layout)) yield { kind: "extra", line: record.line };
    if (lastLines.get(handle) !== record.line) continue;
    open.delete(handle);
    yield* finish(product);
  }
  // The file has changed since its survey.
  for (const product of open.values()) yield* finish(product);
}

const handleComplaint = (handle: string): string | undefined => {
  if (handle === "") return "Handle: is blank";
  return handle.length > MAX_HANDLE ? `Handle: is longer than ${MAX_HANDLE} characters` : undefined;
};

/** @returns whether the row has a variant */
const addRow = (
  { shared, variants }: OpenProduct,
  { fields, line, delimiter }: CsvRecord,
  layout: Layout,
): boolean => {
  const cell = (column: Column): string => readCell(fields, layout, column);
  addShared(shared, cell);
  if (VARIANT_COLUMNS.every((column) => cell(column) === "")) return false;
  variants.push(readOwn(line, cell, layout, delimiter));
  return true;
};

/**
 * Complaints about the variants of a product, then about the product. Nobody needs to correct one that is
 * hidden.
 */
function* finish({ handle, shared, variants }: OpenProduct): Generator<ProblemRow | MerchantProduct> {
  const isHidden = isHiddenBy(shared);
  const fields = sharedFields(handle, shared);
  const lineOf = new Map<string, number>();
  const different: Variant[] = [];
  for (const own of variants) {
    const { complaints, ...variant } = readVariant(fields, own);
    const identity = JSON.stringify(variant.options);
    const same = lineOf.get(identity);
    if (same === undefined) {
      lineOf.set(identity, own.line);
      different.push(variant);
    } else {
      complaints.push(`is the same variant as line ${same}`);
    }
    if (complaints.length > 0 && !isHidden) yield problemRow(own.line, ...complaints);
  }
  yield { kind: "product", handle, isHidden, variants: different };
}

/**
 * Whether customers of the file's shop can't find the product: its status, where the file has one, is not
 * active (draft, archived, unlisted), or it is not published in the online store.
 */
const isHiddenBy = ({ status = "", published = "" }: Shared): boolean =>
  !["", "active"].includes(status.toLowerCase()) || ["false", "no", "0"].includes(published.toLowerCase());

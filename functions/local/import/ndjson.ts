import { productDetailsSchema } from "../../../core/catalog/product.ts";
import { complaintsOf, problemRow, type Row } from "./row.ts";
import type { Line } from "./text-lines.ts";

/** One product of the wire contract a line, as a client sends it or as the shop answers it; blank lines count for nothing. */
export async function* ndjsonRows(lines: AsyncIterable<Line>): AsyncGenerator<Row> {
  for await (const line of lines) {
    if (line.kind === "unreadable") yield problemRow(line.number, line.message);
    else if (line.text.trim() !== "") yield rowOf(line.number, line.text);
  }
}

const rowOf = (line: number, text: string): Row => {
  const value = parse(text);
  if (!value) return problemRow(line, "is no JSON object");
  // Duplicates in an answer of the shop, and its version, which the store gives itself.
  const { id, brand, version: _, ...fields } = value;
  if (fields.price === null) delete fields.price; // The shop's answer for a product without one.
  const complaints: string[] = [];
  if (id !== undefined && id !== fields.product_id) complaints.push("id: must repeat product_id");
  if (brand !== undefined && brand !== fields.manufacturer)
    complaints.push("brand: must repeat manufacturer");
  const parsed = productDetailsSchema.safeParse(fields);
  if (!parsed.success) complaints.push(...complaintsOf(parsed.error));
  if (!parsed.success || complaints.length > 0) return problemRow(line, ...complaints);
  return { kind: "numbered", line, details: parsed.data };
};

const parse = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

import type { z } from "zod";
import type { ProductDetails } from "../../../core/catalog/product.ts";

/** A product under a number of its own, as NDJSON has it. */
export interface NumberedRow {
  readonly kind: "numbered";
  /** Where it starts in the file, from 1. */
  readonly line: number;
  readonly details: ProductDetails;
}

/** A variant's stock in a file: pieces, uncounted, or not given. */
export type StockWord = number | "untracked" | undefined;

/** A variant of a merchant's product, which is a product of the shop. */
export interface Variant {
  readonly line: number;
  /** The values of its options; none for a product that has no options. Different within a product. */
  readonly options: readonly string[];
  /** The merchant's own, or "". */
  readonly sku: string;
  /** `product_id` is only the first choice of one. Without details the variant was refused. */
  readonly details?: ProductDetails;
  readonly stock?: StockWord;
  /** Whether its description was too long for the shop. */
  readonly isShortened?: boolean;
}

/** All rows of a handle. */
export interface MerchantProduct {
  readonly kind: "product";
  readonly handle: string;
  /** Whether customers of the merchant can't find it: a draft, archived, or not published. */
  readonly isHidden: boolean;
  /** In the file's order. */
  readonly variants: readonly Variant[];
}

/** A row that only adds something to the product of its handle, such as a picture. */
export interface ExtraRow {
  readonly kind: "extra";
  readonly line: number;
}

/** A row that is refused. */
export interface ProblemRow {
  readonly kind: "problem";
  readonly line: number;
  /** The complaint, the field first where it is one field: `price: must have at most two decimals`. */
  readonly message: string;
}

export type Row = NumberedRow | MerchantProduct | ExtraRow | ProblemRow;

export const problemRow = (line: number, ...messages: string[]): ProblemRow => ({
  kind: "problem",
  line,
  message: messages.join("; "),
});

/** A schema's complaints, each with its field. */
export const complaintsOf = ({ issues }: z.ZodError): string[] =>
  issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => `${key}: is not a known field`)
      : [[...issue.path.map(String), issue.message].join(": ")],
  );

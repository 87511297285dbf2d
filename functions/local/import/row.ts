import type { z } from "zod";
import type { ProductDetails } from "../../../core/catalog/product.ts";

/** A product that may be written. */
export interface ProductRow {
  readonly kind: "product";
  /** Where it starts in the file, from 1. */
  readonly line: number;
  /** What must be there once in a file. */
  readonly identity: string;
  readonly details: ProductDetails;
  /** Whether the file gives the product number; else `details` holds only the first choice of one. */
  readonly isNumbered: boolean;
  /** Pieces to start with. */
  readonly available?: number;
}

/** A row that only adds a picture to the product above it. */
export interface ImageRow {
  readonly kind: "image";
  readonly line: number;
}

/** A product that its merchant does not show: a draft, archived, or not published. */
export interface HiddenRow {
  readonly kind: "hidden";
  readonly line: number;
}

export interface ProblemRow {
  readonly kind: "problem";
  readonly line: number;
  /** What is wrong, the field first where it is one field: `price: must have at most two decimals`. */
  readonly message: string;
}

export type Row = ProductRow | ImageRow | HiddenRow | ProblemRow;

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

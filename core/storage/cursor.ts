import type { z } from "zod";
import { DomainError } from "../errors.ts";

type Key = Record<string, string | number>;

/** An opaque page cursor: the key after which the next page starts. */
export const encodeCursor = (key: Key | undefined): string | null =>
  key ? Buffer.from(JSON.stringify(key)).toString("base64url") : null;

/**
 * The key inside a cursor a client sent back.
 *
 * @param schema the key as this very listing makes it: what it lets pass goes to DynamoDB as it is
 * @throws DomainError `VALIDATION_FAILED` for anything {@link encodeCursor} did not make for this listing
 */
export const decodeCursor = <K extends Key>(cursor: string, schema: z.ZodType<K>): K => {
  const { success, data } = schema.safeParse(parse(cursor));
  if (success) return data;
  throw new DomainError("VALIDATION_FAILED", "query.cursor: is not a cursor of this listing", {
    details: [{ field: "query.cursor", message: "is not a cursor of this listing" }],
  });
};

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
};

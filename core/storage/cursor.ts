import { DomainError } from "../errors.ts";

type Key = Record<string, string | number>;

/** An opaque page cursor: the key after which the next page starts. */
export const encodeCursor = (key: Key | undefined): string | null =>
  key ? Buffer.from(JSON.stringify(key)).toString("base64url") : null;

/**
 * The key inside a cursor a client sent back.
 *
 * @param fields the key's attributes with their types; a cursor of another listing has other ones
 * @throws DomainError `VALIDATION_FAILED` for anything {@link encodeCursor} did not make for these fields
 */
export const decodeCursor = (cursor: string, fields: Record<string, "string" | "number">): Key => {
  const key = parse(cursor);
  const names = Object.keys(fields);
  const fits =
    key !== undefined &&
    Object.keys(key).length === names.length &&
    names.every((name) => typeof key[name] === fields[name] && key[name] !== "");
  if (fits) return key as Key;
  throw new DomainError("VALIDATION_FAILED", "query.cursor: is not a cursor of this listing", {
    details: [{ field: "query.cursor", message: "is not a cursor of this listing" }],
  });
};

const parse = (cursor: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

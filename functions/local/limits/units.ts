import type { AttributeValue, Item } from "./protocol.ts";

/** Bytes that one unit pays for: 1 KB written, 4 KB read. */
const WRITE_UNIT = 1_024;
export const READ_UNIT = 4_096;

/** Units of one write, by the larger of the item before and after. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_UNIT));

/** Units of one read; half of them when it is eventually consistent. */
export const readUnits = (bytes: number, isConsistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT)) * (isConsistent ? 1 : 0.5);

/**
 * Bytes of an item by DynamoDB's rules: attribute names and values in UTF-8.
 *
 * Source: "DynamoDB item sizes and formats", DynamoDB developer guide.
 */
export const itemBytes = (item: Item): number => {
  let bytes = 0;
  for (const name in item) bytes += Buffer.byteLength(name) + valueBytes(item[name] as AttributeValue);
  return bytes;
};

/** A list or map has 3 bytes of its own and 1 for each member. */
const CONTAINER = 3;

const valueBytes = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return binaryBytes(value.B);
  if (value.M) return CONTAINER + Object.keys(value.M).length + itemBytes(value.M);
  if (value.L) return value.L.reduce((bytes, member) => bytes + 1 + valueBytes(member), CONTAINER);
  if (value.SS) return sum(value.SS, (member) => Buffer.byteLength(member));
  if (value.NS) return sum(value.NS, numberBytes);
  if (value.BS) return sum(value.BS, binaryBytes);
  return 1; // BOOL and NULL.
};

const sum = (members: readonly string[], bytesOf: (member: string) => number): number =>
  members.reduce((bytes, member) => bytes + bytesOf(member), 0);

/** One byte for two significant digits, one more, and one for a sign. Leading and trailing zeros do not count. */
const numberBytes = (text: string): number => {
  const digits = (/^-?([\d.]*)/.exec(text)?.[1] ?? "").replace(".", "").replace(/^0+|0+$/g, "");
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith("-") ? 1 : 0);
};

const binaryBytes = (base64: string): number => Buffer.byteLength(base64, "base64");

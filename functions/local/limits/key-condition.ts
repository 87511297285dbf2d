import type { AttributeValue, Input, Item } from "./protocol.ts";
import { type Keys, valueText } from "./table-schemas.ts";

type Compare = "=" | "<" | "<=" | ">" | ">=";

/** The keys of a query: one hash key and, maybe, a range of sort keys. */
export interface KeyCondition {
  readonly hash: AttributeValue;
  readonly matches: (item: Item) => boolean;
}

/** The order of two keys of the same type: numbers by value, texts by their UTF-8 bytes. */
export const compareKeys = (a: AttributeValue | undefined, b: AttributeValue | undefined): number => {
  if (a?.N !== undefined && b?.N !== undefined) return Number(a.N) - Number(b.N);
  return Buffer.compare(Buffer.from(valueText(a)), Buffer.from(valueText(b)));
};

const COMPARES: Readonly<Record<Compare, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** Reads a `KeyConditionExpression`; undefined when it is none of DynamoDB's forms: the engine says so itself. */
export const keyConditionOf = (keys: Keys, input: Input): KeyCondition | undefined => {
  const { KeyConditionExpression = "", ExpressionAttributeNames: names = {} } = input;
  const values = input.ExpressionAttributeValues ?? {};
  const expression = KeyConditionExpression.replace(/[()]/g, " ").replace(/\s+/g, " ");
  const nameOf = (text = ""): string => names[text] ?? text;
  let hash: AttributeValue | undefined;
  let inRange: (sortKey: AttributeValue | undefined) => boolean = () => true;

  for (const [, name, low, high] of expression.matchAll(/(\S+) BETWEEN (\S+) AND (\S+)/gi)) {
    if (nameOf(name) !== keys.range) continue;
    inRange = (key) => compareKeys(key, values[low ?? ""]) >= 0 && compareKeys(key, values[high ?? ""]) <= 0;
  }
  for (const [, name, prefix] of expression.matchAll(/begins_with ?(\S+?) ?, ?(\S+)/gi)) {
    if (nameOf(name) !== keys.range) continue;
    inRange = (key) => valueText(key).startsWith(valueText(values[prefix ?? ""]));
  }
  for (const [, name, operator, value = ""] of expression.matchAll(/([^\s<>=]+) ?(<=|>=|=|<|>) ?(:\S+)/g)) {
    if (nameOf(name) === keys.hash && operator === "=") hash = values[value];
    else if (nameOf(name) === keys.range) {
      const holds = COMPARES[operator as Compare];
      inRange = (key) => holds(compareKeys(key, values[value]));
    }
  }
  if (!hash) return undefined;
  const wanted = valueText(hash);
  return {
    hash,
    matches: (item) =>
      valueText(item[keys.hash]) === wanted && (keys.range === undefined || inRange(item[keys.range])),
  };
};

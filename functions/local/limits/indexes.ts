import { compareKeys, type KeyCondition } from "./key-condition.ts";
import { type Distribution, draw } from "./latency.ts";
import type { Input, Item, Output } from "./protocol.ts";
import { entryOf, type IndexSchema, keyText, type TableSchema } from "./table-schemas.ts";

/**
 * How long a write takes to show in an index. AWS: "within a fraction of a second, under normal conditions"
 * (global secondary indexes, developer guide), without a figure: this one is ours.
 */
export const LAG: Distribution = { median: 15, p99: 400 };

/** An item as an index shows it from a time on; undefined: not at all. */
interface Version {
  readonly entry: Item | undefined;
  readonly since: number;
}

const SPARE = 1_000;

/**
 * Lets indexes lag. The engine's are never behind, so what an index query returns is put back to what the index would
 * have shown: entries not there yet are hidden, and entries that changed or went are shown as they were.
 *
 * An index page that continues another one or ends before the last entry gets no entry back that the engine has
 * removed already, nor does a query with a filter. Counts (`Select: COUNT`) are not corrected.
 *
 * @param now milliseconds
 */
export const openIndexes = (isOn: boolean, now: () => number, lag: () => number = () => draw(LAG)) => {
  /** By index, then by item, in the order of the writes. */
  const changes = new Map<string, Map<string, Version[]>>();

  const idOf = (table: TableSchema, index: IndexSchema): string => `${table.name}/${index.name}`;

  const visible = (versions: readonly Version[], at: number): Version =>
    versions.findLast(({ since }) => since <= at) ?? (versions[0] as Version);

  const isSettled = (versions: readonly Version[], at: number): boolean =>
    (versions.at(-1)?.since ?? 0) <= at;

  const prune = (items: Map<string, Version[]>, at: number): void => {
    for (const [key, versions] of items) if (isSettled(versions, at)) items.delete(key);
  };

  return {
    /** Notes a write. @param before the item until then; undefined when there was none */
    note(table: TableSchema, before: Item | undefined, after: Item | undefined): void {
      if (!isOn) return;
      const at = now();
      for (const index of table.indexes.values()) {
        const [old, entry] = [entryOf(table, index, before), entryOf(table, index, after)];
        if (!old && !entry) continue;
        const id = idOf(table, index);
        const items = changes.get(id) ?? new Map<string, Version[]>();
        changes.set(id, items);
        if (items.size > SPARE) prune(items, at);
        const key = keyText(table, (after ?? before) as Item);
        const versions = items.get(key) ?? [{ entry: old, since: Number.NEGATIVE_INFINITY }];
        // Changes of one item arrive in their order.
        versions.push({ entry, since: Math.max(at + lag(), versions.at(-1)?.since ?? 0) });
        items.set(key, versions);
      }
    },

    /** An index query's answer as the index would have given it. */
    view(
      table: TableSchema,
      index: IndexSchema,
      input: Input,
      condition: KeyCondition,
      output: Output,
    ): Output {
      const items = changes.get(idOf(table, index));
      if (!items || items.size === 0 || !output.Items) return output;
      const at = now();
      prune(items, at);
      const shown: Item[] = [];
      const isWhole =
        !input.ExclusiveStartKey && !output.LastEvaluatedKey && input.FilterExpression === undefined;
      const present = new Set<string>();
      for (const item of output.Items) {
        const key = keyText(table, item);
        present.add(key);
        const versions = items.get(key);
        const entry = versions ? visible(versions, at).entry : item;
        if (entry && (!versions || condition.matches(entry)))
          shown.push(versions ? project(entry, input) : item);
      }
      if (isWhole) {
        for (const [key, versions] of items) {
          const { entry } = visible(versions, at);
          if (!present.has(key) && entry && condition.matches(entry)) shown.push(project(entry, input));
        }
        const sign = input.ScanIndexForward === false ? -1 : 1;
        const { range = "" } = index;
        shown.sort((a, b) => sign * compareKeys(a[range], b[range]));
      }
      return { ...output, Items: shown, Count: shown.length };
    },
  };
};

/** The attributes that a query asks for. */
const project = (entry: Item, input: Input): Item => {
  if (input.ProjectionExpression === undefined) return entry;
  const names = input.ProjectionExpression.split(",").map((text) => text.trim());
  return Object.fromEntries(
    names.flatMap((alias) => {
      const name = input.ExpressionAttributeNames?.[alias] ?? alias;
      const value = entry[name];
      return value ? [[name, value] as const] : [];
    }),
  );
};

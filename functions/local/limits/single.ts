import { keyConditionOf } from "./key-condition.ts";
import { type Forwarded, forward, type Layer } from "./layer.ts";
import type { Answer, ConsumedCapacity, Input, Item, Output } from "./protocol.ts";
import { entryOf, hashText, keyText, type TableSchema, valueText } from "./table-schemas.ts";
import { type Claim, throttledAnswer } from "./throttling.ts";
import { conflictAnswer } from "./transactions.ts";
import { itemBytes, READ_UNIT, readUnits, writeUnits } from "./units.ts";

/** Names one item among those of all tables. */
export const itemId = (table: TableSchema, item: Item): string =>
  `${table.name}\u0000${keyText(table, item)}`;

/**
 * The claims of a write before it was made: units by the item as far as it is known, and a place in the partitions of
 * the index entries, whose units only the engine knows.
 */
export const writeClaims = (layer: Layer, table: TableSchema, input: Input, factor = 1): Claim[] => {
  const item = input.Item ?? input.Key ?? {};
  const image = layer.images.get(itemId(table, item))?.item;
  const bytes = Math.max(input.Item ? itemBytes(input.Item) : 0, image ? itemBytes(image) : 0);
  const base: Claim = {
    resource: table.name,
    arn: table.arn,
    key: hashText(table, item),
    kind: "write",
    units: writeUnits(bytes) * factor,
  };
  const entries = [...table.indexes.values()].flatMap((index): Claim[] => {
    const entry = entryOf(table, index, input.Item) ?? entryOf(table, index, image);
    if (!entry) return [];
    const { arn } = index;
    const resource = `${table.name}/${index.name}`;
    return [{ resource, arn, key: valueText(entry[index.hash]), kind: "write", units: 0 }];
  });
  return [base, ...entries];
};

/** Takes what a table's writes cost beyond their claims, in proportion to these; index entries by theirs. */
export const settleWrites = (
  { admission }: Layer,
  table: TableSchema,
  claims: readonly Claim[],
  consumed: ConsumedCapacity | undefined,
): void => {
  if (!consumed) return;
  const own = claims.filter(({ resource }) => resource === table.name);
  const claimed = own.reduce((units, claim) => units + claim.units, 0);
  const actual = consumed.Table?.CapacityUnits ?? consumed.CapacityUnits;
  for (const claim of own) {
    admission.take({ ...claim, units: (claim.units / claimed) * (actual - claimed) });
  }
  for (const [name, { CapacityUnits: units }] of Object.entries(consumed.GlobalSecondaryIndexes ?? {})) {
    const resource = `${table.name}/${name}`;
    const entries = claims.filter((claim) => claim.resource === resource);
    const [fallback] = own;
    const shared = entries.length > 0 ? entries : fallback ? [{ ...fallback, resource }] : [];
    for (const claim of shared) admission.take({ ...claim, units: units / shared.length });
  }
};

/** Notes what a write made of an item, for the indexes and for the claims of later writes. */
export const noteWrite = (
  layer: Layer,
  table: TableSchema,
  id: string,
  before: Item | undefined,
  after: Item | undefined,
): void => {
  layer.images.set(id, { item: after });
  layer.indexes.note(table, before, after);
};

/** The item version to request from the engine, for the indexes' sake, for a caller that asks for none. */
const IMAGE_OF = { PutItem: "ALL_OLD", DeleteItem: "ALL_OLD", UpdateItem: "ALL_NEW" } as const;

type WriteName = keyof typeof IMAGE_OF;

/** `PutItem`, `UpdateItem` and `DeleteItem`. */
export const write = async (layer: Layer, name: WriteName, input: Input): Promise<Answer> => {
  const table = await layer.tables.get(input.TableName);
  if (!table) return forward(layer, name, input);
  const id = itemId(table, input.Item ?? input.Key ?? {});
  if (layer.locks.isHeld(id)) {
    layer.tally.conflict(table.name);
    return conflictAnswer();
  }
  const claims = writeClaims(layer, table, input);
  const [refused] = layer.admission.admit(claims);
  if (refused) return throttledAnswer(refused);
  if (table.indexes.size === 0) {
    const answer = await forward(layer, name, input);
    settleWrites(layer, table, claims, answer.consumed[0]);
    return answer;
  }
  const isAsked = (input.ReturnValues ?? "NONE") !== "NONE";
  const answer = await forward(layer, name, isAsked ? input : { ...input, ReturnValues: IMAGE_OF[name] });
  settleWrites(layer, table, claims, answer.consumed[0]);
  if (answer.status === 200) noteSingle(layer, table, name, input, id, answer);
  if (isAsked || answer.status !== 200) return answer;
  const { Attributes: _, ...body } = answer.body;
  return { status: answer.status, body, engineMs: answer.engineMs };
};

const noteSingle = (
  layer: Layer,
  table: TableSchema,
  name: WriteName,
  input: Input,
  id: string,
  { body: { Attributes } }: Forwarded,
): void => {
  const known = layer.images.get(id);
  const returns = input.ReturnValues ?? IMAGE_OF[name];
  if (name === "UpdateItem" && returns !== "ALL_NEW") {
    layer.images.delete(id); // Parts of an item tell nothing of its index entries: these show at once.
    return;
  }
  const after = name === "PutItem" ? input.Item : name === "UpdateItem" ? Attributes : undefined;
  // Of an update the item before is known by earlier calls, or not at all; then its entries show at once.
  const before = name === "UpdateItem" ? (known ? known.item : after) : Attributes;
  noteWrite(layer, table, id, before, after);
};

const readClaim = (resource: string, arn: string, key: string, isConsistent: boolean): Claim => ({
  resource,
  arn,
  key,
  kind: "read",
  units: isConsistent ? 1 : 0.5,
});

const settleRead = ({ admission }: Layer, claim: Claim, [consumed]: Forwarded["consumed"]): void => {
  if (consumed) admission.take({ ...claim, units: consumed.CapacityUnits - claim.units });
};

export const getItem = async (layer: Layer, input: Input, raw: string): Promise<Answer> => {
  const table = await layer.tables.get(input.TableName);
  if (!table) return forward(layer, "GetItem", input);
  const key = hashText(table, input.Key ?? {});
  const claim = readClaim(table.name, table.arn, key, input.ConsistentRead === true);
  const [refused] = layer.admission.admit([claim]);
  if (refused) return throttledAnswer(refused);
  // The call that a shop makes most: passed on as it came, and read only where its size matters.
  const { status, text, engineMs } = await layer.backend.send("DynamoDB_20120810.GetItem", raw);
  const bytes = text.length > READ_UNIT ? itemBytes((JSON.parse(text) as Output).Item ?? {}) : text.length;
  layer.admission.take({ ...claim, units: readUnits(bytes, input.ConsistentRead === true) - claim.units });
  return { status, body: {}, text, engineMs };
};

/**
 * `Query` and `Scan`. A scan reads all partitions in turn; here each page is one partition's, drawn at
 * random.
 */
export const search = async (layer: Layer, name: "Query" | "Scan", input: Input): Promise<Answer> => {
  const table = await layer.tables.get(input.TableName);
  const index = input.IndexName === undefined ? undefined : table?.indexes.get(input.IndexName);
  if (!table || (input.IndexName !== undefined && !index)) return forward(layer, name, input);
  const condition = name === "Query" ? keyConditionOf(index ?? table, input) : undefined;
  const key = condition ? valueText(condition.hash) : `page ${Math.random()}`;
  const resource = index ? `${table.name}/${index.name}` : table.name;
  const claim: Claim = {
    ...readClaim(resource, (index ?? table).arn, key, input.ConsistentRead === true),
    isDrawn: !condition,
  };
  const [refused] = layer.admission.admit([claim]);
  if (refused) return throttledAnswer(refused);
  const answer = await forward(layer, name, input);
  settleRead(layer, claim, answer.consumed);
  if (answer.status !== 200 || !index || !condition) return answer;
  return { status: 200, body: layer.indexes.view(table, index, input, condition, answer.body) };
};

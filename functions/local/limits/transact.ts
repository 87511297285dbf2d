import { setTimeout as sleep } from "node:timers/promises";
import { drawTime } from "./latency.ts";
import { forward, type Layer } from "./layer.ts";
import type { Answer, Input, Item } from "./protocol.ts";
import { itemId, noteWrite, settleWrites, writeClaims } from "./single.ts";
import { hashText, type TableSchema } from "./table-schemas.ts";
import { type Claim, throttledReason } from "./throttling.ts";
import { cancelledAnswer, conflictReason } from "./transactions.ts";

interface Member {
  readonly table: TableSchema;
  readonly action: "Put" | "Update" | "Delete" | "ConditionCheck" | "Get";
  readonly input: Input;
  readonly id: string;
  readonly claims: readonly Claim[];
}

/** A transaction prepares, then commits: each item is written twice. */
const ROUNDS = 2;

const membersOf = async (layer: Layer, { TransactItems = [] }: Input): Promise<Member[] | undefined> => {
  const members: Member[] = [];
  for (const item of TransactItems) {
    const [entry] = Object.entries(item);
    if (!entry) return undefined;
    const [action, input] = entry as [Member["action"], Input];
    const table = await layer.tables.get(input.TableName);
    if (!table) return undefined;
    const claims =
      action === "Get"
        ? [readClaim(table, input.Key ?? {})]
        : writeClaims(layer, table, input, ROUNDS).map((claim) => claim);
    members.push({ table, action, input, id: itemId(table, input.Item ?? input.Key ?? {}), claims });
  }
  return members;
};

const readClaim = (table: TableSchema, key: Item): Claim => ({
  resource: table.name,
  arn: table.arn,
  key: hashText(table, key),
  kind: "read",
  units: ROUNDS,
});

/** Cancels for the members that a transaction holds, or whose partitions have no units left. */
const refuse = (
  layer: Layer,
  members: readonly Member[],
  conflicts: readonly number[],
): Answer | undefined => {
  if (conflicts.length > 0) {
    for (const position of conflicts) layer.tally.conflict(members[position]?.table.name ?? "");
    // The prepared members are paid for all the same.
    for (const { claims } of members) {
      for (const claim of claims) layer.admission.take({ ...claim, units: claim.units / ROUNDS });
    }
    return cancelledAnswer(members.map((_, at) => (conflicts.includes(at) ? conflictReason : undefined)));
  }
  const refused = new Set(layer.admission.admit(members.flatMap(({ claims }) => claims)));
  if (refused.size === 0) return undefined;
  return cancelledAnswer(
    members.map(({ claims }) => (claims.some((claim) => refused.has(claim)) ? throttledReason : undefined)),
  );
};

/**
 * Holds all items from here to the commit. The engine writes them when the transaction has been prepared, half-way, so
 * that a refused condition is answered then, as AWS does.
 */
export const transactWrite = async (layer: Layer, input: Input): Promise<Answer> => {
  const { ClientRequestToken: token, TransactItems } = input;
  const members = await membersOf(layer, input);
  if (!members) return forward(layer, "TransactWriteItems", input);
  const isOn = layer.rules.has("transactions");
  const known = isOn && token !== undefined ? layer.tokens.begin(token, TransactItems) : undefined;
  if (known) return known;
  let answer: Answer | undefined;
  try {
    answer = await carryOut(layer, members, input, isOn);
    return answer;
  } finally {
    if (isOn && token !== undefined) layer.tokens.end(token, answer ?? { status: 500, body: {} });
  }
};

const carryOut = async (layer: Layer, members: Member[], input: Input, isOn: boolean): Promise<Answer> => {
  const ids = members.map(({ id }) => id);
  const conflicts = isOn ? layer.locks.take(ids) : [];
  try {
    const refusal = refuse(layer, members, conflicts);
    if (refusal) return refusal;
    const half = drawTime(layer.rules, "transaction", isOn) / 2;
    if (half > 0) await sleep(half);
    // Without the engine's time: what the call takes beyond it is the time held, not the layer's own.
    const { engineMs: _, ...answer } = await forward(layer, "TransactWriteItems", input);
    for (const consumed of answer.consumed) {
      const own = members.filter(({ table }) => table.name === consumed.TableName);
      const [first] = own;
      if (first)
        settleWrites(
          layer,
          first.table,
          own.flatMap(({ claims }) => claims),
          consumed,
        );
    }
    if (answer.status !== 200) return answer;
    await noteMembers(layer, members);
    if (half > 0) await sleep(half);
    return answer;
  } finally {
    if (conflicts.length === 0 && isOn) layer.locks.release(ids);
  }
};

/** The new items of the members, for the indexes; the result of an update only the engine knows. */
const noteMembers = async (layer: Layer, members: readonly Member[]): Promise<void> => {
  const indexed = members.filter(
    ({ table, action }) => table.indexes.size > 0 && action !== "ConditionCheck",
  );
  const updated = indexed.filter(({ action }) => action === "Update");
  const items = await Promise.all(
    updated.map(async ({ table, input: { Key = {} } }) => {
      const { body } = await forward(layer, "GetItem", { TableName: table.name, Key, ConsistentRead: true });
      return body.Item;
    }),
  );
  for (const { table, action, input, id } of indexed) {
    const known = layer.images.get(id);
    const at = updated.findIndex((member) => member.id === id);
    const after = action === "Put" ? input.Item : action === "Update" ? items[at] : undefined;
    // An update of an item that the layer has not seen shows at once.
    noteWrite(layer, table, id, known || action !== "Update" ? known?.item : after, after);
  }
};

export const transactGet = async (layer: Layer, input: Input): Promise<Answer> => {
  const members = await membersOf(layer, input);
  if (!members) return forward(layer, "TransactGetItems", input);
  const isHeld = ({ id }: Member): boolean => layer.rules.has("transactions") && layer.locks.isHeld(id);
  const conflicts = members.flatMap((member, at) => (isHeld(member) ? [at] : []));
  const refusal = refuse(layer, members, conflicts);
  if (refusal) return refusal;
  const answer = await forward(layer, "TransactGetItems", input);
  for (const { TableName, CapacityUnits } of answer.consumed) {
    const own = members.flatMap(({ table, claims }) => (table.name === TableName ? claims : []));
    for (const claim of own) {
      layer.admission.take({ ...claim, units: CapacityUnits / own.length - claim.units });
    }
  }
  return answer;
};

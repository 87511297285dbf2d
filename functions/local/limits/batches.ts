import { forward, type Layer } from "./layer.ts";
import type { Answer, Input, Item } from "./protocol.ts";
import { itemId, noteWrite, settleWrites, writeClaims } from "./single.ts";
import { hashText, type TableSchema } from "./table-schemas.ts";
import { type Claim, throttledAnswer } from "./throttling.ts";

interface KeysToRead {
  readonly Keys: readonly Item[];
  readonly ConsistentRead?: boolean;
}

interface WriteRequest {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

/** Keys that no partition has units for are left over; only when none has any is the call refused. */
export const batchGet = async (layer: Layer, input: Input): Promise<Answer> => {
  const requests = (input.RequestItems ?? {}) as Record<string, KeysToRead>;
  const admitted: Record<string, KeysToRead> = {};
  const left: Record<string, KeysToRead> = {};
  const claims = new Map<string, Claim[]>();
  let refused: Claim | undefined;
  for (const [name, request] of Object.entries(requests)) {
    const table = await layer.tables.get(name);
    if (!table) return forward(layer, "BatchGetItem", input);
    const units = request.ConsistentRead ? 1 : 0.5;
    const [keys, over]: [Item[], Item[]] = [[], []];
    const own: Claim[] = [];
    for (const key of request.Keys) {
      const claim: Claim = { resource: name, arn: table.arn, key: hashText(table, key), kind: "read", units };
      const [refusal] = layer.admission.admit([claim]);
      if (refusal) over.push(key);
      else {
        keys.push(key);
        own.push(claim);
      }
      refused ??= refusal;
    }
    if (keys.length > 0) admitted[name] = { ...request, Keys: keys };
    if (over.length > 0) left[name] = { ...request, Keys: over };
    claims.set(name, own);
  }
  if (refused && Object.keys(admitted).length === 0) return throttledAnswer(refused);
  const answer = await forward(layer, "BatchGetItem", { ...input, RequestItems: admitted });
  for (const { TableName, CapacityUnits } of answer.consumed) {
    const own = claims.get(TableName) ?? [];
    const claimed = own.reduce((units, claim) => units + claim.units, 0);
    for (const claim of own)
      layer.admission.take({ ...claim, units: (CapacityUnits - claimed) / own.length });
  }
  if (answer.status !== 200 || !refused) return answer;
  return {
    status: 200,
    body: { ...answer.body, UnprocessedKeys: { ...answer.body.UnprocessedKeys, ...left } },
  };
};

/** Writes that no partition has units for, or whose item a transaction holds, are left over. */
export const batchWrite = async (layer: Layer, input: Input): Promise<Answer> => {
  const requests = (input.RequestItems ?? {}) as Record<string, readonly WriteRequest[]>;
  const admitted: Record<string, WriteRequest[]> = {};
  const left: Record<string, WriteRequest[]> = {};
  const tables: { readonly table: TableSchema; readonly claims: Claim[] }[] = [];
  let refused: Claim | undefined;
  for (const [name, writes] of Object.entries(requests)) {
    const table = await layer.tables.get(name);
    if (!table) return forward(layer, "BatchWriteItem", input);
    const own: Claim[] = [];
    for (const request of writes) {
      const write: Input = request.PutRequest ?? request.DeleteRequest ?? {};
      const claims = writeClaims(layer, table, write);
      const isHeld = layer.locks.isHeld(itemId(table, write.Item ?? write.Key ?? {}));
      if (isHeld) layer.tally.conflict(name);
      const refusals = isHeld ? [] : layer.admission.admit(claims);
      refused ??= refusals[0];
      const isIn = !isHeld && refusals.length === 0;
      const list = isIn ? admitted : left;
      (list[name] ??= []).push(request);
      if (isIn) own.push(...claims);
    }
    tables.push({ table, claims: own });
  }
  if (refused && Object.keys(admitted).length === 0) return throttledAnswer(refused);
  if (Object.keys(admitted).length === 0) return { status: 200, body: { UnprocessedItems: left } };
  const answer = await forward(layer, "BatchWriteItem", { ...input, RequestItems: admitted });
  for (const { table, claims } of tables) {
    const consumed = answer.consumed.find(({ TableName }) => TableName === table.name);
    settleWrites(layer, table, claims, consumed);
    if (answer.status !== 200 || table.indexes.size === 0) continue;
    for (const { PutRequest, DeleteRequest } of admitted[table.name] ?? []) {
      const id = itemId(table, PutRequest?.Item ?? DeleteRequest?.Key ?? {});
      noteWrite(layer, table, id, layer.images.get(id)?.item, PutRequest?.Item);
    }
  }
  if (answer.status !== 200 || Object.keys(left).length === 0) return answer;
  return { status: 200, body: { ...answer.body, UnprocessedItems: left } };
};

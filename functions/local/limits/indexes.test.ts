import { expect, test } from "vitest";
import { createTable, item, type Limited, openLimited, setting } from "./testing.ts";

const LAG = 1_000;

/** A layer whose indexes lag by a second of a clock that only the test moves. */
const lagging = () => {
  const clock = { now: 1_000_000 };
  return { clock, layer: openLimited(["indexes"], { now: () => clock.now, indexLag: () => LAG }) };
};

/** The index's entries of an owner, as `id` or `id:note`. */
const ownedBy = async (
  { call }: Limited,
  table: string,
  owner: string,
  input: object = {},
): Promise<string[]> => {
  const { Items = [] } = await call("Query", {
    TableName: table,
    IndexName: "byOwner",
    KeyConditionExpression: "#o = :o AND id > :from",
    ExpressionAttributeNames: { "#o": "owner" },
    ExpressionAttributeValues: { ":o": { S: owner }, ":from": { S: "a" } },
    ...input,
  });
  return Items.map(({ id, note }) => (note ? `${id?.S}:${note.S}` : `${id?.S}`));
};

test("shows a new item late in an index, at once in a consistent read", async () => {
  const { clock, layer } = lagging();
  const table = await createTable(layer, true);
  await layer.call("PutItem", { TableName: table, Item: item({ id: "b", owner: "ann" }) });
  expect(await ownedBy(layer, table, "ann")).toEqual([]);
  const { Item } = await layer.call("GetItem", {
    TableName: table,
    Key: item({ id: "b" }),
    ConsistentRead: true,
  });
  expect(Item).toEqual(item({ id: "b", owner: "ann" }));
  clock.now += LAG;
  expect(await ownedBy(layer, table, "ann")).toEqual(["b"]);
});

test("shows changed, moved and deleted entries as they were", async () => {
  const { clock, layer } = lagging();
  const table = await createTable(layer, true);
  for (const id of ["b", "c", "d"]) {
    await layer.call("PutItem", { TableName: table, Item: item({ id, owner: "ann", note: "1" }) });
  }
  clock.now += LAG;
  await layer.call("UpdateItem", setting(table, "b", "note", "2"));
  await layer.call("UpdateItem", setting(table, "c", "owner", "bob"));
  await layer.call("DeleteItem", { TableName: table, Key: item({ id: "d" }) });
  expect(await ownedBy(layer, table, "ann")).toEqual(["b:1", "c:1", "d:1"]);
  expect(await ownedBy(layer, table, "ann", { ScanIndexForward: false })).toEqual(["d:1", "c:1", "b:1"]);
  expect(await ownedBy(layer, table, "bob")).toEqual([]);
  clock.now += LAG;
  expect(await ownedBy(layer, table, "ann")).toEqual(["b:2"]);
  expect(await ownedBy(layer, table, "bob")).toEqual(["c:1"]);
});

test("lets what a transaction writes lag, too", async () => {
  const { clock, layer } = lagging();
  const table = await createTable(layer, true);
  await layer.call("PutItem", { TableName: table, Item: item({ id: "b", owner: "ann" }) });
  clock.now += LAG;
  await layer.call("TransactWriteItems", {
    TransactItems: [
      { Put: { TableName: table, Item: item({ id: "c", owner: "ann" }) } },
      { Update: setting(table, "b", "note", "2") },
    ],
  });
  expect(await ownedBy(layer, table, "ann")).toEqual(["b"]);
  clock.now += LAG;
  expect(await ownedBy(layer, table, "ann")).toEqual(["b:2", "c"]);
});

test("shows the changes of one item in their order", async () => {
  const { clock, layer } = lagging();
  const table = await createTable(layer, true);
  for (const note of ["1", "2", "3"]) {
    await layer.call("PutItem", { TableName: table, Item: item({ id: "b", owner: "ann", note }) });
    clock.now += LAG / 2;
  }
  expect(await ownedBy(layer, table, "ann")).toEqual(["b:2"]);
  clock.now += LAG / 2;
  expect(await ownedBy(layer, table, "ann")).toEqual(["b:3"]);
});

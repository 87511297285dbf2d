import { GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answering } from "../testing/scripted-dynamodb.ts";
import { openScriptedShop } from "../testing/scripted-shop.ts";
import { transact } from "./transact.ts";

const FAILED = answering(500, {});
const THROTTLED = answering(400, { __type: "com.amazonaws.dynamodb.v20120810#ThrottlingException" });
const REFUSED = answering(400, {
  __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
  CancellationReasons: [{ Code: "ThrottlingError" }],
});

let { server, shop } = {} as Awaited<ReturnType<typeof openScriptedShop>>;
beforeEach(async () => {
  ({ server, shop } = await openScriptedShop());
});
afterEach(() => server.stop());

const AT = { TableName: "ttt", Key: { id: "a" } };
const WRITES = {
  "an update": () => shop.db.repeat(new UpdateCommand({ ...AT, UpdateExpression: "ADD n :n" })),
  "a whole item": () => shop.db.send(new PutCommand({ TableName: "ttt", Item: { id: "a" } })),
  "a transaction": () => transact(shop.db, []),
};
const read = () => shop.db.send(new GetCommand(AT));

test.each(Object.entries(WRITES))("%s that may have arrived is not called unmade", async (_, write) => {
  for (const throttled of [THROTTLED, REFUSED]) {
    server.play(FAILED, throttled);
    await expect(write()).rejects.toMatchObject({
      code: "STORAGE_UNAVAILABLE",
      message: expect.stringContaining("whether a write arrived is not known"),
    });
    expect(server.requests.length).toBeGreaterThan(1);
  }
});

test.each(Object.entries(WRITES))("%s that was throttled each time was not made", async (_, write) => {
  server.play(THROTTLED);
  await expect(write()).rejects.toMatchObject({ message: expect.stringContaining("was not made") });
});

test("a read has nothing to leave behind", async () => {
  server.play(FAILED, THROTTLED);
  await expect(read()).rejects.toMatchObject({ message: expect.stringContaining("takes no more") });
});

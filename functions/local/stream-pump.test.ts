import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { beforeEach, expect, test, vi } from "vitest";
import { theShop } from "../../core/shop.ts";
import { startPump } from "./stream-pump.ts";

const shop = theShop();
let file: string;

beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), "stampede-pump-")), "position.json");
});

const writeOrders = async (...ids: string[]) => {
  for (const order_id of ids) {
    await shop.db.send(new PutCommand({ TableName: shop.tables.orders, Item: { order_id, n: 1 } }));
  }
};

const orderIdOf = ({ dynamodb }: DynamoDBRecord): string => dynamodb?.Keys?.order_id?.S ?? "";

/** A handler that notes what it gets and fails on the orders it is told to. */
const noting = (seen: string[], failing = new Set<string>()) => {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    seen.push(...Records.map(orderIdOf));
    const failed = Records.filter((record) => failing.has(orderIdOf(record)));
    return {
      batchItemFailures: failed.map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber ?? "" })),
    };
  };
};

test("hands out records in order, and goes on where it stopped", async () => {
  const first: string[] = [];
  const pump = startPump(shop, noting(first), file);
  await writeOrders("a", "b", "c");
  await vi.waitFor(() => expect(first.slice(-3)).toEqual(["a", "b", "c"]), { timeout: 5_000 });
  await pump.stop();

  await writeOrders("d");
  const second: string[] = [];
  const next = startPump(shop, noting(second), file);
  await vi.waitFor(() => expect(second).toEqual(["d"]), { timeout: 5_000 });
  await next.stop();
});

test("comes again from the first record that failed", async () => {
  const seen: string[] = [];
  const failing = new Set(["f"]);
  const pump = startPump(shop, noting(seen, failing), file);
  await writeOrders("e", "f", "g");
  await vi.waitFor(() => expect(seen.filter((id) => id === "f").length).toBeGreaterThan(2), {
    timeout: 10_000,
  });
  expect(seen.filter((id) => id === "e")).toHaveLength(1);
  failing.clear();
  await writeOrders("h");
  await vi.waitFor(() => expect(seen.at(-1)).toBe("h"), { timeout: 10_000 });
  await pump.stop();
  expect(seen.slice(-3)).toEqual(["f", "g", "h"]);
});

test("a handler that throws and a position file cut in half are survived", async () => {
  await writeFile(file, '{"streamArn":');
  const seen: string[] = [];
  let failures = 2;
  const pump = startPump(
    shop,
    async (event) => {
      failures -= 1;
      if (failures >= 0) throw new Error("not now");
      return noting(seen)(event);
    },
    file,
  );
  await writeOrders("i");
  await vi.waitFor(() => expect(seen.at(-1)).toBe("i"), { timeout: 10_000 });
  await pump.stop();
});

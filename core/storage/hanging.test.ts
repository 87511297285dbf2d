import { setTimeout as sleep } from "node:timers/promises";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { readConfig } from "../config/config.ts";
import type { Fault } from "../resilience/faults.ts";
import type { Shop } from "../shop.ts";
import { openShop } from "../testing/open-shop.ts";

const PAUSE_MS = 20;

/** A shop whose circuit failures alone do not open, and whose attempts are not given up early. */
const openWith = (requestTimeout: number): Shop => {
  const config = readConfig();
  return openShop({
    ...config,
    resilience: "breakers",
    circuit: { ...config.circuit, silence: 600_000 },
    dynamodb: { ...config.dynamodb, requestTimeout },
  });
};

const trouble = (shop: Shop, fault: Pick<Fault, "failureRate" | "latencyMs" | "kind">) =>
  shop.resilience.faults.set("dynamodb", { ...fault, expiresAt: shop.now() + 600_000 });

/** Calls at a steady rate while it is wanted. @returns whether each call was answered */
const callWhile = async (shop: Shop, isWanted: () => boolean): Promise<boolean[]> => {
  const get = new GetCommand({ TableName: shop.tables.products, Key: { product_id: 1 } });
  const calls: Promise<boolean>[] = [];
  while (isWanted()) {
    calls.push(
      shop.db.send(get).then(
        () => true,
        () => false,
      ),
    );
    await sleep(PAUSE_MS);
  }
  return Promise.all(calls);
};

test("a database that hangs opens the circuit before its calls have timed out", {
  timeout: 60_000,
}, async () => {
  const shop = openWith(2_000);
  await callWhile(shop, () => shop.metrics.total("DynamoDBCalls") < 10);
  trouble(shop, { failureRate: 1, latencyMs: 0, kind: "hang" });
  const { circuits } = shop.resilience;
  const answers = await callWhile(shop, () => circuits.dynamodb.state() !== "open");
  expect(answers).toContain(false);
});

test("a database that has become slow does not, nor do its probes that are slow too", async () => {
  const shop = openWith(3_000);
  await callWhile(shop, () => shop.metrics.total("DynamoDBCalls") < 10);
  trouble(shop, { failureRate: 0, latencyMs: 2_100, kind: "error" });
  const since = performance.now();
  const answers = await callWhile(shop, () => performance.now() - since < 2_100);
  expect(new Set(answers)).toEqual(new Set([true]));
  expect(shop.resilience.circuits.dynamodb.stats()).toMatchObject({ state: "closed", total_rejected: 0 });
});

// biome-ignore-all lint/style/noExcessiveLinesPerFile: its cases share one scripted database

import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { leastOf } from "../../loadtest/harness/least-of.ts";
import { readConfig } from "../config/config.ts";
import { runInRequestScope } from "../request-scope.ts";
import type { Shop } from "../shop.ts";
import { openShop } from "../testing/open-shop.ts";
import { answering, type Script, startScriptedDynamoDB } from "../testing/scripted-dynamodb.ts";
import { MAX_CONNECTIONS } from "./client.ts";
import { transact } from "./transact.ts";

/** Failures that the embedded engine never reports: throttling, conflicts, denied access. */
let server: Awaited<ReturnType<typeof startScriptedDynamoDB>>;
let shop: Shop;
const open = (retry: object = {}): Shop => {
  const config = readConfig();
  return openShop({
    ...config,
    dynamodb: { ...config.dynamodb, endpoint: server.endpoint, requestTimeout: 60_000 },
    retry: { ...config.retry, baseDelay: 1, ...retry },
  });
};
beforeEach(async () => {
  server = await startScriptedDynamoDB();
  shop = open();
});
afterEach(() => server.stop());

const fine = answering(200, {});
const failing = (name: string, more: object = {}): Script =>
  answering(400, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "As told", ...more });
const cancelled = (...codes: string[]): Script =>
  failing("TransactionCanceledException", { CancellationReasons: codes.map((Code) => ({ Code })) });
const throttled = failing("ThrottlingException", {
  throttlingReasons: [{ reason: "TableWriteKeyRangeThroughputExceeded", resource: "table/stock" }],
});

const update = new UpdateCommand({ TableName: "ttt", Key: { id: "a" }, UpdateExpression: "ADD n :n" });
const get = new GetCommand({ TableName: "ttt", Key: { id: "a" } });
const total = (
  name: "DynamoDBCalls" | "DynamoDBConflicts" | "DynamoDBErrors" | "DynamoDBThrottles" | "Retries",
) => shop.metrics.total(name);
const circuit = () => shop.resilience.circuits.dynamodb.stats();

describe("transactions", () => {
  test("conflicts and throttling are retried as the same request", async () => {
    server.play(
      cancelled("TransactionConflict", "None"),
      cancelled("None", "ThrottlingError"),
      failing("TransactionConflictException"),
      fine,
    );
    expect(await transact(shop.db, [])).toBeUndefined();
    expect(server.requests).toHaveLength(4);
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1);
    expect(JSON.parse(server.requests[0]?.body ?? "{}").ClientRequestToken).toMatch(/^[0-9a-f-]{36}$/);
    expect([total("DynamoDBConflicts"), total("DynamoDBThrottles")]).toEqual([2, 1]);
  });

  test("conflicts that last are given up within the request's objective, and are no outage", async () => {
    server.play(cancelled("TransactionConflict"));
    const objective = 1_500;
    shop = openShop({ ...shop.config, objectives: { ...shop.config.objectives, write: objective } });
    const readyAt = performance.now();
    const scope = { requestId: "one", priority: "write", readyAt, conflictPatience: 60_000 } as const;
    const sending = runInRequestScope(scope, () => transact(shop.db, []));
    await expect(sending).rejects.toMatchObject({ code: "STORAGE_CONFLICT", retryAfterSeconds: 1 });
    expect(server.requests.length).toBeGreaterThan(1);
    // No wait goes beyond it, and all together not much less: there is always another attempt before that.
    expect(performance.now() - readyAt).toBeGreaterThan(objective - shop.config.retry.maxDelay);
    expect(circuit()).toMatchObject({ state: "closed", total_failures: 0 });
  });

  test("a refused condition is never retried", async () => {
    server.play(cancelled("ConditionalCheckFailed", "TransactionConflict"));
    expect(await transact(shop.db, [])).toMatchObject([{ Code: "ConditionalCheckFailed" }, undefined]);
    expect(server.requests).toHaveLength(1);
  });

  test("one that is still in progress is sent again after half a second", async () => {
    server.play(failing("TransactionInProgressException"), fine);
    const startedAt = performance.now();
    expect(await transact(shop.db, [])).toBeUndefined();
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(490);
    expect(circuit()).toMatchObject({ state: "closed", total_failures: 0 });
  });

  test("one that is in progress after failures is sent again as soon as any other", async () => {
    const failed = answering(500, {});
    const took = leastOf(4_500, async () => {
      server.play(failed, failed, failing("TransactionInProgressException"), fine);
      const startedAt = performance.now();
      expect(await transact(shop.db, [])).toBeUndefined();
      return performance.now() - startedAt;
    });
    // The third look at a transaction comes after 5 s, and this is the first.
    expect(await took).toBeLessThan(4_500);
  });

  test("one that is in progress beyond the request's time may be tried again later", async () => {
    const caller = new AbortController();
    server.play((response, request) => {
      failing("TransactionInProgressException")(response, request);
      setTimeout(() => caller.abort(), 50);
    });
    const sending = runInRequestScope({ requestId: "one", signal: caller.signal }, () =>
      transact(shop.db, []),
    );
    await expect(sending).rejects.toMatchObject({
      code: "STORAGE_CONFLICT",
      message: expect.stringContaining("still going on"),
      retryAfterSeconds: 5,
    });
  });
});

describe("throttling", () => {
  test("is back-pressure and visible, not an outage", async () => {
    server.play(throttled);
    for (let i = 0; i < 30; i++) {
      await expect(shop.db.send(update)).rejects.toMatchObject({
        code: "STORAGE_UNAVAILABLE",
        message: expect.stringContaining("takes no more"),
        retryAfterSeconds: 1,
        cause: { name: "ThrottlingException" },
      });
    }
    expect(circuit()).toMatchObject({ state: "closed", total_failures: 0 });
    expect(total("DynamoDBThrottles")).toBe(server.requests.length);
    expect([total("DynamoDBErrors"), shop.db.health()]).toEqual([0, "up"]);
  });

  test("that an experiment injects is told apart from an outage as well", async () => {
    const fault = { failureRate: 1, latencyMs: 0, kind: "throttle", expiresAt: Date.now() + 60_000 } as const;
    shop.resilience.faults.set("dynamodb", fault);
    for (let i = 0; i < 30; i++) await shop.db.send(get).catch(() => undefined);
    expect(circuit()).toMatchObject({ state: "closed", total_failures: 0 });
    expect(total("DynamoDBThrottles")).toBeGreaterThanOrEqual(30);
  });

  test("a place is not held during the wait for a retry", async () => {
    shop = open({ baseDelay: 600_000, maxDelay: 600_000, budgetRatio: 1, budgetMax: 1_000 });
    const caller = new AbortController();
    const scope = { requestId: "all", signal: caller.signal };
    server.play(throttled);
    const waiting = Array.from({ length: 150 }, () =>
      runInRequestScope(scope, () => shop.db.send(update)).catch((error: { code: string }) => error.code),
    );
    // At least: on a busy machine some are given up early first, and sent again.
    await vi.waitFor(() => expect(total("Retries")).toBeGreaterThanOrEqual(150), 20_000);
    server.play(fine);
    await shop.db.send(get);
    caller.abort();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(["DEADLINE_EXCEEDED"]));
  });
});

test("every attempt is a call of its own in the metrics", async () => {
  server.play(answering(500, {}), throttled, fine);
  await shop.db.send(get);
  expect([total("DynamoDBCalls"), total("Retries"), total("DynamoDBErrors")]).toEqual([3, 2, 1]);
});

describe.for([
  "AccessDeniedException",
  "ExpiredTokenException",
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "IncompleteSignature",
])("%s", (name) => {
  test("is for a person to mend: not retried, no outage, passed on, and logged once", async () => {
    const logged = vi.spyOn(shop.log, "error").mockImplementation(() => undefined);
    server.play(failing(name));
    for (let i = 0; i < 20; i++) await expect(shop.db.send(get)).rejects.toMatchObject({ name });
    expect(server.requests).toHaveLength(20);
    expect(circuit()).toMatchObject({ state: "closed", total_failures: 0 });
    expect([shop.db.health(), total("DynamoDBErrors")]).toEqual(["down", 20]);
    expect(logged).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("credentials"), {
      error: name,
      message: "As told",
    });
  });
});

test("a call that waits for a place is gone from the queue as soon as its request is over", async () => {
  server.play(() => undefined);
  shop = openShop({ ...shop.config, resilience: "breakers" }); // No attempt is given up early.
  // As many as there may be in all: of fewer, some have become slow by then, and keep nobody out.
  const stuck = Array.from({ length: MAX_CONNECTIONS }, () => shop.db.send(get).catch(() => undefined));
  await vi.waitFor(() => expect(server.requests).toHaveLength(MAX_CONNECTIONS), 20_000);
  const caller = new AbortController();
  const queued = runInRequestScope({ requestId: "one", signal: caller.signal }, () => shop.db.send(get));
  expect(shop.db.waiting()).toBe(1);
  caller.abort();
  await expect(queued).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(shop.db.waiting()).toBe(0);
  expect(server.requests).toHaveLength(MAX_CONNECTIONS);
  shop.resilience.circuits.dynamodb.reset();
  server.play(answering(400, {}));
  await server.stop();
  await Promise.all(stuck);
  server = await startScriptedDynamoDB();
});

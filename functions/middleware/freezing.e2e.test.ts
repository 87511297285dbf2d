import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { expect, test, vi } from "vitest";
import { getProduct, putProduct } from "../../core/catalog/catalog.ts";
import { openTestShop, stockedProduct } from "../../core/testing/fixtures.ts";
import { openShop } from "../../core/testing/open-shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { startRedis } from "../../loadtest/harness/redis-process.ts";
import type { Result } from "./result.ts";

/** An administrator's: a function is never open to everybody. */
const KEY = "a-key";

type Event = Pick<APIGatewayProxyEventV2, "pathParameters" | "queryStringParameters" | "body">;

/**
 * A copy of a function as Lambda keeps it: it runs from the call to the answer and not a moment longer, because
 * it waits for the next call without an event loop.
 *
 * @param handler its file in `functions/`
 */
const startCopy = (handler: string, env: Record<string, string> = {}) => {
  const script = `
    import { readSync, writeSync } from "node:fs";
    import { handler } from "${join(import.meta.dirname, "..", handler)}";
    const context = { awsRequestId: "copy", getRemainingTimeInMillis: () => 15_000 };
    const buffer = Buffer.alloc(65_536);
    for (let size; (size = readSync(0, buffer)) > 0; ) {
      const result = await handler(JSON.parse(buffer.toString("utf8", 0, size)), context);
      writeSync(1, "answer " + JSON.stringify(result) + "\\n");
    }`;
  const child = spawn(process.execPath, ["-e", script], {
    env: {
      ...process.env,
      AWS_LAMBDA_FUNCTION_NAME: "copy",
      DYNAMODB_TIMEOUT_MS: "10000",
      AUTH_API_KEYS: `admin:admin:${createHash("sha256").update(KEY).digest("hex")}`,
      ...env,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  endWithTests(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async invoke(event: Event): Promise<Result> {
      const headers = { "content-type": "application/json", "x-api-key": KEY };
      const rest = { headers, requestContext: { requestId: "call" } };
      child.stdin.write(`${JSON.stringify({ ...rest, ...event })}\n`);
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error("The copy ended");
        if (value.startsWith("answer ")) return JSON.parse(value.slice("answer ".length)) as Result;
      }
    },
  };
};

/** A way to a port of this machine on which everything is late at first, as connecting over a network with TLS is. */
const slowWayTo = async (port: number): Promise<number> => {
  const server = createServer(async (socket) => {
    await sleep(300);
    const onward = connect(port, "127.0.0.1");
    for (const end of [socket, onward]) end.on("error", () => end.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  endWithTests(() => server.close());
  return (server.address() as AddressInfo).port;
};

test("the first search of a copy is answered, though nothing runs between its calls", async () => {
  const id = await stockedProduct(openTestShop(), 1);
  const copy = startCopy("products/search.ts");
  const search = { queryStringParameters: { q: `Product ${id}` } };
  for (let call = 0; call < 2; call++) {
    const { statusCode, body } = await copy.invoke(search);
    expect({ statusCode, found: JSON.parse(String(body)).total_found }).toEqual({
      statusCode: 200,
      found: 1,
    });
  }
});

test("a search whose index is not there in time says when to come back", async () => {
  await stockedProduct(openTestShop(), 1);
  const copy = startCopy("products/search.ts", { REQUEST_DEADLINE_MS: "1" });
  const { statusCode, headers, body } = await copy.invoke({ queryStringParameters: { q: "product" } });
  expect(statusCode).toBe(503);
  expect(JSON.parse(String(body)).error).toBe("SEARCH_NOT_READY");
  expect(Number(headers?.["retry-after"])).toBeGreaterThan(0);
});

describeWithRedis("with Redis", () => {
  test("when a new copy has answered a write, everybody else reads what it wrote", async () => {
    const { url, port } = await startRedis();
    const other = openShop(patientConfig({ ...process.env, REDIS_URL: url }));
    endWithTests(other.products.close);
    await vi.waitUntil(other.products.isL2InUse, { timeout: 30_000 });
    const details = { sku: "S", manufacturer: "M", category_id: 1, weight: 1, some_other_id: 1 };
    await putProduct(other, { product_id: 7, name: "Before", ...details });
    expect(await getProduct(other, 7)).toMatchObject({ name: "Before" });
    const REDIS_URL = `redis://127.0.0.1:${await slowWayTo(port)}`;
    const copy = startCopy("products/put-details.ts", { REDIS_URL, CACHE_MODE: "redis" });
    const { statusCode } = await copy.invoke({
      pathParameters: { productId: "7" },
      body: JSON.stringify({ product_id: 7, name: "After", ...details }),
    });
    expect(statusCode).toBe(204);
    await vi.waitFor(async () => expect(await getProduct(other, 7)).toMatchObject({ name: "After" }), 30_000);
  });

  test("a write is answered without Redis as well, and not much later", async () => {
    const body = { product_id: 8, sku: "S", manufacturer: "M", category_id: 1, weight: 1, some_other_id: 1 };
    const write = { pathParameters: { productId: "8" }, body: JSON.stringify(body) };
    /** Milliseconds of a new copy's first write, its start included. */
    const timed = async (variables: Record<string, string>): Promise<number> => {
      const copy = startCopy("products/put-details.ts", variables);
      const startedAt = performance.now();
      expect((await copy.invoke(write)).statusCode).toBe(204);
      return performance.now() - startedAt;
    };
    const withoutCache = await timed({ CACHE_MODE: "off" });
    expect(await timed({ REDIS_URL: "redis://127.0.0.1:1" })).toBeLessThan(5_000 + 3 * withoutCache);
  });
});

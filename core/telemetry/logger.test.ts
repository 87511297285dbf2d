import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { getCart } from "../cart/cart.ts";
import { readConfig } from "../config/config.ts";
import { runInRequestScope } from "../request-scope.ts";
import { captureLines } from "../testing/lines.ts";
import { openShop } from "../testing/open-shop.ts";
import { openLogger } from "./logger.ts";

const config = readConfig({ LOG_LEVEL: "INFO" });

test("a line is one JSON object with time, level, message and service", () => {
  const lines = captureLines();
  openLogger(config).info("order placed", { order_id: "ORD-1", items: 2 });
  expect(lines).toEqual([
    {
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: "INFO",
      message: "order placed",
      service: "shop",
      order_id: "ORD-1",
      items: 2,
    },
  ]);
});

test("lines below the level are not written", () => {
  const lines = captureLines();
  const log = openLogger(readConfig({ LOG_LEVEL: "WARN" }));
  log.info("quiet");
  log.warn("loud");
  expect(lines.map(({ message }) => message)).toEqual(["loud"]);
});

test("an error keeps its stack and its cause, on one line", () => {
  const lines = captureLines();
  openLogger(config).error("failed", new Error("outer", { cause: new Error("inner") }));
  expect(lines).toMatchObject([
    {
      level: "ERROR",
      message: "failed",
      error: { message: "outer", stack: expect.stringContaining("\n"), cause: { message: "inner" } },
    },
  ]);
});

test("every line of overlapping requests carries its own request's id", async () => {
  const lines = captureLines();
  const log = openLogger(config);
  const ids = Array.from({ length: 20 }, (_, index) => `request-${index}`);
  await Promise.all(
    ids.map((requestId) =>
      runInRequestScope({ requestId }, async () => {
        log.info("before", { expected: requestId });
        await sleep(Math.random() * 5);
        log.info("after", { expected: requestId });
      }),
    ),
  );
  expect(lines).toHaveLength(2 * ids.length);
  for (const { request_id, expected } of lines) expect(request_id).toBe(expected);
});

test("a line that core writes during a request carries the id, and one outside of any carries none", async () => {
  const shop = openShop(readConfig({ ...process.env, LOG_LEVEL: "INFO" }));
  const lines = captureLines();
  const { send } = shop.db;
  // A storage that logs stands for whatever core logs in the middle of its work.
  shop.db.send = ((...args: Parameters<typeof send>) => {
    shop.log.info("reading");
    return send(...args);
  }) as typeof send;
  await runInRequestScope({ requestId: "trace-me" }, () => getCart(shop, "alice"));
  shop.log.info("outside");
  expect(lines).toMatchObject([{ message: "reading", request_id: "trace-me" }, { message: "outside" }]);
  expect(lines[1]).not.toHaveProperty("request_id");
});

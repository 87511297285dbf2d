import { expect, test } from "vitest";
import { readConfig } from "../config/config.ts";
import { captureLines } from "../testing/lines.ts";
import { LINES_IN_FULL, openAccessLog, SAMPLE_WEIGHT, SLOW_MS } from "./access-log.ts";
import { openLogger } from "./logger.ts";

const ROUTE = "GET /products/{productId}";
const START = Date.UTC(2026, 0, 1);

const openLog = () => openAccessLog(openLogger(readConfig({ LOG_LEVEL: "INFO" })));

const weightOf = (line: Record<string, unknown>): number => (line.weight as number | undefined) ?? 1;

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

test("writes a line for each request at low rates", () => {
  const lines = captureLines();
  const log = openLog();
  const write = log.ofRoute(ROUTE);
  for (let at = 0; at < 3 * LINES_IN_FULL; at++)
    write(START + Math.floor(at / LINES_IN_FULL) * 1_000, { requestId: `r-${at}` }, 200, 1);
  log.flush();
  expect(lines.map(({ request_id }) => request_id)).toEqual(
    Array.from({ length: 3 * LINES_IN_FULL }, (_, at) => `r-${at}`),
  );
  expect(lines.every((line) => !("weight" in line))).toBe(true);
});

test.each([1, SAMPLE_WEIGHT - 1, SAMPLE_WEIGHT, 10 * SAMPLE_WEIGHT + 1])(
  "adds up to the requests at %i a second more than are written in full",
  (excess) => {
    const lines = captureLines();
    const log = openLog();
    const write = log.ofRoute(ROUTE);
    const seconds = 5;
    const rate = LINES_IN_FULL + excess;
    for (let second = 0; second < seconds; second++)
      for (let at = 0; at < rate; at++) write(START + second * 1_000, { requestId: "r" }, 200, 1);
    write(START + seconds * 1_000, { requestId: "last" }, 200, 1);
    log.flush();
    expect(sumOf(lines.map(weightOf))).toBe(seconds * rate + 1);
    expect(Math.max(...lines.map(weightOf))).toBeLessThanOrEqual(SAMPLE_WEIGHT);
  },
);

test("never samples failures and slow requests, and lets them stand for themselves", () => {
  const lines = captureLines();
  const log = openLog();
  const write = log.ofRoute(ROUTE);
  for (let at = 0; at < 2 * LINES_IN_FULL; at++) {
    write(START, { requestId: `ok-${at}` }, 200, 1);
    write(START, { requestId: `failed-${at}` }, 404, 1, "PRODUCT_NOT_FOUND");
    write(START, { requestId: `slow-${at}` }, 200, SLOW_MS);
  }
  log.flush();
  for (const kind of ["failed", "slow"]) {
    const ofKind = lines.filter(({ request_id }) => String(request_id).startsWith(kind));
    expect(ofKind).toHaveLength(2 * LINES_IN_FULL);
    expect(ofKind.every((line) => !("weight" in line))).toBe(true);
  }
});

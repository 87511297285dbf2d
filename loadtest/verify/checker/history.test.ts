import { expect, test } from "vitest";
import { operationsOf, parseHistory } from "./history.ts";

const INVOKE = { type: "invoke", call: 1, time: 5, action: { f: "read-cart", user: "ann" } };

test("invocations are paired with their completions, and one without is of unknown outcome", () => {
  const lines = [INVOKE, { ...INVOKE, call: 2 }, { type: "fail", call: 1, time: 9, error: "GONE" }];
  const operations = operationsOf(parseHistory(`${lines.map((line) => JSON.stringify(line)).join("\n")}\n`));
  expect(operations).toMatchObject([
    { call: 1, outcome: "fail", invokedAt: 5, completedAt: 9, error: "GONE" },
    { call: 2, outcome: "info", invokedAt: 5, completedAt: Infinity },
  ]);
});

test("a last line that was cut off is left out; any other line that is no event is named", () => {
  const line = JSON.stringify(INVOKE);
  expect(parseHistory(`${line}\n${line.slice(0, 20)}`)).toEqual([INVOKE]);
  expect(() => parseHistory(`${line}\n{"type":"nothing"}\n`)).toThrow("Line 2 is not an event");
});

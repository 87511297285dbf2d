import { expect, test } from "vitest";
import {
  ALL_BUT_SILENCE,
  ANY_FAILURE,
  contentVerdict,
  troubleTables,
  unbegunWarnings,
  WRONG_CONTENT,
} from "./answer-counts.ts";
import type { Second } from "./timeline.ts";

const WRONG = "GET /a: wrong content: another product";
const SILENT = "GET /a: no answer (timeout)";
const SHED = "GET /a: 503 OVERLOADED";

const second = (refusals: Record<string, number>, errors: Record<string, number>, waiting = 0): Second => {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
  const counts = { ok: 10, refused: sum(refusals), failed: sum(errors), latency: {} };
  const requests = { "GET /a": counts };
  return { time: 100, second: 0, users: 1, generator_cpu: 0, waiting, requests, refusals, errors };
};
const loadOf = (...seconds: Second[]) => ({ seconds });

const TROUBLED = loadOf(second({ [SHED]: 3 }, { [SILENT]: 1 }), second({ [SHED]: 2 }, { [WRONG]: 4 }));

test("refusals and failures, the most frequent first, and each load once", () => {
  expect(troubleTables([TROUBLED, TROUBLED])[0]?.rows).toEqual([
    [SHED, "refused", 5],
    [WRONG, "failed", 4],
    [SILENT, "failed", 1],
  ]);
  expect(troubleTables([loadOf(second({}, {}))])).toEqual([]);
});

test("kinds without end are counted together", () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`GET /${i}: 500 INTERNAL_ERROR`, 2]));
  const rows = troubleTables([loadOf(second({}, many))])[0]?.rows ?? [];
  expect(rows).toHaveLength(16);
  expect(rows.at(-1)).toEqual(["5 further kinds", "", 10]);
});

test("refusals are in order; which failures are not depends on what is done to the shop", () => {
  const isOk = (isWrong: (error: string) => boolean, errors: Record<string, number>) =>
    contentVerdict([loadOf(second({ [SHED]: 9 }, errors))], isWrong)[0]?.isOk;
  expect(isOk(ANY_FAILURE, {})).toBe(true);
  expect(isOk(ANY_FAILURE, { [SILENT]: 1 })).toBe(false);
  expect(isOk(ALL_BUT_SILENCE, { [SILENT]: 1 })).toBe(true);
  expect(isOk(ALL_BUT_SILENCE, { "GET /a: 500 INTERNAL_ERROR": 1 })).toBe(false);
  expect(isOk(WRONG_CONTENT, { "GET /a: 500 INTERNAL_ERROR": 1 })).toBe(true);
  expect(isOk(WRONG_CONTENT, { [WRONG]: 1 })).toBe(false);
  expect(contentVerdict([TROUBLED], ANY_FAILURE)[0]?.detail).toBe(`5 of 30 answers; most often ${WRONG}`);
  expect(contentVerdict([], ANY_FAILURE)).toEqual([]);
});

test("a due request that never began counts by its load's end", () => {
  const loads = [loadOf(second({}, {}, 40), second({}, {}, 7)), loadOf(second({}, {}, 3), second({}, {}))];
  expect(unbegunWarnings(loads)[0]).toMatch(/^7 actions fell due and never began/);
  expect(unbegunWarnings(loads.slice(1))).toEqual([]);
});

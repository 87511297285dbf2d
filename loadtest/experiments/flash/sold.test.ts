import { expect, test } from "vitest";
import type { Row } from "./flash-rows.ts";
import { soldAnswer, soldExactly } from "./sold.ts";

const SALE: Row = {
  shards: 4,
  repeat: 1,
  supply: "few",
  pieces: 1_234,
  orders: 1_200,
  counters: 4,
  available: 0,
  reserved: 0,
  sold: 1_234,
  ordersPerSecond: 100,
  p50: 10,
  p99: 20,
  toldSoldOut: 77,
  refused: 3,
  failed: 0,
  generatorPeak: 0.1,
};

test("all sold, and the answers that buyers got", () => {
  expect(soldAnswer([SALE], [soldExactly([SALE])])).toEqual({
    figure: "No",
    answer: "Of 1,234 pieces in 1 sale, 1,234 were sold, none of them twice.",
    detail:
      'Of 1,234 pieces 1,234 were sold. Buyers got "sold out" 77 times and were refused for now 3 times; ' +
      "0 requests failed.",
  });
});

test("does not call unsold pieces sold", () => {
  const rest = { ...SALE, sold: 1_200, reserved: 4, available: 30, failed: 2 };
  const { answer, detail } = soldAnswer([rest], [soldExactly([rest])]);
  expect(answer).toBe("Of 1,234 pieces in 1 sale, 1,200 were sold, none of them twice.");
  expect(detail).toContain("1,200 were sold, 4 were still reserved, 30 were left");
  expect(detail).toContain("2 requests failed");
});

test("a piece too many, a piece lost, an order without a piece", () => {
  const oversold = { ...SALE, sold: 1_235 };
  expect(soldAnswer([SALE, oversold], [])).toMatchObject({
    figure: "Yes",
    answer: "More was sold than there was in 1 of 2 sales.",
  });
  for (const wrong of [oversold, { ...SALE, sold: 1_233 }, { ...SALE, orders: 1_235 }]) {
    expect(soldExactly([wrong]).isOk).toBe(false);
  }
  const lost = { ...SALE, sold: 1_233 };
  const { answer, detail } = soldAnswer([lost], [soldExactly([lost])]);
  expect(answer).toContain("a check is violated");
  expect(detail).toContain("Violated: Sold exactly what there was.");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { lanesOf, spreadApart } from "./labels.ts";

const pixels = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 10 });

test("labels keep their order and their distance, within the room there is", () => {
  fc.assert(
    fc.property(pixels, (wanted) => {
      const placed = spreadApart(wanted, 15, 0, 300);
      const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
      const sorted = order.map((i) => placed[i] ?? Number.NaN);
      for (let i = 1; i < sorted.length; i++) {
        expect((sorted[i] ?? 0) - (sorted[i - 1] ?? 0)).toBeGreaterThanOrEqual(15 - 1e-9);
      }
      expect(sorted[0]).toBeGreaterThanOrEqual(0);
      expect(sorted.at(-1)).toBeLessThanOrEqual(300);
    }),
  );
});

test("labels with room stay where they are", () => {
  expect(spreadApart([100, 20, 200], 15, 0, 300)).toEqual([100, 20, 200]);
  expect(spreadApart([10, 12], 15, 0, 300)).toEqual([10, 25]);
  expect(spreadApart([299, 300], 15, 0, 300)).toEqual([285, 300]);
});

test("no two spans of a lane overlap, and no lane is opened without need", () => {
  const span = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 90 }));
  fc.assert(
    fc.property(fc.array(span, { maxLength: 15 }), (given) => {
      const spans = given.map(([from, length]) => ({ from, to: from + length }));
      const lanes = lanesOf(spans);
      const covering = (pixel: number) => spans.filter(({ from, to }) => from <= pixel && pixel < to).length;
      spans.forEach((one, i) => {
        spans.forEach((other, j) => {
          const isApart = one.to <= other.from || other.to <= one.from;
          expect(i === j || lanes[i] !== lanes[j] || isApart).toBe(true);
        });
      });
      const deepest = Math.max(0, ...spans.map(({ from }) => covering(from)));
      expect(Math.max(-1, ...lanes) + 1).toBe(deepest);
    }),
  );
});

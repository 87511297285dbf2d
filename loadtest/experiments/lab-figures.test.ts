import { expect, test } from "vitest";
import { grown, medianOfSome } from "./lab-figures.ts";

test("a median tells of how many it is, where some have nothing to tell", () => {
  expect(medianOfSome([1, 2, 3])).toBe("2");
  expect(medianOfSome([1, null, 3])).toBe("2 (2 of 3)");
  expect(medianOfSome([1, null, null], 2)).toBe("1 (1 of 2)");
  expect(medianOfSome([null, null], 0)).toBe("–");
});

test("a count that went backwards is another process's", () => {
  expect(grown(5, 7)).toBe(2);
  expect(grown(7, 5)).toBeNull();
  expect(grown(undefined, 5)).toBeNull();
});

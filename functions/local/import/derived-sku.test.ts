import { expect, test } from "vitest";
import { derivedSku } from "./derived-sku.ts";

test("handle and options, readable", () => {
  expect(derivedSku("classic-varsity-top", ["Small", "Red"])).toBe("classic-varsity-top/Small/Red");
  expect(derivedSku("oak-lamp", [])).toBe("oak-lamp");
});

test("options with slashes stay apart", () => {
  expect(derivedSku("top", ["S/M", "L"])).not.toBe(derivedSku("top", ["S", "M/L"]));
  expect(derivedSku("top", ["S%2FM"])).not.toBe(derivedSku("top", ["S/M"]));
});

test("at most 100 characters, still different, and whole characters", () => {
  const long = "h".repeat(99);
  expect(derivedSku("h".repeat(100), [])).toHaveLength(100);
  expect(derivedSku(long, ["Small"])).toHaveLength(100);
  expect(derivedSku(long, ["Small"])).not.toBe(derivedSku(long, ["Large"]));
  expect(derivedSku(long, ["Small"])).toBe(derivedSku(long, ["Small"]));
  expect(derivedSku("🪑".repeat(60), []).isWellFormed()).toBe(true);
  expect(derivedSku(`a${"🪑".repeat(60)}`, []).isWellFormed()).toBe(true);
});

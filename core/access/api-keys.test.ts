import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { openApiKeys, parseApiKeys } from "./api-keys.ts";

const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

test("proves a machine by either of its two keys, with the scopes of the one that was given", () => {
  const keys = parseApiKeys(
    `lab:admin+unlimited:${hashOf("new")}, lab:unlimited:${hashOf("old")}, feed::${hashOf("feed")}`,
  );
  const machineOf = openApiKeys(keys);
  const lab = { kind: "machine", subject: "lab", isUnlimited: true };
  expect(machineOf("new")).toEqual({ ...lab, isAdmin: true });
  expect(machineOf("old")).toEqual({ ...lab, isAdmin: false });
  expect(machineOf("feed")).toEqual({ kind: "machine", subject: "feed", isAdmin: false, isUnlimited: false });
  for (const other of ["", "New", "new ", hashOf("new")]) expect(machineOf(other)).toBeUndefined();
});

test.each([
  "lab",
  "lab:admin:secret",
  `lab:root:${hashOf("a")}`,
  `Lab:admin:${hashOf("a")}`,
  `lab::${hashOf("a")},lab::${hashOf("b")},lab::${hashOf("c")}`,
  `lab::${hashOf("a").toUpperCase()}`,
])("refuses %s", (text) => {
  expect(() => parseApiKeys(text)).toThrow();
});

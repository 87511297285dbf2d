import { expect, test } from "vitest";
import { decodeEntry } from "./entry-codec.ts";
import { ABSENT, TOMBSTONE_MS } from "./lifetime.ts";

const AS_OF = 1_000_000;
const MAX_LIFETIME = 60_000;
const decode = (text: string) =>
  decodeEntry<string>(text, {
    key: 1,
    asOf: AS_OF,
    era: "now",
    maxLifetime: MAX_LIFETIME,
    parseValue: (value, _key, version) =>
      typeof value === "string" && version === Number(value.slice(1)) ? value : undefined,
  });

const VALUE = '7 ["value",1,1001000,1002000,"v7","now"]';
const ABSENCE = '0 ["absent",1,1001000,1002000,null,"now"]';
const TOMBSTONE = '9 ["tombstone",0,1001000,1002000,null,"earlier"]';

test("reads a value, an absence, and a tombstone of any era", () => {
  const times = { asOf: AS_OF, softExpiry: 1_001_000, hardExpiry: 1_002_000, json: undefined };
  expect(decode(VALUE)).toEqual({ kind: "value", value: "v7", version: 7, loadMs: 1, ...times });
  expect(decode(ABSENCE)).toEqual({ kind: "absent", value: undefined, version: 0, loadMs: 1, ...times });
  expect(decode(TOMBSTONE)).toEqual({ kind: "tombstone", value: undefined, version: 9, loadMs: 0, ...times });
});

// Each has one thing wrong that nothing else would refuse.
test.each([
  ["a version below 0", TOMBSTONE.replace("9", "-9")],
  ["a version that is no whole number", TOMBSTONE.replace("9", "9.5")],
  ["a version beyond the exact ones", TOMBSTONE.replace("9", "9007199254740992")],
  ["a version that is no number", TOMBSTONE.replace("9", "nine")],
  ["no version", TOMBSTONE.replace("9", "")],
  ["no space after the version", TOMBSTONE.replace(" ", "")],
  ["JSON that is cut", VALUE.slice(0, -1)],
  ["an object", '9 {"kind":"tombstone"}'],
  ["a kind of another version", VALUE.replace("value", "hint")],
  ["a load time below 0", VALUE.replace("1,", "-1,")],
  ["a load time as text", VALUE.replace("1,", '"1",')],
  ["an infinite load time", VALUE.replace("1,", "1e999,")],
  ["a soft expiry below 0", VALUE.replace("1001000", "-1001000")],
  ["a soft expiry as text", VALUE.replace("1001000", '"soon"')],
  ["no soft expiry", VALUE.replace("1001000", "null")],
  ["a hard expiry below 0", VALUE.replace("1002000", "-1002000")],
  ["an infinite hard expiry", VALUE.replace("1002000", "1e999")],
  ["a value that its reader does not know", VALUE.replace('"v7"', '{"an":"object"}')],
  ["a value of another version", VALUE.replace("7", "8")],
  ["a value of another era", VALUE.replace("now", "earlier")],
  ["a value of no era", VALUE.replace(',"now"', "")],
  ["an absence with a version", ABSENCE.replace("0", "3")],
  ["an absence of another era", ABSENCE.replace("now", "earlier")],
])("refuses %s", (_, text) => {
  expect(decode(text)).toBeUndefined();
});

test("no kind lives longer than its own entries do, whatever its text says", () => {
  const forEver = (text: string) => decode(text.replace("1001000,1002000", "1e300,1e300"));
  expect(forEver(VALUE)).toMatchObject({
    softExpiry: AS_OF + MAX_LIFETIME,
    hardExpiry: AS_OF + MAX_LIFETIME,
  });
  expect(forEver(ABSENCE)?.hardExpiry).toBe(AS_OF + 2 * ABSENT.hard);
  expect(forEver(TOMBSTONE)?.hardExpiry).toBe(AS_OF + TOMBSTONE_MS);
  expect(decode(VALUE.replace("1001000", "1500000"))?.softExpiry).toBe(1_002_000);
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { readConfig } from "../../core/config/config.ts";
import { EnvironmentReader } from "../../core/config/environment-reader.ts";
import { SETTINGS } from "../setting-names.ts";
import { variablesRead } from "../testing/variables-read.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/reference/settings.md"), "utf8");

/** The cells of a variable's row. */
const rowOf = (name: string): string[] => {
  const row = PAGE.split("\n").find((line) => line.startsWith(`| \`${name}\` |`));
  return (row ?? "")
    .split("|")
    .map((cell) => cell.trim())
    .slice(1, -1);
};

const plain = (cell = ""): string => cell.replaceAll("`", "");

afterEach(() => vi.restoreAllMocks());

test("names every variable that the code reads", () => {
  const names = variablesRead();
  expect(names.length).toBeGreaterThan(40);
  for (const name of [...names, ...SETTINGS]) expect(PAGE).toContain(`\`${name}\``);
});

test("names no setting that the code does not read", () => {
  const settings = PAGE.slice(0, PAGE.indexOf("## Linked resources"));
  const rows = [...settings.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name);
  expect(variablesRead()).toEqual(expect.arrayContaining(rows));
});

test("gives the defaults and ranges of the code", () => {
  const numbers = vi.spyOn(EnvironmentReader.prototype, "integer");
  const choices = vi.spyOn(EnvironmentReader.prototype, "oneOf");
  const texts = vi.spyOn(EnvironmentReader.prototype, "text");
  readConfig({});
  for (const [name, fallback, { min, max }] of numbers.mock.calls) {
    expect(rowOf(name).slice(0, 3).map(plain)).toEqual([name, String(fallback), `${min}–${max}`]);
  }
  for (const [name, fallback, allowed] of choices.mock.calls) {
    const [, given, range = ""] = rowOf(name).map(plain);
    expect([given, range.split(", ").toSorted()], name).toEqual([fallback, allowed.toSorted()]);
  }
  for (const [name, fallback] of texts.mock.calls) expect(plain(rowOf(name)[1]), name).toBe(fallback);
});

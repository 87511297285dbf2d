import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const FOLDER = join(import.meta.dirname, "../../docs/decisions");
const read = (file: string): string => readFileSync(join(FOLDER, file), "utf8");

const files = globSync("[0-9]*.md", { cwd: FOLDER }).toSorted();

/** The index's row of a decision, made from the head of its page. */
const rowOf = (file: string): string => {
  const head = /^# (\d+)\. (.+)\n\n(Accepted|Superseded by \[\d+\]\(.+?\)), (\d{4}-\d\d-\d\d)\.\n\n/.exec(
    read(file),
  );
  const [, number, title, status = "", date] = head ?? [];
  return `| ${number} | [${title}](${file}) | ${status.toLowerCase()} | ${date} |`;
};

test("decisions are numbered without a gap, in the order of their dates", () => {
  const rows = files.map(rowOf);
  expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, index) => index + 1));
  expect(rows.map((row) => Number(/\d+/.exec(row)?.[0]))).toEqual(files.map((_, index) => index + 1));
  const dates = rows.map((row) => row.split(" | ").at(-1) ?? "");
  expect(dates).toEqual(dates.toSorted());
});

test("the index has each decision with its title, status and date", () => {
  const rows = read("README.md").match(/^\| \d.*$/gm);
  expect(rows).toEqual(files.map(rowOf));
});

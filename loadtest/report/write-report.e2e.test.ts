import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixtureRun } from "./fixture/fixture-run.ts";
import { RunFileError, readRun } from "./run-file.ts";
import { writeReport } from "./write-report.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "stampede-report-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const PROGRAM = join(import.meta.dirname, "report-command.ts");

/** `npm run report` without npm. */
const report = async (...options: string[]) => {
  const child = Bun.spawn([process.execPath, PROGRAM, ...options], { stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, output, errors };
};

test("a run becomes a page, a summary, its data and its raw rows, and nothing half-written", async () => {
  const run = fixtureRun();
  const out = join(dir, "a", "new", "folder");
  expect(await writeReport(run, out)).toBe(join(out, "report.html"));
  const files = await readdir(out);
  expect(files.sort()).toEqual([
    "load-steps.csv",
    "recovery-timeline.csv",
    "report.html",
    "result.json",
    "summary.md",
  ]);
  expect(await readRun(join(out, "result.json"))).toEqual(run);
  const rows = (await readFile(join(out, "recovery-timeline.csv"), "utf8")).trimEnd().split("\r\n");
  expect(rows).toHaveLength(122);
  expect(rows.slice(0, 2)).toEqual(["second,isFault,p99_ms", "0,false,14"]);
});

test("a run that cannot be reported still leaves its data, and a message that says where", async () => {
  const run = fixtureRun();
  run.results[0]?.measures.push({ id: "x", label: "x", unit: "ms", better: "lower", samples: [Number.NaN] });
  const out = join(dir, "broken");
  await expect(writeReport(run, out)).rejects.toThrow(RunFileError);
  await expect(writeReport(run, out)).rejects.toThrow(/results\.0\.measures\.4\.samples\.0/);
  expect(await readdir(out)).toEqual(["result.json"]);
});

test("the command makes the same report again from the data, byte for byte", async () => {
  const out = join(dir, "again");
  await writeReport(fixtureRun(), out);
  const first = await readFile(join(out, "report.html"), "utf8");
  await rm(join(out, "report.html"));
  const { code, output } = await report(join(out, "result.json"));
  expect({ code, output }).toEqual({ code: 0, output: `written to ${join(out, "report.html")}\n` });
  expect(await readFile(join(out, "report.html"), "utf8")).toBe(first);
});

test("the command compares with a baseline, and writes to the given place", async () => {
  await writeReport(fixtureRun(0.8, 7), join(dir, "now"));
  await writeReport(fixtureRun(), join(dir, "then"));
  const [now, then, out] = [
    join(dir, "now", "result.json"),
    join(dir, "then", "result.json"),
    join(dir, "out"),
  ];
  expect(await report(now, "--baseline", then, "--out", out)).toMatchObject({ code: 0, errors: "" });
  expect(await readFile(join(out, "report.html"), "utf8")).toContain("18 worse beyond the noise");
  expect(await readFile(join(out, "summary.md"), "utf8")).toContain("18 are worse");
});

test("files that are no runs are refused in one line that says why", async () => {
  const files: Record<string, [content: string, says: RegExp]> = {
    "text.json": ["hello", /text\.json is not JSON/],
    "other.json": ['{"name": "stampede"}', /other\.json is not the result\.json of a run/],
    "null.json": ["null", /null\.json is not the result\.json of a run/],
    "future.json": ['{"version": 2}', /future\.json has format 2, and only format 1 can be read/],
    "part.json": ['{"version": 1, "results": []}', /part\.json is not a whole result\.json: environment/],
  };
  for (const [name, [content, says]] of Object.entries(files)) {
    await writeFile(join(dir, name), content);
    await expect(readRun(join(dir, name))).rejects.toThrow(says);
  }
  await expect(readRun(join(dir, "nowhere.json"))).rejects.toThrow(
    /nowhere\.json cannot be read: there is no such file/,
  );
  await expect(readRun(dir)).rejects.toThrow(/cannot be read: /);
});

test.for([
  { options: [], says: /^Usage: npm run report/ },
  { options: ["a.json", "b.json"], says: /^Usage: npm run report/ },
  { options: ["--wrong"], says: /Unknown option '--wrong'[\s\S]*Usage: npm run report/ },
  { options: ["nowhere.json"], says: /^nowhere\.json cannot be read: there is no such file\n$/ },
])("the command refuses $options with a clear message", async ({ options, says }) => {
  const { code, output, errors } = await report(...options);
  expect({ code, output }).toEqual({ code: 2, output: "" });
  expect(errors).toMatch(says);
  expect(errors).not.toMatch(/ {4}at /);
});

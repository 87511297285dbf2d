import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { METRICS } from "../../core/telemetry/metrics.ts";
import { metricsPage } from "./metrics-page.ts";

test("docs/metrics.md is up to date: else run `npm run docs:generate`", () => {
  expect(readFileSync(join(import.meta.dirname, "../../docs/metrics.md"), "utf8")).toBe(metricsPage());
});

test("the command that it names is one that there is", () => {
  const [, command = ""] = /Made by `npm run ([\w:]+)`/.exec(metricsPage()) ?? [];
  const manifest = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  expect(Object.keys(JSON.parse(manifest).scripts)).toContain(command);
});

test("it tells of every metric in which widget it is", () => {
  for (const name of Object.keys(METRICS)) {
    expect(metricsPage()).toMatch(new RegExp(`^\\| \`${name}\` \\|.*\\| (Shop|Storage): .+ \\|$`, "m"));
  }
});

test("it leads from every alarm to its metric and its runbook", () => {
  const runbooks = globSync("*.md", { cwd: join(import.meta.dirname, "../../docs/runbooks") });
  const listed = [...metricsPage().matchAll(/^\| \[(.+)\]\(runbooks\/\1\.md\) \| .+ \| .+ \|$/gm)].map(
    ([, name]) => name,
  );
  const alarms = runbooks.map((file) => basename(file, ".md")).filter((name) => name !== "README");
  expect(listed.toSorted()).toEqual(alarms.toSorted());
});

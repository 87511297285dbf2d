import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { driftOf, driftReport } from "./drift.ts";

const step = (op: string, type: string, name: string, fields: string[] = []) => ({
  op,
  type,
  urn: `urn:pulumi:production::stampede::sst:aws:Service$${type}::${name}`,
  old: { inputs: { secret: "hunter2" } },
  new: { inputs: { secret: "hunter3" } },
  detailedDiff:
    fields.length > 0 ? Object.fromEntries(fields.map((field) => [field, { diffKind: "update" }])) : null,
});

const UNCHANGED = [
  step("same", "aws:dynamodb/table:Table", "OrdersTable"),
  step("read", "aws:ec2/vpc:Vpc", "Vpc"),
  step("update", "pulumi:pulumi:Stack", "stampede-production", ["outputs"]),
  step("update", "sst:aws:Service", "Shop", ["url"]),
];

const CHANGED = [
  step("update", "aws:appautoscaling/target:Target", "ShopAutoScalingTarget", ["minCapacity", "tags.owner"]),
  step("create", "aws:cloudwatch/metricAlarm:MetricAlarm", "BusSilentAlarm"),
];

test("names the resources that a deployment would change, and their fields, but no values", () => {
  const report = driftReport("production", driftOf([...UNCHANGED, ...CHANGED]));
  expect(report.split("\n")).toEqual(
    expect.arrayContaining([
      "### Stage production differs from what was deployed: 2 resources",
      "| ShopAutoScalingTarget | Target | update | `minCapacity`, `tags.owner` |",
      "| BusSilentAlarm | MetricAlarm | create |  |",
    ]),
  );
  expect(report).not.toContain("hunter");
});

test("a resource that is replaced counts once", () => {
  const replaced = ["create-replacement", "replace", "delete-replaced"].map((op) =>
    step(op, "aws:sns/topic:Topic", "Alarms", ["name"]),
  );
  expect(driftReport("production", driftOf([...CHANGED, ...replaced]))).toContain(": 3 resources");
});

test("steps that change nothing at AWS are no drift", () => {
  expect(driftReport("production", driftOf(UNCHANGED))).toBe("Stage production is as it was deployed.");
});

test("a long list is cut", () => {
  const many = Array.from({ length: 62 }, (_, index) =>
    step("delete", "aws:sqs/queue:Queue", `Queue${index}`),
  );
  expect(driftReport("production", driftOf(many))).toMatch(/… and 2 more\.$/);
});

test("the command's exit code tells drift from none, and from a file of something else", () => {
  const folder = mkdtempSync(join(tmpdir(), "drift-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "diff.json");
  const run = (content: unknown) => {
    writeFileSync(file, JSON.stringify(content));
    const command = join(import.meta.dirname, "synth-command.ts");
    const { status, stderr } = spawnSync(process.execPath, [command, "--drift", file], { encoding: "utf8" });
    return { status, stderr };
  };
  expect(run(UNCHANGED).status).toBe(0);
  expect(run(CHANGED).status).toBe(2);
  const other = run({ message: "no state" });
  expect(other.status).toBe(1);
  expect(other.stderr).toContain('is no output of "sst diff --json"');
});

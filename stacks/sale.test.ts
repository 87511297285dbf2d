import { beforeAll, expect, test } from "vitest";
import { leastTasks, type Sale, saleNotice, saleSteps, warmUpStart } from "./sale.ts";
import { readSettings } from "./settings.ts";
import { type Deployment, synthesized } from "./testing/stages.ts";

const SETTINGS = {
  STAMPEDE_TASKS: "2-40",
  STAMPEDE_SALE: "2026-11-27T18:00+01:00/2026-11-28T00:00Z",
  STAMPEDE_SALE_TASKS: "24",
};
const { sale, tasks } = readSettings("alice", SETTINGS);

test("a sale has its times in UTC, and its tasks half an hour before it", () => {
  expect(sale).toEqual({
    start: new Date("2026-11-27T17:00:00Z"),
    end: new Date("2026-11-28T00:00:00Z"),
    tasks: 24,
  });
  expect(warmUpStart(sale as Sale)).toEqual(new Date("2026-11-27T16:30:00Z"));
});

test.each([
  ["2026-11-27T16:29:59Z", 2, ["Start", "End"]],
  ["2026-11-27T16:30:00Z", 24, ["End"]],
  ["2026-11-27T23:59:59Z", 24, ["End"]],
  ["2026-11-28T00:00:00Z", 2, []],
])("a deployment at %s keeps %i tasks and schedules %j", (at, least, steps) => {
  const now = new Date(at);
  expect(leastTasks(tasks, sale, now)).toBe(least);
  expect(saleSteps(tasks, sale, now).map(({ name }) => name)).toEqual(steps);
});

test.each([
  [{ STAMPEDE_TASKS: "0-4" }, "STAMPEDE_TASKS must be the least and the greatest number of tasks"],
  [{ STAMPEDE_TASKS: "8-4" }, "STAMPEDE_TASKS must be"],
  [{ STAMPEDE_TASKS: "2-1001" }, 'from 1 to 1000, not "2-1001"'],
  [{ STAMPEDE_TASKS: "many" }, "STAMPEDE_TASKS must be"],
  [{ STAMPEDE_SALE: SETTINGS.STAMPEDE_SALE }, "STAMPEDE_SALE and STAMPEDE_SALE_TASKS belong together"],
  [{ STAMPEDE_SALE_TASKS: "3" }, "STAMPEDE_SALE and STAMPEDE_SALE_TASKS belong together"],
  [{ ...SETTINGS, STAMPEDE_SALE: "2026-11-27T18:00/2026-11-28T00:00" }, "START/END with their time zone"],
  [{ ...SETTINGS, STAMPEDE_SALE: "2026-13-27T18:00Z/2026-11-28T00:00Z" }, "START/END with their time zone"],
  [{ ...SETTINGS, STAMPEDE_SALE: "tomorrow" }, 'not "tomorrow"'],
  [{ ...SETTINGS, STAMPEDE_SALE: "2026-11-28T00:00Z/2026-11-27T18:00Z" }, "ends before it starts"],
  [
    { ...SETTINGS, STAMPEDE_SALE_TASKS: "41" },
    "STAMPEDE_SALE_TASKS=41 is outside of the stage's 2 to 40 tasks",
  ],
  [
    { ...SETTINGS, STAMPEDE_SALE_TASKS: "40" },
    "scaling could add none in the sale, and the alarm TasksAtMaximum",
  ],
  [{ ...SETTINGS, STAMPEDE_SALE_TASKS: "1" }, "outside of the stage's 2 to 40 tasks"],
  [{ ...SETTINGS, STAMPEDE_SALE_TASKS: "-1" }, "STAMPEDE_SALE_TASKS must be a whole number from 1 to 1000"],
  [{ ...SETTINGS, STAMPEDE_API: "functions" }, "STAMPEDE_SALE needs STAMPEDE_API=container"],
])("%j is refused", (env, message) => {
  expect(() => readSettings("alice", env)).toThrow(message);
});

test("a sale that is over is named to who deploys", () => {
  expect(saleNotice(sale, new Date("2026-11-28T00:00:00Z"))).toBe(
    "STAMPEDE_SALE ended at 2026-11-28T00:00:00.000Z and changes nothing any more: remove it and STAMPEDE_SALE_TASKS",
  );
  expect(saleNotice(sale, new Date("2026-11-27T23:59:59Z"))).toBeUndefined();
  expect(saleNotice(undefined, new Date())).toBeUndefined();
});

let production: Deployment;
let plainProduction: Deployment;
beforeAll(async () => {
  [production, plainProduction] = (await Promise.all(
    (["production", "plainProduction"] as const).map(synthesized),
  )) as [Deployment, Deployment];
});

test("a stage with a sale ahead keeps its least number now, and schedules the rest on its own service", () => {
  const { inputs: target } = production.one("appautoscaling/target:Target");
  expect(target).toMatchObject({ minCapacity: 3, maxCapacity: 40 });
  const actions = production.ofType("ScheduledAction").map(({ inputs }) => inputs);
  const { resourceId, scalableDimension, serviceNamespace } = target;
  expect(actions).toMatchObject([
    { schedule: "at(2099-11-28T00:00:00)", scalableTargetAction: { minCapacity: 3, maxCapacity: 40 } },
    { schedule: "at(2099-11-27T16:30:00)", scalableTargetAction: { minCapacity: 24, maxCapacity: 40 } },
  ]);
  for (const action of actions) {
    expect(action).toMatchObject({ resourceId, scalableDimension, serviceNamespace });
    expect(action.name).toMatch(/^stampede-production-Sale-(Start|End)$/);
  }
  expect(plainProduction.ofType("ScheduledAction")).toEqual([]);
});

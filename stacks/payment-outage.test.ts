import { expect, test } from "vitest";
import { readConfig } from "../core/config/config.ts";
import { readSettings } from "./settings.ts";
import { containerVariables, synthesizedAll } from "./testing/stages.ts";

const WRONG: [setting: Record<string, string>, message: string][] = [
  [{ STAMPEDE_PAYMENT_OUTAGE: "on" }, 'STAMPEDE_PAYMENT_OUTAGE must be refuse or accept, not "on"'],
  [{ STAMPEDE_DEFERRED_ORDERS: "20" }, "STAMPEDE_DEFERRED_AMOUNT need STAMPEDE_PAYMENT_OUTAGE=accept"],
  [
    { STAMPEDE_PAYMENT_OUTAGE: "refuse", STAMPEDE_DEFERRED_AMOUNT: "5000" },
    "STAMPEDE_DEFERRED_AMOUNT need STAMPEDE_PAYMENT_OUTAGE=accept",
  ],
  [
    { STAMPEDE_PAYMENT_OUTAGE: "accept", STAMPEDE_DEFERRED_ORDERS: "0" },
    "STAMPEDE_DEFERRED_ORDERS must be a whole number from 1 to 1000000",
  ],
  [
    { STAMPEDE_PAYMENT_OUTAGE: "accept", STAMPEDE_DEFERRED_AMOUNT: "99.50" },
    "STAMPEDE_DEFERRED_AMOUNT must be a whole number from 1 to 1000000000",
  ],
];

test.each(WRONG)("%j is refused", (env, message) => {
  expect(() => readSettings("alice", env)).toThrow(message);
});

test("tasks accept orders while payment is away where the stage is set so, up to the shop's own limits", async () => {
  const [trial, personal] = await synthesizedAll("trial", "personal");
  const { payment } = readConfig({});
  expect(readConfig(containerVariables(trial)).payment).toMatchObject({
    outage: "accept",
    deferred: payment.deferred,
    deferredLimit: payment.deferredLimit,
  });
  expect(readConfig(containerVariables(personal)).payment).toMatchObject({
    outage: "refuse",
    deferred: payment.deferred,
  });
});

test("so do the functions that charge, up to the limits that are set", async () => {
  const [stage] = await synthesizedAll("stripeFunctions");
  const charging = stage.ofType("Function").filter(({ name }) => /Checkout|Recovery/.test(name));
  expect(charging).toHaveLength(2);
  for (const { name, inputs } of charging) {
    expect(readConfig(inputs.environment.variables).payment, name).toMatchObject({
      outage: "accept",
      deferred: { maxOrders: 20, maxCents: 500_000 },
    });
  }
});

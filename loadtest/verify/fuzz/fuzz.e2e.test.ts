import { expect, test, vi } from "vitest";
import { openCallers } from "../../harness/callers.ts";
import { launchShop } from "../../harness/test-shops.ts";
import type { ConditionName } from "./conditions.ts";
import type { FuzzResult } from "./fuzz.ts";
import { describeFindings } from "./fuzz-report.ts";
import { environmentFor, fuzzShop, leaksIn } from "./fuzz-shop.ts";

vi.setConfig({ testTimeout: 600_000 });

/** Another one each day finds more over time; a failure prints it with what to repeat. */
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Date.now() / 86_400_000));

const fuzzUnder = async (name: ConditionName, requests: number): Promise<FuzzResult> => {
  const callers = await openCallers();
  const shop = await launchShop(environmentFor(name, callers));
  const result = await fuzzShop(name, callers, { url: shop.url, requests, seed: SEED });
  const { status } = await shop.client.get("/health");
  const leaks = leaksIn(shop.output(), callers).length;
  const problems = [describeFindings(result), status, leaks];
  expect(problems, `npm run fuzz -- --seed ${SEED} --conditions ${name}`).toEqual(["", 200, 0]);
  expect(result.sent).toBeGreaterThanOrEqual(requests);
  return result;
};

test("open: every answer is as the document has it, and none is a 5xx", async () => {
  const { answers } = await fuzzUnder("open", 800);
  for (const status of [200, 201, 204, 304, 400, 403, 404, 405, 415])
    expect(answers).toHaveProperty(String(status));
});

test("as each role: nobody gets what the role has no right to, or sees another's cart or order", async () => {
  const { answers, ownSightings } = await fuzzUnder("calm", 800);
  for (const status of [200, 201, 400, 401, 403, 404]) expect(answers).toHaveProperty(String(status));
  // Nothing could be hidden from anybody had nobody been shown anything.
  for (const name of ["guest", "user", "stranger", "admin"]) expect(ownSightings).toHaveProperty(name);
});

test("with injected faults, failures are those that the document has", async () => {
  const { answers } = await fuzzUnder("faults", 500);
  expect(answers).toHaveProperty("503");
});

test("overloaded, refusals are those that the document has", async () => {
  const { answers } = await fuzzUnder("overload", 500);
  expect(answers).toHaveProperty("503");
});

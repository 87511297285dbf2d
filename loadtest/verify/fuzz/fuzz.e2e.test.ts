import { expect, test, vi } from "vitest";
import { launchShop } from "../../harness/test-shops.ts";
import { CONDITIONS, type ConditionName } from "./conditions.ts";
import { type FuzzResult, fuzz } from "./fuzz.ts";
import { describeFindings } from "./fuzz-report.ts";

vi.setConfig({ testTimeout: 600_000 });

/** Another one each day finds more over time; a failure prints it with what to repeat. */
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Date.now() / 86_400_000));

const fuzzUnder = async (name: ConditionName, requests: number): Promise<FuzzResult> => {
  const { environment, weather, lanes, disturb } = CONDITIONS[name];
  const shop = await launchShop({ LOG_LEVEL: "ERROR", ...environment });
  const stop = disturb(shop.url);
  const result = await fuzz({ url: shop.url, requests, seed: SEED, lanes, weather });
  await stop();
  const { status } = await shop.client.get("/health");
  expect([describeFindings(result), status], `npm run fuzz -- --seed ${SEED} --conditions ${name}`).toEqual([
    "",
    200,
  ]);
  expect(result.sent).toBeGreaterThanOrEqual(requests);
  return result;
};

test("calm: every answer is as the document has it, and none is a 5xx", async () => {
  const { answers } = await fuzzUnder("calm", 3_000);
  for (const status of [200, 201, 204, 304, 400, 403, 404, 405, 415])
    expect(answers).toHaveProperty(String(status));
});

test("with injected faults, failures are those that the document has", async () => {
  const { answers } = await fuzzUnder("faults", 1_000);
  expect(answers).toHaveProperty("503");
});

test("overloaded, refusals are those that the document has", async () => {
  const { answers } = await fuzzUnder("overload", 1_000);
  expect(answers).toHaveProperty("503");
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { endPolitely } from "../../harness/end-politely.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { startEngine } from "../../harness/engine-and-redis.ts";
import { startLimits } from "../../harness/limits-layer.ts";
import { detailsOf } from "../../harness/product-details.ts";
import { seeded } from "../../harness/random.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { startShop } from "../../harness/shop-process.ts";
import { openRecordingClient } from "../chaos/recording-client.ts";
import { shop as goShopping } from "../chaos/shopper.ts";
import type { HistoryEvent } from "../checker/history.ts";
import { settledState } from "../checker/settled.ts";
import { judge, printVerdict } from "../checker/verdict.ts";

const SHOPPERS = 8;
const BUYERS = 12;
/** Before it splits; one more comes after that. */
const KILLS = 1;
const LIFE_MS = 1_000;
const SPLIT_MS = 180_000;
const SETTLE_MS = 120_000;
const PRODUCT = 1;

/** Short times, so that what a kill leaves open is settled within seconds. */
const ENVIRONMENT = {
  LOG_LEVEL: "WARN",
  REDIS_URL: "",
  PAYMENT_TIMEOUT_MS: "250",
  PAYMENT_LATENCY_MS: "5",
  PAYMENT_SETTLE_LIMIT_MS: "4000",
  REQUEST_DEADLINE_MS: "2500",
  FULFILMENT_GRACE_MS: "1000",
  RECOVERY_INTERVAL_MS: "200",
};

test("a product that two processes sell splits itself, and nothing is lost when one is killed meanwhile", async () => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-sharding-"));
  const engine = await startEngine(join(dir, "engine.db"));
  const limits = await startLimits(engine, "aws", 1);
  endWithTests(async () => {
    await limits.stop();
    await engine.stop();
    await rm(dir, { recursive: true, force: true });
  });
  /** One that is opened again takes over what a kill left running. */
  const open = async (name: string) => {
    const shop = await startShop({
      ...ENVIRONMENT,
      DATA_DIR: join(dir, name),
      DYNAMODB_ENDPOINT: `http://127.0.0.1:${limits.port}`,
    });
    endWithTests(() => endPolitely(shop));
    return shop;
  };
  const [steady, first] = [await open("steady"), await open("mortal")];
  let mortal = first;
  let door = Promise.resolve(mortal.url);

  let turn = 0;
  const history: HistoryEvent[] = [];
  const client = openRecordingClient({
    url: () => (turn++ % 2 ? door : Promise.resolve(steady.url)),
    record: (event) => void history.push(event),
  });
  const available = 1_000_000;
  const details = detailsOf(PRODUCT, { price: 9.99 });
  await clientOf(steady.url).post(`/products/${PRODUCT}/details`, details);
  expect(await client.perform({ f: "set-stock", product: PRODUCT, available })).toMatchObject({ type: "ok" });
  const shardsNow = async (): Promise<number> =>
    (await clientOf(steady.url).get(`/products/${PRODUCT}/stock`)).body.shards ?? 1;

  let giveUpAt = Infinity;
  const closing = new AbortController();
  const shopping = Promise.all(
    Array.from({ length: SHOPPERS }, (_, i) =>
      goShopping({
        name: `shopper-${i}`,
        client,
        random: seeded(i + 1),
        products: [PRODUCT],
        closing: closing.signal,
        giveUpAt: () => giveUpAt,
      }),
    ),
  );
  /** Nothing but orders, one after the other. */
  const buyOn = async (buyer: number): Promise<void> => {
    for (let order = 0; !closing.signal.aborted; order++) {
      const user = `buyer-${buyer}-${order}`;
      await client.perform({ f: "add", user, product: PRODUCT, quantity: 1 });
      await client.perform({ f: "checkout", user, payment_method: "pm_card_visa" });
    }
  };
  const buying = Promise.all(Array.from({ length: BUYERS }, (_, i) => buyOn(i)));
  const killOne = async (): Promise<void> => {
    const reopened = Promise.withResolvers<string>();
    door = reopened.promise;
    mortal.kill("SIGKILL");
    await mortal.exited;
    mortal = await open("mortal");
    reopened.resolve(mortal.url);
  };
  // On a busy machine it takes a while until both sell so much that they meet: no life of a fixed time would do.
  for (let kill = 1; kill <= KILLS; kill++) {
    await sleep(LIFE_MS);
    await killOne();
  }
  await vi.waitFor(async () => expect(await shardsNow()).toBeGreaterThan(1), SPLIT_MS);
  await killOne();
  giveUpAt = Date.now() + SETTLE_MS;
  closing.abort();
  await Promise.all([shopping, buying]);
  const state = await settledState(`http://127.0.0.1:${engine.port}`, SETTLE_MS);
  const verdict = judge(history, state);
  expect(verdict.outcome, printVerdict(verdict)).toBe("ok");
  expect(state.orders.length).toBeGreaterThan(10);
}, 400_000);

import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { type Caller, openCallers } from "../../harness/callers.ts";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { endPolitely } from "../../harness/end-politely.ts";
import { startRedis } from "../../harness/redis-process.ts";
import { launchShop } from "../../harness/test-shops.ts";
import { giveData } from "../fuzz/give-data.ts";

const random = (): string => randomBytes(12).toString("hex");

/** Personal data and secrets as clients send them, where they belong and where they do not. */
const CARD = "4242424242424242";
const EMAIL = `alice.${random()}@mail.example`;
const PASSWORD = `hunter2-${random()}`;
const SESSION = `session-${random()}`;
const GUESSED_KEY = `guessed-${random()}`;
const GUESSED_TOKEN = `eyJhbGciOiJFUzI1NiJ9.${random()}.${random()}`;
const IDEMPOTENCY_KEY = `order-of-${random()}`;
const REQUEST_ID = `seen-${random()}`;

type Headers = Readonly<Record<string, string>>;

describeWithRedis("everything that a shop prints at its most talkative", () => {
  test("has no secret, no credentials and nothing personal in it", async () => {
    const callers = await openCallers();
    const redis = await startRedis({ requirepass: PASSWORD });
    const shop = await launchShop({
      ...callers.environment,
      LOG_LEVEL: "TRACE",
      FAULTS: "on",
      REDIS_URL: redis.url.replace("redis://", `redis://:${PASSWORD}@`),
      METRICS_INTERVAL_MS: "200",
    });
    const ask = async (method: string, path: string, headers: Headers, body?: string): Promise<Response> => {
      const response = await fetch(shop.url + path, {
        method,
        headers: { "content-type": "application/json", "x-request-id": REQUEST_ID, ...headers },
        ...(body !== undefined && { body }),
      });
      return response;
    };
    const simulate = (service: string, settings: object) =>
      ask("POST", `/resilience/simulate/${service}`, callers.admin.headers, JSON.stringify(settings));

    const issued: string[] = [];
    const visit = async ({ userId = "nobody", headers }: Caller): Promise<void> => {
      const cart = `/cart/${userId}`;
      await ask("GET", "/products/1", headers);
      await ask("GET", cart, headers);
      await ask("POST", `${cart}/items`, headers, '{"product_id":3,"quantity":1}');
      await ask("POST", `${cart}/items`, headers, `{"product_id":3,"quantity":"${CARD}"}`);
      await ask("POST", `${cart}/checkout`, headers, `{"card":"${CARD}","email":"${EMAIL}"}`);
      await ask("POST", `${cart}/checkout`, headers, `{"payment_method":"${CARD}"}`);
      await ask("POST", `${cart}/checkout`, headers, `{"payment_method":"${CARD}`);
      const key = { ...headers, "idempotency-key": IDEMPOTENCY_KEY };
      await ask("POST", `${cart}/checkout`, key, '{"payment_method":"pm_card_chargeDeclined"}');
      await ask("GET", `/orders?user_id=${userId}`, headers);
      const guest = await ask("POST", "/guests", headers);
      const { cart_token } = (await guest.json()) as { cart_token?: string };
      if (cart_token) issued.push(cart_token);
      await ask("POST", `${cart}/merge`, { ...headers, "x-cart-token": cart_token ?? "" });
      await ask("PUT", "/cache", headers, '{"mode":"tiered"}');
      await ask("PUT", "/products/3/stock", headers, '{"available":1000}');
    };
    const misplace = async (): Promise<void> => {
      for (const path of [`/cart/${EMAIL}`, `/${CARD}`, `/products?cursor=${SESSION}`, `/orders/${CARD}`]) {
        await ask("GET", `${path}${path.includes("?") ? "&" : "?"}card=${CARD}&email=${EMAIL}`, {
          ...callers.admin.headers,
          cookie: `session=${SESSION}`,
          referer: `https://shop.example/?email=${EMAIL}`,
          "user-agent": `${EMAIL} ${SESSION}`,
        });
      }
      await ask("GET", "/stats", { authorization: `Bearer ${GUESSED_TOKEN}` });
      await ask("GET", "/stats", { authorization: `Basic ${btoa(`${EMAIL}:${PASSWORD}`)}` });
      await ask("GET", "/stats", { "x-api-key": GUESSED_KEY });
      await ask("GET", "/stats", { "x-cart-token": GUESSED_TOKEN });
    };

    await giveData(shop.url, callers.all);
    for (const caller of callers.all) await visit(caller);
    await misplace();
    for (const service of ["payment", "redis", "dynamodb"]) {
      await simulate(service, { enable: true, failure_rate: 1, ttl_secs: 60 });
      for (const caller of callers.all) await visit(caller);
      await misplace();
      await simulate(service, { enable: false });
    }
    await redis.stop();
    for (const caller of callers.all) await visit(caller);
    await endPolitely(shop);
    await shop.closed;

    const output = shop.output();
    const lines = output.split("\n");
    const trail = lines.filter((line) => line.includes('"message":"audit"'));
    // The requests were logged, and the trail was written.
    expect(output).toContain("redis is up");
    expect(output).toContain(REQUEST_ID);
    expect(trail.some((line) => line.includes(`user:${callers.admin.userId}`))).toBe(true);
    expect(trail.join()).not.toContain(REQUEST_ID);
    const secrets = [
      ...callers.secrets,
      ...issued,
      ...[CARD, EMAIL, PASSWORD, SESSION, GUESSED_KEY, GUESSED_TOKEN, IDEMPOTENCY_KEY],
      btoa(`${EMAIL}:${PASSWORD}`),
    ];
    expect(issued.length).toBeGreaterThan(0);
    expect(lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
    // A customer's id is personal; an administrator's is what the trail is for.
    const customers = callers.all.flatMap(({ userId, isAdmin }) => (isAdmin || !userId ? [] : [userId]));
    expect(customers.length).toBe(3);
    expect(lines.filter((line) => customers.some((customer) => line.includes(customer)))).toEqual([]);
  });
});

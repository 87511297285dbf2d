import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { endPolitely } from "../../loadtest/harness/end-politely.ts";
import { launchShop } from "../../loadtest/harness/test-shops.ts";
import { openDelivery } from "../testing/stripe/stripe-delivery.ts";
import { messageOf } from "../testing/stripe/stripe-messages.ts";
import { stripeForTests } from "../testing/stripe/stripe-shop.ts";

const random = (): string => randomBytes(12).toString("hex");

const SECRET_KEY = `sk_test_${random()}`;
const WEBHOOK_SECRET = `whsec_${random()}`;
const EMAIL = `alice.${random()}@mail.example`;
const USER = `user-${random()}`;

const stripe = await stripeForTests();

test("a shop that charges by Stripe prints no key, no secret of a payment and no customer", async () => {
  stripe.secretKey = SECRET_KEY;
  const shop = await launchShop({
    LOG_LEVEL: "TRACE",
    DYNAMODB_TIMEOUT_MS: "10000",
    METRICS_INTERVAL_MS: "200",
    // It would meet the trouble that is meant for the next purchase, with an order that is left from the last.
    RECOVERY_INTERVAL_MS: "3600000",
    PAYMENT_GATEWAY: "stripe",
    STRIPE_API_BASE: stripe.url,
    STRIPE_SECRET_KEY: SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  });
  const post = async (path: string, body: object) => {
    const response = await fetch(shop.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.text() };
  };
  const buy = async (payment_method: string) => {
    await post(`/cart/${USER}/items`, { product_id: 1, quantity: 1 });
    return post(`/cart/${USER}/checkout`, { payment_method });
  };
  const deliver = openDelivery(shop.url);
  const signing = { secret: WEBHOOK_SECRET };

  expect(await buy("pm_card_visa")).toMatchObject({ status: 201 });
  expect(await buy("pm_card_visa_chargeDeclined")).toMatchObject({ status: 402 });
  const waiting = await buy("pm_card_authenticationRequired");
  expect(waiting.body).toContain("client_secret");
  for (const kind of ["500 before", "rate limit", "cut after"] as const) {
    stripe.troubles.push({ on: "create", kind });
    expect(await buy("pm_card_visa")).toMatchObject({ status: 202 });
  }
  stripe.secretKey = "sk_test_another"; // A key that Stripe does not accept is an error in the log.
  expect((await buy("pm_card_visa")).status).toBeGreaterThanOrEqual(202);
  stripe.secretKey = SECRET_KEY;

  const [paid] = stripe.intents.all().filter(({ status }) => status === "succeeded");
  const id = paid?.id ?? "";
  const personal = { billing_details: { email: EMAIL }, receipt_email: EMAIL };
  stripe.refunds.create({ payment_intent: id });
  const messages = [
    ...stripe.events,
    stripe.refunds.fail(id, "lost_or_stolen_card"),
    stripe.refunds.dispute(id, "created", "needs_response"),
    messageOf("customer.created", { id: "cus_1", email: EMAIL }),
  ].map((message) => ({ ...message, data: { object: { ...message.data.object, ...personal } } }));
  for (const message of messages) {
    await deliver(message, { signing });
    await deliver(message, { signing: { secret: "whsec_guessed" } });
  }
  await endPolitely(shop);
  await shop.closed;

  const output = shop.output();
  expect(output).toContain("a customer disputes a payment");
  expect(output).toContain("Stripe does not accept STRIPE_SECRET_KEY");
  const secrets = [
    ...[SECRET_KEY, WEBHOOK_SECRET, EMAIL, USER, "pm_card_", "whsec_guessed"],
    ...stripe.intents.all().map(({ client_secret }) => client_secret),
  ];
  const leaks = output.split("\n").filter((line) => secrets.some((secret) => line.includes(secret)));
  expect(leaks).toEqual([]);
});

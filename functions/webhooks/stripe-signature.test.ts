import { expect, test } from "vitest";
import { ENDPOINTS } from "../http/endpoints.ts";
import { contextOf } from "../http/event.ts";
import fixtures from "../testing/api-gateway-events.json" with { type: "json" };
import { startServer } from "../testing/http.ts";
import { openCustomers } from "../testing/stripe/stripe-customers.ts";
import { newAddress, openDelivery, RECEIVED } from "../testing/stripe/stripe-delivery.ts";
import { messageOf, signatureOf } from "../testing/stripe/stripe-messages.ts";
import { openStripeShop, stripeForTests } from "../testing/stripe/stripe-shop.ts";
import { handler } from "./stripe.ts";

process.env.RATE_LIMITS = "on";
process.env.RATE_LIMIT_FAILURES_PER_MINUTE = "60"; // 10 at once.
process.env.TRUSTED_HOPS = "1";
const stripe = await stripeForTests();
const shop = openStripeShop(stripe);
const { buyAndAuthenticate, statusOf, lastMessageOf } = openCustomers(stripe, shop);
const deliver = openDelivery(startServer(ENDPOINTS, {}, () => shop).url);

test("a message that Stripe has not signed, or not of late, or that was changed, does nothing", async () => {
  const orderId = await buyAndAuthenticate();
  const message = lastMessageOf(orderId);
  const refused = { status: 400, body: { error: "SIGNATURE_INVALID" } };
  expect(await deliver(message, { signing: { secret: "whsec_another" } })).toMatchObject(refused);
  const old = Math.floor(Date.now() / 1000) - 301;
  expect(await deliver(message, { signing: { at: old } })).toMatchObject(refused);
  expect(await deliver(message, { sent: JSON.stringify(message, undefined, 1) })).toMatchObject(refused);
  for (const signature of ["", "t=1", "t=1,v1=", "v1=00", "nothing"]) {
    expect(await deliver(message, { headers: { "stripe-signature": signature } }), signature).toMatchObject(
      refused,
    );
  }
  expect(await statusOf(orderId)).toBe("pending_payment");
});

test.each([
  ["no body", { sent: "" }, 400, "VALIDATION_FAILED"],
  ["a body of 70 KB", { sent: "x".repeat(70_000) }, 413, "PAYLOAD_TOO_LARGE"],
  ["a compressed body", { headers: { "content-encoding": "gzip" } }, 415, "UNSUPPORTED_MEDIA_TYPE"],
  ["a page of another site", { headers: { origin: "https://evil.example" } }, 403, "CROSS_SITE_REQUEST"],
])("%s is refused as everywhere", async (_, request, status, error) => {
  expect(await deliver(messageOf("customer.created", {}), request)).toMatchObject({
    status,
    body: { error },
  });
});

test("an address whose signatures prove nothing is limited; Stripe's own messages never are", async () => {
  const [stranger, own] = [newAddress(), newAddress()];
  const message = messageOf("customer.created", {});
  const guess = async () =>
    (await deliver(message, { signing: { secret: "whsec_guess" }, from: stranger })).status;
  const statuses = await Promise.all(Array.from({ length: 30 }, guess));
  expect(new Set(statuses)).toEqual(new Set([400, 429]));
  expect(await guess()).toBe(429);
  const answers = await Promise.all(Array.from({ length: 50 }, () => deliver(message, { from: own })));
  expect(answers).toEqual(Array(50).fill(RECEIVED));
});

test("on Lambda the body is checked as it came, plain or in base64", async () => {
  const orderId = await buyAndAuthenticate();
  const body = `${JSON.stringify(lastMessageOf(orderId))} `;
  const event = (text: string, isBase64Encoded: boolean) => ({
    ...fixtures["a product is read"],
    headers: { "content-type": "application/json", "stripe-signature": signatureOf(body) },
    body: text,
    isBase64Encoded,
  });
  const onShop = handler.withShop(shop);
  const base64 = Buffer.from(body).toString("base64");
  expect(await onShop(event(body.trim(), false), contextOf("r", 30_000))).toMatchObject({ statusCode: 400 });
  expect(await onShop(event(base64, true), contextOf("r", 30_000))).toMatchObject({ statusCode: 200 });
  expect(await onShop(event(body, false), contextOf("r", 30_000))).toMatchObject({ statusCode: 200 });
  expect(await statusOf(orderId)).toBe("confirmed");
});

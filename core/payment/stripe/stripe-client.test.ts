import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { endWithTests } from "../../../loadtest/harness/end-with-tests.ts";
import { readConfig } from "../../config/config.ts";
import { openLogger } from "../../telemetry/logger.ts";
import { spanning } from "../../tracing/span.ts";
import { openTracing } from "../../tracing/tracing.ts";
import { openStripeClient } from "./stripe-client.ts";

test("a call of Stripe goes on with the trace, and with none outside of one", async () => {
  const seen: (string | string[] | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.traceparent);
    response.setHeader("content-type", "application/json").end('{"id":"pi_1","object":"payment_intent"}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  endWithTests(async () => {
    server.closeAllConnections();
    server.close();
  });
  const apiBase = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const settings = {
    secretKey: "sk_test_1",
    webhookSecret: undefined,
    apiBase,
    currency: "usd",
    returnUrl: undefined,
  };
  const stripe = await openStripeClient(settings, 30_000)();
  const tracing = openTracing(
    { isOn: true, ratio: 1, trustsCallers: false, endpoint: undefined, isKept: true },
    openLogger(readConfig({ LOG_LEVEL: "SILENT" })),
  );
  await tracing?.ready;
  const span = tracing?.begin("checkout", "server", undefined, 0, {});
  if (!span) throw new Error("not sampled");
  await spanning(span, () => stripe.paymentIntents.retrieve("pi_1"));
  await stripe.paymentIntents.retrieve("pi_1");
  const { traceId, spanId } = span.context;
  expect(seen).toEqual([`00-${traceId}-${spanId}-01`, undefined]);
});

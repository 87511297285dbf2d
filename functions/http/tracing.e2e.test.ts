import { expect, test, vi } from "vitest";
import { describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { launchShop } from "../../loadtest/harness/test-shops.ts";
import { openOtlpReceiver } from "../testing/otlp-receiver.ts";

const CALLER = "b7ad6b7169203331";

describeWithRedis("the traces of a running shop", () => {
  test("go from the request through cache, DynamoDB and payment to fulfilment and recovery, to a collector", async () => {
    const collector = await openOtlpReceiver();
    const shop = await launchShop({
      CATALOG_SIZE: "20",
      LOG_LEVEL: "INFO",
      DYNAMODB_TIMEOUT_MS: "10000",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      PAYMENT_TIMEOUT_MS: "500",
      PAYMENT_SETTLE_LIMIT_MS: "500",
      RECOVERY_INTERVAL_MS: "100",
    });
    const call = async (trace: string, method: string, path: string, body?: object) => {
      const response = await fetch(shop.url + path, {
        method,
        headers: { traceparent: `00-${trace}-${CALLER}-01`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
      await response.arrayBuffer();
      return response;
    };
    const buy = async (trace: string, user: string, payment_method: string) => {
      await call(trace, "GET", "/products/7");
      await call(trace, "POST", `/cart/${user}/items`, { product_id: 7, quantity: 1 });
      return call(trace, "POST", `/cart/${user}/checkout`, { payment_method });
    };
    const namesIn = (trace: string) =>
      new Set(collector.spans.flatMap((span) => (span.traceId === trace ? [span.name] : [])));

    // Until Redis is connected, reads go on without it.
    await vi.waitFor(async () => expect((await shop.cache()).l2.usable).toBe(true), 30_000);
    const bought = "0af7651916cd43dd8448eb211c80319c";
    const answer = await buy(bought, "ann", "pm_card_visa");
    expect(answer.status).toBe(201);
    const server = /^00-0af7651916cd43dd8448eb211c80319c-([\da-f]{16})-01$/.exec(
      answer.headers.get("traceresponse") ?? "",
    );
    await vi.waitFor(() => expect(namesIn(bought)).toContain("fulfil order"), 30_000);
    await vi.waitFor(() => {
      expect([...namesIn(bought)]).toEqual(
        expect.arrayContaining([
          "GET /products/{productId}",
          "cache read",
          "redis get",
          "DynamoDB GetItem",
          "POST /cart/{userId}/checkout",
          "DynamoDB TransactWriteItems",
          "payment charge",
          "fulfil order",
        ]),
      );
    }, 30_000);
    const spans = collector.spans.filter(({ traceId }) => traceId === bought);
    const ids = new Set([CALLER, ...spans.map(({ spanId }) => spanId)]);
    for (const { name, parentSpanId } of spans) expect(ids, name).toContain(parentSpanId);
    expect(spans.find(({ name }) => name === "fulfil order")?.parentSpanId).toBe(server?.[1]);
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(["shop"]));

    const unsettled = "1af7651916cd43dd8448eb211c80319c";
    expect((await buy(unsettled, "dan", "pm_processor_down")).status).toBe(202);
    await vi.waitFor(() => expect(namesIn(unsettled)).toContain("recover order"), 30_000);

    const page = await fetch(`${shop.url}/console/traces/${bought}`);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await page.text()).toContain("payment charge");
    expect(await (await fetch(`${shop.url}/console/traces`)).text()).toContain(bought);

    // The shop goes on as if nothing had happened; only spans are lost.
    await collector.close();
    expect((await buy("2af7651916cd43dd8448eb211c80319c", "eve", "pm_card_visa")).status).toBe(201);
    expect(collector.faults).toEqual([]);
    shop.kill("SIGINT");
    expect(await shop.exited).toBe(0);
    await shop.closed;
    const lines = shop
      .stdout()
      .split("\n")
      .filter((line) => line.includes('"message":"request"'));
    expect(lines.filter((line) => line.includes(`"trace_id":"${bought}"`))).toHaveLength(3);
  });
});

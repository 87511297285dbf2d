import { expect, test, vi } from "vitest";
import type { Shop } from "../shop.ts";
import { openTestShop } from "../testing/fixtures.ts";
import { activeSpan, type Span } from "../tracing/span.ts";
import { inOrderTrace } from "./order-trace.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PLACED_IN = "b7ad6b7169203331";
const order = (flags: "00" | "01") => ({
  order_id: "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC",
  traceparent: `00-${TRACE}-${PLACED_IN}-${flags}`,
});

const span = { end: vi.fn(), set: vi.fn(), fail: vi.fn() } as unknown as Span;
const begin = vi.fn(() => span);
const shop = { ...openTestShop(), tracing: { begin } } as unknown as Shop;

test("work on an order goes on with the trace in which it was placed, if that is kept", async () => {
  expect(await inOrderTrace(shop, "fulfil", order("01"), async () => activeSpan())).toBe(span);
  expect(begin).toHaveBeenCalledExactlyOnceWith(
    "fulfil",
    "consumer",
    expect.objectContaining({ traceId: TRACE, spanId: PLACED_IN, isSampled: true }),
    expect.any(Number),
    { "stampede.order_id": order("01").order_id },
  );
});

test.each([
  ["a trace that is not kept", shop, order("00")],
  ["no trace", shop, { order_id: order("00").order_id }],
  ["tracing off", { ...shop, tracing: undefined } as unknown as Shop, order("01")],
])("with %s it is done without one", async (_, its, placed) => {
  begin.mockClear();
  expect(await inOrderTrace(its, "fulfil", placed, async () => activeSpan())).toBeUndefined();
  expect(begin).not.toHaveBeenCalled();
});

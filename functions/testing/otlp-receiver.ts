import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ intValue: z.number() }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ boolValue: z.boolean() }),
]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value }));
const time = z.string().regex(/^\d{19}$/);

/** Of OTLP's JSON encoding, as far as spans use it. Source: opentelemetry-proto, `trace.proto`, and "OTLP/HTTP". */
const requestSchema = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes }),
        scopeSpans: z
          .array(
            z.object({
              scope: z.object({ name: z.string() }),
              spans: z
                .array(
                  z.object({
                    traceId: z.string().regex(/^[\da-f]{32}$/),
                    spanId: z.string().regex(/^[\da-f]{16}$/),
                    parentSpanId: z
                      .string()
                      .regex(/^[\da-f]{16}$/)
                      .optional(),
                    name: z.string().min(1),
                    kind: z.int().min(1).max(5),
                    startTimeUnixNano: time,
                    endTimeUnixNano: time,
                    attributes,
                    status: z.object({ code: z.int().min(0).max(2) }),
                  }),
                )
                .min(1),
            }),
          )
          .min(1),
      }),
    )
    .min(1),
});

export type OtlpSpan = z.infer<
  typeof requestSchema
>["resourceSpans"][number]["scopeSpans"][number]["spans"][number] & { readonly service: string | undefined };

/** A stand-in for a collector: takes spans by OTLP over HTTP and holds them to the format. */
export const openOtlpReceiver = async () => {
  const spans: OtlpSpan[] = [];
  const faults: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method, url, headers } = request;
      if (method !== "POST" || url !== "/v1/traces" || headers["content-type"] !== "application/json") {
        faults.push(`${method} ${url} ${headers["content-type"]}`);
      }
      const { data, error } = requestSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      if (error) faults.push(z.prettifyError(error));
      for (const { resource, scopeSpans } of data?.resourceSpans ?? []) {
        const name = resource.attributes.find(({ key }) => key === "service.name")?.value;
        const service = name && "stringValue" in name ? name.stringValue : undefined;
        spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service }))));
      }
      response.setHeader("content-type", "application/json");
      response.end("{}");
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** Requests that are not OTLP. */
    faults,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

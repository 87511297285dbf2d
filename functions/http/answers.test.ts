import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildSearchIndex } from "../../core/catalog/search-build.ts";
import { jsonResult } from "../middleware/result.ts";
import { EXCHANGES, type Exchange } from "../testing/exchanges.ts";
import { bareEndpoint, startServer } from "../testing/http.ts";
import { type OpenApiDocument, openDocumentValidator, operationsOf } from "../testing/openapi-checks.ts";
import { testShop } from "../testing/test-shop.ts";
import { ENDPOINTS } from "./endpoints.ts";

process.env.PROMETHEUS = "on";

let finish: () => void = () => undefined;
const slow = bareEndpoint("GET", "/slow", async () => {
  await new Promise<void>((resolve) => (finish = resolve));
  return jsonResult(200, {});
});
const { url, inFlight, drain } = startServer([...ENDPOINTS, slow]);
/** Another server of the same shop, which soon gives up a request. */
const hasty = startServer(ENDPOINTS, {}, () => {
  const { config, ...shop } = testShop();
  return { ...shop, config: { ...config, http: { ...config.http, requestDeadline: 500 } } };
});
const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApiDocument;
const operations = operationsOf(document);
const validate = openDocumentValidator(document);
const routes = new Map(ENDPOINTS.map(({ route }) => [route.key, route]));

const answered = new Set<string>();
let annsOrder = "";
let guestsToken = "";

beforeAll(() => buildSearchIndex(testShop()));

const isAsItIs = (body: unknown): body is string | ReadableStream =>
  typeof body === "string" || body instanceof ReadableStream;

/** Sends a request and checks that the answer is one that the document declares. */
const exchange = async (
  { route, path, body, headers, status, code }: Exchange,
  base = url,
): Promise<unknown> => {
  const [method = "", template = ""] = route.split(" ");
  const response = await fetch(base + path.replace("{ann's}", annsOrder), {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
      ...(headers?.["x-cart-token"] && { "x-cart-token": guestsToken }),
    },
    ...(body !== undefined && { body: isAsItIs(body) ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(response.status, text).toBe(status);
  answered.add(`${route} ${status}`);

  const declared = operations.get(route)?.responses[status];
  expect(declared, `${route} ${status} is not declared`).toBeDefined();
  expect(response.headers.get("x-request-id")).toBeTruthy();
  if (status === 503) expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
  if (!declared?.content) {
    expect(text).toBe("");
    expect(response.headers.get("content-type")).toBeNull();
    return undefined;
  }
  const type = response.headers.get("content-type") ?? "";
  expect(Object.keys(declared.content)).toContain(type);
  const value: unknown = type === "application/json" ? JSON.parse(text) : text;
  const at = [
    "paths",
    template,
    method.toLowerCase(),
    "responses",
    String(status),
    "content",
    type,
    "schema",
  ];
  validate(at, value);
  if (code) expect(value).toMatchObject({ error: code });
  return value;
};

test.each(EXCHANGES)("$route: $status $code for $path", async (wanted) => {
  const answer = await exchange(wanted);
  if (wanted.status !== 201) return;
  const { order_id, cart_token } = answer as { order_id?: string; cart_token?: string };
  annsOrder = order_id ?? annsOrder;
  guestsToken = cart_token ?? guestsToken;
});

test("faults are refused where they are not enabled", async () => {
  const { faults } = testShop().resilience;
  Object.assign(faults, { isEnabled: false });
  const [route, path] = ["POST /resilience/simulate/{service}", "/resilience/simulate/redis"];
  await exchange({ route, path, body: { enable: true }, status: 403, code: "FAULTS_DISABLED" });
  Object.assign(faults, { isEnabled: true });
});

test("metrics are not there where they are not enabled", async () => {
  const { telemetry } = testShop().config;
  Object.assign(telemetry, { prometheus: false });
  await exchange({ route: "GET /metrics", path: "/metrics", status: 404, code: "ROUTE_NOT_FOUND" });
  Object.assign(telemetry, { prometheus: true });
});

const withBody = [...routes].filter(([, { request }]) => request?.body);

/** Of a route that has no use for a body, it is read and refused all the same. */
const mayHaveBody = [...routes].filter(([, { method }]) => method !== "GET");

test.each(mayHaveBody)("%s refuses a body that is too large", async (route) => {
  const path = (EXCHANGES.find((known) => known.route === route)?.path ?? "").replace("{ann's}", annsOrder);
  const headers = { "content-type": "application/json" };
  await exchange({ route, path, body: "x".repeat(70_000), headers, status: 413, code: "PAYLOAD_TOO_LARGE" });
});

test.each(withBody)("%s refuses bodies as it declares", async (route) => {
  const path = (EXCHANGES.find((known) => known.route === route)?.path ?? "").replace("{ann's}", annsOrder);
  const headers = { "content-type": "application/json" };
  await exchange({ route, path, body: "{", headers, status: 400, code: "MALFORMED_JSON" });
  await exchange({ route, path, body: "[]", headers, status: 400, code: "VALIDATION_FAILED" });
  const text = { "content-type": "text/plain" };
  await exchange({ route, path, body: "{}", headers: text, status: 415, code: "UNSUPPORTED_MEDIA_TYPE" });
});

test("every route that may have a body declares what it says to one that never ends", async () => {
  const headers = { "content-type": "application/json" };
  const sending = mayHaveBody.map(([route]) => {
    const path = (EXCHANGES.find((known) => known.route === route)?.path ?? "").replace("{ann's}", annsOrder);
    const body = new ReadableStream({ start: (controller) => controller.enqueue("{") });
    return exchange({ route, path, body, headers, status: 408, code: "REQUEST_TIMEOUT" }, hasty.url);
  });
  await Promise.all(sending);
});

describe("while draining", () => {
  let draining: Promise<number>;

  beforeAll(async () => {
    // The server stays for what is in flight.
    void fetch(`${url}/slow`);
    await vi.waitFor(() => expect(inFlight()).toBe(1), 30_000);
    draining = drain(60_000);
  });
  afterAll(async () => {
    finish();
    await draining;
  });

  test.each([...routes.keys()])("%s answers 503 as it declares", async (route) => {
    const path = EXCHANGES.find((known) => known.route === route)?.path ?? "/";
    await exchange({ route, path, status: 503, ...(route !== "GET /health" && { code: "SHUTTING_DOWN" }) });
  });
});

/** Held to in browser-guard.test.ts and request-limits.test.ts. */
const OF_BROWSERS = ["CROSS_SITE_REQUEST", "MISDIRECTED_REQUEST", "URI_TOO_LONG", "HEADERS_TOO_LARGE"];

/** An open shop gives none of these; roles.test.ts and rate-limits.test.ts bring them about. */
const OF_ACCESS = ["UNAUTHENTICATED", "FORBIDDEN", "USER_NOT_FOUND", "RATE_LIMITED", ...OF_BROWSERS];

/** Its other answers need another payment service: `functions/webhooks/stripe.test.ts` has them. */
const IS_OFF = "POST /webhooks/stripe";

test("every declared answer was given, but for the defects that no request can bring about", () => {
  const on = [...operations].filter(([route]) => route !== IS_OFF);
  const declared = on.flatMap(([route, { responses }]) =>
    Object.entries(responses)
      .filter(([, { content }]) => {
        const codes = Object.keys(content?.["application/json"]?.examples ?? { none: undefined });
        return !codes.includes("INTERNAL_ERROR") && !codes.every((code) => OF_ACCESS.includes(code));
      })
      .map(([status]) => `${route} ${status}`),
  );
  expect(declared.filter((answer) => !answered.has(answer))).toEqual([]);
});

import { beforeEach, expect, test } from "vitest";
import { RequestError } from "../middleware/request-error.ts";
import { API_KEYS, requireCredentials } from "../testing/identities.ts";
import { testShop } from "../testing/test-shop.ts";
import { ENDPOINTS } from "./endpoints.ts";
import type { HttpRequest } from "./event.ts";
import { inTurn } from "./page-routes.ts";
import { createRouter } from "./router.ts";

requireCredentials();
const shop = testShop();
const { admission } = shop.resilience;
const router = createRouter(ENDPOINTS, shop);

/** Longer than one turn of the event loop may give answers, in milliseconds. */
const LONG_MS = 100;

const requestOf = (path: string, rest: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "GET",
  path,
  query: "",
  headers: { host: "127.0.0.1" },
  readBody: undefined,
  sourceIp: () => "127.0.0.1",
  requestId: "one",
  arrivedAt: performance.now(),
  ...rest,
});

/** In a turn that has answered for long enough already, as when one connection comes after the other. */
const inLongTurn = <T>(act: () => T): T => {
  setImmediate(() => (hasTurned = true)); // Runs before those that are asked for from now on.
  void admission.answer(() => undefined);
  for (const since = performance.now(); performance.now() - since < LONG_MS; );
  return act();
};

let hasTurned = false;
beforeEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  hasTurned = false;
});

const guessed = { headers: { host: "127.0.0.1", "x-api-key": "guessed" } };
const tooLarge = () => Promise.reject(new RequestError("PAYLOAD_TOO_LARGE"));

test.each([
  [
    "a path that was rewritten",
    400,
    () => router.refuse(requestOf("/x"), new RequestError("VALIDATION_FAILED")),
  ],
  ["an unknown key", 401, () => router.answer(requestOf("/cart/ann", guessed))],
  ["an unknown route", 404, () => router.answer(requestOf("/nowhere"))],
  [
    "a body that is too large",
    413,
    () =>
      router.answer(
        requestOf("/products/1/details", {
          method: "POST",
          headers: { host: "127.0.0.1", "x-api-key": API_KEYS.admin },
          readBody: tooLarge,
        }),
      ),
  ],
  [
    "a page",
    200,
    async () => {
      const { "/": page } = inTurn({ "/": { GET: () => new Response("a page") } }, admission);
      const response = await page?.GET?.(new Request("http://shop/"), undefined as never);
      return { statusCode: response?.status ?? 0 };
    },
  ],
])("%s is answered in the next turn where this one has answered enough", async (_, status, ask) => {
  const answer = inLongTurn(ask);
  expect((await answer).statusCode).toBe(status);
  expect(hasTurned).toBe(true);
});

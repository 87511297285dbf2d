import { expect, test } from "vitest";
import type { Caller } from "../../harness/callers.ts";
import { openAccessCheck } from "./check-access.ts";
import { openApiDocument } from "./document.ts";
import type { Answer, SentRequest } from "./send.ts";

const get = (security: readonly unknown[], isAdmins = false) => ({
  get: { parameters: [], responses: {}, security, ...(isAdmins && { "x-admin": true }) },
});
const document = openApiDocument({
  openapi: "3.1.0",
  paths: {
    "/products": get([]),
    "/cart/{userId}": get([{ user: [] }]),
    "/orders": get([{ user: [] }]),
    "/orders/{orderId}": get([{ user: [] }]),
    "/stats": get([{ user: ["admin"] }], true),
  },
  components: { schemas: {} },
});

const caller = (name: string, userId?: string, isAdmin = false): Caller => ({
  name,
  headers: {},
  isAdmin,
  ...(userId && { userId }),
});
const nobody = caller("nobody");
const user = caller("user", "user-1");
const machine: Caller = { ...caller("machine"), headers: { "x-api-key": "key" } };
const admin = caller("admin", "admin-1", true);
const ORDER = "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC";

const check = openAccessCheck(document, [nobody, user, caller("stranger", "stranger-1"), machine, admin]);
check.learn(asked("/orders"), { orders: [{ order_id: ORDER, user_id: "stranger-1" }] });

function asked(path: string, headers: Record<string, string> = {}): SentRequest {
  const [bare = "", query = ""] = path.split("?");
  return { method: "GET", path: bare, query: [...new URLSearchParams(query)], headers, body: undefined };
}
const answered = (status: number, text = "{}", headers = {}): Answer => ({
  status,
  text,
  headers: new Headers(headers),
});

test.each([
  ["a role that is too low", asked("/stats"), answered(200), nobody, "200 for nobody: the role is too low"],
  ["the same as a failure of the route", asked("/stats"), answered(404), user, "the role is too low"],
  ["nobody at a cart", asked("/cart/user-1"), answered(200), nobody, "the role is too low"],
  ["a machine at a cart", asked("/cart/user-1"), answered(200), machine, "at another user's"],
  ["another's cart", asked("/cart/stranger-1"), answered(200), user, "at another user's"],
  ["the same, encoded", asked("/cart/stranger%2D1"), answered(200), user, "at another user's"],
  ["others' orders", asked("/orders?user_id=stranger-1"), answered(200), user, "at another user's"],
  [
    "another's id",
    asked("/products"),
    answered(200, '{"user_id":"stranger-1"}'),
    user,
    "user sees stranger-1",
  ],
  ["another's order", asked(`/orders/${ORDER}`), answered(200, `{"a":"${ORDER}"}`), user, `sees ${ORDER}`],
  ["the same in a header", asked("/products"), answered(404, "", { location: ORDER }), user, `sees ${ORDER}`],
])("finds %s", (_, request, answer, sender, what) => {
  expect(check.faultOf(request, answer, sender)).toContain(what);
});

test.each([
  ["a refusal", asked("/stats"), answered(403), user],
  ["one's own cart", asked("/cart/user-1"), answered(200, '{"user_id":"user-1"}'), user],
  ["an administrator", asked("/cart/stranger-1"), answered(200, '{"user_id":"stranger-1"}'), admin],
  [
    "a refusal that repeats its request",
    asked(`/orders/${ORDER}`),
    answered(404, `There is no ${ORDER}`),
    user,
  ],
  [
    "the guest whose token is sent along",
    asked("/cart/guest-1", { "x-cart-token": "guest-1.a.b" }),
    answered(200, '{"user_id":"guest-1"}'),
    nobody,
  ],
])("accepts %s", (_, request, answer, sender) => {
  expect(check.faultOf(request, answer, sender)).toBeUndefined();
});

test("counts how often callers were shown their own data", () => {
  expect(check.ownSightings).toEqual({ user: 1 });
});

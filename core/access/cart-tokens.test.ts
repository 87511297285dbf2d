import { expect, test } from "vitest";
import { userIdSchema } from "../cart/user-id.ts";
import { openCartTokens } from "./cart-tokens.ts";

const SECRET = "a".repeat(32);
const LIFETIME = 3_600;

const open = (secrets: readonly string[] = [SECRET], now = () => Date.now()) =>
  openCartTokens(secrets, LIFETIME, now);

test("proves the guest whom it was issued to, and each is another", () => {
  const { issue, read } = open();
  const guests = Array.from({ length: 100 }, () => issue());
  expect(new Set(guests.map(({ userId }) => userId)).size).toBe(100);
  for (const { userId, token } of guests) {
    expect(userIdSchema.parse(userId)).toBe(userId);
    expect(read(token)).toEqual({ kind: "guest", subject: userId, isAdmin: false, isUnlimited: false });
  }
});

test("refuses what was altered in any character, signed by another secret, or has expired", () => {
  const { issue, read } = open();
  const { token, expiresAt } = issue();
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === "b" ? "c" : "b";
    // The last character of Base64 has bits that stand for nothing.
    if (at === token.length - 1) continue;
    expect(read(token.slice(0, at) + other + token.slice(at + 1)), `${at}`).toBeUndefined();
  }
  expect(open(["b".repeat(32)]).read(token)).toBeUndefined();
  expect(open([SECRET], () => expiresAt * 1_000).read(token)).toBeUndefined();
  for (const text of ["", "guest-", token.slice(1), `${token}.`]) expect(read(text)).toBeUndefined();
});

test("a rotated secret still verifies while it is listed", () => {
  const { token } = open().issue();
  expect(open(["n".repeat(32), SECRET]).read(token)).toBeDefined();
});

import { expect, test, vi } from "vitest";
import type { Shop } from "../shop.ts";
import { transact } from "../storage/transact.ts";
import { openTestShop } from "../testing/fixtures.ts";
import { claimKey, claimOf, findClaimedOrder } from "./idempotency.ts";

const shop = openTestShop();
const START = Date.parse("2026-11-26T00:00:00.500Z");
const DAY_MS = 24 * 60 * 60 * 1000;
/** The shop a while after the start, to the millisecond. */
const after = (ms: number): Shop => ({ ...shop, now: () => START + ms });

test("a claim is a user's own, and tells payloads apart", () => {
  const claim = claimOf("ann", "key", { payment_method: "pm_card_visa" });
  expect(claim).toEqual(claimOf("ann", "key", { payment_method: "pm_card_visa" }));
  expect(claimOf("bob", "key", {}).key).not.toBe(claim.key);
  expect(claimOf("ann", "key", {}).fingerprint).not.toBe(claim.fingerprint);
});

test("a key belongs to its first order for a day, and can be claimed again afterwards", async () => {
  const claim = claimOf("ann", "daily", {});
  expect(await findClaimedOrder(after(0), claim)).toBeUndefined();
  expect(await transact(shop.db, [claimKey(after(0), claim, "ORD-1")])).toBeUndefined();

  const lastMoment = after(DAY_MS - 501);
  expect(await findClaimedOrder(lastMoment, claim)).toBe("ORD-1");
  expect(await transact(shop.db, [claimKey(lastMoment, claim, "ORD-2")])).toEqual([expect.anything()]);

  const expired = after(DAY_MS - 500);
  expect(await findClaimedOrder(expired, claim)).toBeUndefined();
  expect(await transact(shop.db, [claimKey(expired, claim, "ORD-2")])).toBeUndefined();
  expect(await findClaimedOrder(expired, claim)).toBe("ORD-2");
});

test("a key is refused for another payload", async () => {
  await transact(shop.db, [claimKey(after(0), claimOf("cat", "key", {}), "ORD-1")]);
  await expect(findClaimedOrder(after(0), claimOf("cat", "key", { other: 1 }))).rejects.toMatchObject({
    code: "IDEMPOTENCY_MISMATCH",
    message: "This Idempotency-Key was used with another payload",
  });
});

test("a key is looked up as it is now, not as it was", async () => {
  const send = vi.spyOn(shop.db, "send");
  await findClaimedOrder(shop, claimOf("cem", "key", {}));
  expect(send.mock.calls.map(([{ input }]) => input)).toMatchObject([{ ConsistentRead: true }]);
  send.mockRestore();
});

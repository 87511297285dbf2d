import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterEach, expect, test, vi } from "vitest";
import { DomainError } from "../errors.ts";
import { openTestShop, stockedProduct } from "../testing/fixtures.ts";
import { addToCart, getCart, readCart } from "./cart.ts";
import { addPieces, startCart } from "./cart-item.ts";
import { changeOnce } from "./change.ts";

const shop = openTestShop();
const product_id = await stockedProduct(shop, 1_000);

// Left in place by a test that fails, a spy would call itself in the next one, without end.
afterEach(() => vi.restoreAllMocks());
const adding = (seen: "live" | "none") =>
  seen === "none"
    ? startCart([{ product_id, quantity: 1 }], shop.now())
    : addPieces({ product_id, quantity: 1 }, shop.now());

/** Sends each update as often as told, as if the answers before the last one had been lost. */
const sentTimes = (times: number, between: () => Promise<unknown> = async () => undefined) => {
  const repeat = shop.db.repeat;
  return vi.spyOn(shop.db, "repeat").mockImplementation(async (command, sent = {}) => {
    let isLost = false;
    for (let i = 1; i < times; i++) {
      await repeat(command, sent).then(
        () => (isLost = true),
        () => undefined,
      );
    }
    if (isLost) {
      sent.mayBeMade = true;
      await between();
    }
    return repeat(command, sent);
  });
};

test("a change that is sent three times counts once, in a new cart as in one that is there", async () => {
  const spy = sentTimes(3);
  for (let quantity = 1; quantity <= 5; quantity++) {
    expect(await changeOnce(shop, "thrice", adding)).toMatchObject({ isReplayed: true });
    expect(await readCart(shop, "thrice")).toMatchObject({
      quantities: { [product_id]: quantity },
      version: quantity,
    });
  }
  spy.mockRestore();
});

test("it counts once although others change the cart in between", async () => {
  const changeWithOthers = async (user: string) => {
    let others = 0;
    const spy = sentTimes(2, async () => {
      if (others > 0) return;
      others = 1;
      await addToCart(shop, user, { product_id, quantity: 10 });
    });
    const changed = await changeOnce(shop, user, adding).catch((error: unknown) => error);
    spy.mockRestore();
    return changed;
  };
  let user = "shared";
  let changed = await changeWithOthers(user);
  // One change in 16 takes the slot of the other by chance, and then it is not known: see the next test.
  for (let again = 1; changed instanceof DomainError && again < 10; again++) {
    user = `shared-${again}`;
    changed = await changeWithOthers(user);
  }
  // Marked, because it also shows what was changed later.
  expect(changed).toMatchObject({ isReplayed: true, item: { quantities: { [product_id]: 11 } } });
  expect((await getCart(shop, user)).items).toMatchObject([{ quantity: 11 }]);
});

test("when later changes have taken its slot it says that it is not known, and does not count twice", async () => {
  let isFilling = false;
  const spy = sentTimes(2, async () => {
    if (isFilling) return;
    isFilling = true;
    // More than there are slots, so many times over that each is taken.
    for (let i = 0; i < 200; i++) await addToCart(shop, "busy", { product_id, quantity: 1 });
  });
  const changing = changeOnce(shop, "busy", adding);
  await expect(changing).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE", retryAfterSeconds: 1 });
  spy.mockRestore();
  expect((await getCart(shop, "busy")).items).toMatchObject([{ quantity: 201 }]);
});

test("a clock that is behind does not keep its process from changing a cart", async () => {
  const ahead = { ...shop, now: () => Date.now() + 3_600_000 };
  for (let i = 0; i < 100; i++) await addToCart(ahead, "clocks", { product_id, quantity: 1 });
  for (let i = 0; i < 20; i++) await addToCart(shop, "clocks", { product_id, quantity: 1 });
  expect((await getCart(shop, "clocks")).items).toMatchObject([{ quantity: 120 }]);
});

test("bounds the operations that a cart remembers", async () => {
  for (let i = 0; i < 300; i++) await addToCart(shop, "bounded", { product_id, quantity: 1 });
  const { Item = {} } = await shop.db.send(
    new GetCommand({ TableName: shop.tables.carts, Key: { user_id: "bounded" } }),
  );
  const slots = Object.keys(Item).filter((name) => /^op\d+$/.test(name));
  expect(slots.length).toBeGreaterThan(8);
  expect(slots.length).toBeLessThanOrEqual(16);
});

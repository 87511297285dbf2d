import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { expect, test, vi } from "vitest";
import { DomainError } from "../errors.ts";
import { checkout } from "../order/checkout.ts";
import { runInRequestScope } from "../request-scope.ts";
import { openTestShop, stockedProduct, userWithCart } from "../testing/fixtures.ts";
import { getStock } from "./stock.ts";

const shop = openTestShop();

const buyersOf = (id: number, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => userWithCart(shop, [id, 1])));

const buy = (userId: string) => checkout(shop, { userId, paymentMethod: "pm_card_visa" });

const codeOf = (outcome: PromiseSettledResult<unknown> | undefined): string =>
  outcome?.status === "rejected" ? (outcome.reason as { code: string }).code : "ok";

/** As DynamoDB answers while some items of a transaction have no write units left. @param isThrottled by an item's key */
const throttling = (isThrottled: (key: string) => boolean) => {
  const { send } = shop.db;
  return vi.spyOn(shop.db, "send").mockImplementation(((command: { input: TransactWriteCommandInput }) => {
    const { TransactItems = [] } = command.input;
    const codes = TransactItems.map(({ Put, Update }) =>
      isThrottled(JSON.stringify(Update?.Key ?? Put?.Item)) ? "ThrottlingError" : "None",
    );
    if (new Set(codes).size < 2) return send(command as never);
    const CancellationReasons = codes.map((Code) => ({ Code }));
    const cause = new TransactionCanceledException({
      message: "Throttled",
      $metadata: {},
      CancellationReasons,
    });
    return Promise.reject(new DomainError("STORAGE_UNAVAILABLE", "Storage takes no more", { cause }));
  }) as unknown as typeof send);
};

test("a throttled cart refuses its own buyer, and nobody else of the group", async () => {
  const id = await stockedProduct(shop, 100);
  const [throttled = "", ...users] = await buyersOf(id, 40);
  const spy = throttling((key) => key.includes(`"${throttled}"`));
  const outcomes = await Promise.allSettled([...users.slice(0, 20), throttled, ...users.slice(20)].map(buy));
  spy.mockRestore();
  expect(outcomes.map(codeOf).filter((code) => code !== "ok")).toEqual(["STORAGE_UNAVAILABLE"]);
  expect(codeOf(outcomes[20])).toBe("STORAGE_UNAVAILABLE");
  expect(await getStock(shop, id)).toMatchObject({ available: 61, reserved: 39 });
});

test("orders wait for a throttled counter, while those of another product go ahead", async () => {
  const [hot, other] = [await stockedProduct(shop, 10), await stockedProduct(shop, 10)];
  const both = await userWithCart(shop, [hot, 1], [other, 1]);
  const [hotUsers, otherUsers] = [await buyersOf(hot, 5), await buyersOf(other, 5)];
  let isThrottled = true;
  const spy = throttling((key) => isThrottled && key.includes(`"${hot}#0"`));
  const buying = runInRequestScope({ requestId: "patient", conflictPatience: 60_000 }, () =>
    Promise.all([both, ...hotUsers].map(buy)),
  );
  await Promise.all(otherUsers.map(buy));
  expect(await getStock(shop, other)).toMatchObject({ available: 5, reserved: 5 });
  isThrottled = false;
  expect(await buying).toHaveLength(6);
  spy.mockRestore();
  expect(await getStock(shop, hot)).toMatchObject({ available: 4, reserved: 6 });
});

test("a counter that stays throttled refuses its buyers when their patience ends", async () => {
  const id = await stockedProduct(shop, 10);
  const [userId = ""] = await buyersOf(id, 1);
  const spy = throttling((key) => key.includes(`"${id}#0"`));
  const buying = runInRequestScope({ requestId: "short", conflictPatience: 500 }, () => buy(userId));
  await expect(buying).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  spy.mockRestore();
  expect(await getStock(shop, id)).toMatchObject({ available: 10, reserved: 0 });
});

import { addToCart, getCart, removeCartLine, setCartLine } from "../../core/cart/cart.ts";
import { getProducts, listProducts, putProduct } from "../../core/catalog/catalog.ts";
import { estimateProducts } from "../../core/catalog/estimate-products.ts";
import { buildSearchIndex } from "../../core/catalog/search-build.ts";
import { warmProducts } from "../../core/catalog/warm.ts";
import { countOverdue } from "../../core/order/backlog.ts";
import { checkout } from "../../core/order/checkout.ts";
import { countDeadLetters, setAside, setOrderAside } from "../../core/order/dead-letters.ts";
import { fulfilOrder } from "../../core/order/fulfilment.ts";
import { getOrder, listOrders, readOrder } from "../../core/order/order.ts";
import { placeOrder } from "../../core/order/place.ts";
import { type RecoveryReport, recoverOrders } from "../../core/order/recovery.ts";
import { failOrder } from "../../core/order/settle.ts";
import type { TestPaymentMethod } from "../../core/payment/test-methods.ts";
import type { Shop } from "../../core/shop.ts";
import { getStock, setStock } from "../../core/stock/stock.ts";
import { transact } from "../../core/storage/transact.ts";
import { stockedProduct, userWithCart } from "../../core/testing/fixtures.ts";
import { releaseStock } from "../../core/testing/stock-movements.ts";

export const orderOf = async (shop: Shop, paymentMethod: TestPaymentMethod = "pm_card_visa") => {
  const user = await userWithCart(shop, [await stockedProduct(shop, 5), 1]);
  const { order } = await checkout(shop, { userId: user, paymentMethod, idempotencyKey: `key-of-${user}` });
  return { user, id: order.order_id };
};

/** Everything that requests ask of the tables. */
export const requestWork = async (shop: Shop): Promise<void> => {
  const [first, second] = [await stockedProduct(shop, 5), await stockedProduct(shop, 5)];
  await setStock(shop, first, { available: 8, shards: 2 });
  await getProducts(shop, [first, second, 2_000_000_000]);
  await putProduct(shop, {
    product_id: first,
    sku: "S",
    manufacturer: "M",
    category_id: 1,
    weight: 1,
    some_other_id: 1,
    category: "c",
  });
  await listProducts(shop, { limit: 1 });
  await listProducts(shop, { limit: 1, category: "c" });
  await buildSearchIndex(shop);
  await estimateProducts(shop);
  await warmProducts(shop, 2);
  await getStock(shop, first);
  await addToCart(shop, "ann", { product_id: first, quantity: 1 });
  await addToCart(shop, "ann", { product_id: second, quantity: 1 });
  await setCartLine(shop, "ann", { product_id: first, quantity: 2 });
  await removeCartLine(shop, "ann", second);
  await getCart(shop, "ann");
  const request = { userId: "ann", paymentMethod: "pm_card_visa", idempotencyKey: "ann-1" };
  await checkout(shop, request);
  await checkout(shop, request);
  await orderOf(shop);
  await orderOf(shop, "pm_card_chargeDeclined").catch(() => undefined);
  await orderOf(shop, "pm_timeout_after_charge");
  await listOrders(shop, { user_id: "ann", limit: 1 });
  await getOrder(shop, (await orderOf(shop)).id);
  await countDeadLetters(shop);
  await countOverdue(shop);
  await failWithoutReservation(shop);
};

/** Ends an order whose reserved pieces somebody has taken away, which is for a person to look at. */
const failWithoutReservation = async (shop: Shop): Promise<void> => {
  const product = await stockedProduct(shop, 5);
  const userId = await userWithCart(shop, [product, 1]);
  const order = await placeOrder(shop, { userId, paymentMethod: "pm_card_visa" });
  const [reservation] = order?.reservations ?? [];
  if (!order || !reservation) throw new Error("No order was placed");
  await transact(shop.db, [releaseStock(shop, reservation)]);
  await failOrder(shop, order, "cancelled", "test");
};

/** Everything that fulfilment asks of them for an order, one that is mended, and a record that names none. */
export const fulfilmentWork = async (shop: Shop, orderId: string, otherId: string): Promise<void> => {
  await fulfilOrder(shop, orderId);
  await setOrderAside(shop, otherId, "reason");
  await fulfilOrder(shop, otherId);
  await setAside(shop, "record", "reason", { Records: [] });
};

/** Orders of all kinds that recovery meets. */
export const leaveForRecovery = async (shop: Shop): Promise<void> => {
  await orderOf(shop, "pm_timeout_before_charge");
  await orderOf(shop, "pm_processor_down");
  const [mended, broken] = [await orderOf(shop), await orderOf(shop)];
  await setOrderAside(shop, mended.id, "reason");
  const [reservation] = (await readOrder(shop, broken.id)).reservations;
  if (!reservation) throw new Error("The order reserved nothing");
  await transact(shop.db, [releaseStock(shop, reservation)]);
};

/** Everything that recovery asks of them: it settles and fulfils orders, cancels one and sets one aside. */
export const recoveryWork = async (
  shop: Shop & { advance: (ms: number) => void },
): Promise<RecoveryReport> => {
  await recoverOrders(shop);
  shop.advance(25 * 3_600_000);
  return recoverOrders(shop);
};

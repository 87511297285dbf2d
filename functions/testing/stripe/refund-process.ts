/** Gives back the charge of an order in a process of its own, for tests that kill it: `bun refund-process.ts URL ORDER`. */
import { readConfig } from "../../../core/config/config.ts";
import { openShop } from "../../../core/open-shop.ts";
import { readOrder } from "../../../core/order/order.ts";
import { refundUnpaid } from "../../../core/order/refund.ts";
import { TEST_KEY } from "./stripe-stand-in.ts";

const [url = "", orderId = ""] = process.argv.slice(2);
const shop = openShop(
  readConfig({
    ...process.env,
    PAYMENT_GATEWAY: "stripe",
    STRIPE_API_BASE: url,
    STRIPE_SECRET_KEY: TEST_KEY,
  }),
);
await refundUnpaid(shop, await readOrder(shop, orderId));

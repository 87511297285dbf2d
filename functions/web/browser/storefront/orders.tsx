import { useEffect } from "preact/hooks";
import { useAsked } from "../ui/asked.ts";
import { money, time } from "../ui/format.ts";
import { FailureNotice, Notice } from "../ui/notice.tsx";
import { answerOf, shop } from "../ui/shop.ts";
import type { Order } from "./cart.ts";
import { asCustomer } from "./customer.ts";
import { nameOf, useProductsOf } from "./products-of.ts";

type Status = Order["status"];

const NAMES: Readonly<Record<Status, string>> = {
  pending_payment: "Waiting for payment",
  confirmed: "Paid",
  fulfilled: "Fulfilled",
  payment_failed: "Payment failed",
  cancelled: "Cancelled",
};
const MEANINGS: Readonly<Record<Status, string>> = {
  pending_payment:
    "The order is placed and its stock is reserved. The payment is settled in the background, exactly once.",
  confirmed: "The payment went through. The order is on its way to fulfilment.",
  fulfilled: "All done: paid and fulfilled.",
  payment_failed: "The bank declined. Nothing was charged, and the stock went back on the shelf.",
  cancelled: "The payment never settled, so the order was given up and its stock released.",
};
/** Never to be paid. */
const UNPAID: ReadonlySet<Status> = new Set(["payment_failed", "cancelled"]);
const FINAL: ReadonlySet<Status> = new Set(["fulfilled", ...UNPAID]);
const POLL_MS = 500;

const StatusBadge = ({ status }: { status: Status }) => (
  <span class={`badge ${status}`}>{NAMES[status]}</span>
);

const STEPS: readonly (readonly [status: Status, name: string])[] = [
  ["pending_payment", "Placed"],
  ["confirmed", "Paid"],
  ["fulfilled", "Fulfilled"],
];

const Steps = ({ status }: { status: Status }) => {
  const reached = STEPS.findIndex(([step]) => step === status);
  return (
    <ol class="steps">
      {STEPS.map(([step, name], at) => (
        <li
          key={step}
          class={at <= reached || at === 0 ? "done" : ""}
          aria-current={at === reached ? "step" : undefined}
        >
          {name}
        </li>
      ))}
    </ol>
  );
};

export const OrderPage = ({ orderId }: { orderId: string }) => {
  const { data, failure, isLoading, again } = useAsked(orderId, (signal) =>
    asCustomer(() => answerOf(shop.GET("/orders/{orderId}", { params: { path: { orderId } }, signal }))),
  );
  const products = useProductsOf(data?.items ?? []);
  const isOpen = data !== undefined && !FINAL.has(data.status);
  useEffect(() => {
    if (!isOpen || isLoading) return;
    const timer = setTimeout(again, POLL_MS);
    return () => clearTimeout(timer);
  }, [isOpen, isLoading]);
  useEffect(() => {
    document.title = "Order · Stampede";
  }, []);
  if (failure) return <FailureNotice failure={failure} again={again} />;
  if (!data) return <div class="panel order waiting" aria-hidden="true" />;
  return (
    <article class="panel order">
      <h1>{UNPAID.has(data.status) ? "Your order" : "Thank you"}</h1>
      <p class="mono">{data.order_id}</p>
      <Steps status={data.status} />
      <p role="status">
        <StatusBadge status={data.status} /> {MEANINGS[data.status]}
      </p>
      <ul class="order-lines">
        {data.items.map(({ product_id, quantity, price }) => (
          <li key={product_id}>
            <a href={`#/product/${product_id}`}>{nameOf(product_id, products?.get(product_id))}</a>
            <span>
              {quantity} × {money(price)}
            </span>
            <b>{money(quantity * price)}</b>
          </li>
        ))}
        <li>
          <span>Total</span>
          <span />
          <b>{money(data.total)}</b>
        </li>
      </ul>
      <p class="card-brand">Placed {time(data.created_at)}</p>
      <a class="button" href="#/">
        Go on shopping
      </a>
    </article>
  );
};

export const OrdersPage = () => {
  const { data, failure, again } = useAsked("orders", (signal) =>
    asCustomer((user_id) =>
      answerOf(shop.GET("/orders", { params: { query: { user_id, limit: 50 } }, signal })),
    ),
  );
  useEffect(() => {
    document.title = "Orders · Stampede";
  }, []);
  return (
    <>
      <h1 class="title">Your orders</h1>
      {failure && <FailureNotice failure={failure} again={again} />}
      {data?.orders.length === 0 && (
        <Notice kind="warn">
          No orders yet. <a href="#/">Find something</a>
        </Notice>
      )}
      <ul class="orders">
        {data?.orders.map(({ order_id, status, total, created_at, items }) => (
          <li key={order_id}>
            <a class="panel order-row" href={`#/orders/${order_id}`}>
              <span class="mono">{order_id}</span>
              <StatusBadge status={status} />
              <span>
                {items.length} {items.length === 1 ? "product" : "products"}, {money(total)}
              </span>
              <span class="card-brand">{time(created_at)}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
};

import { useState } from "preact/hooks";
import { money } from "../ui/format.ts";
import { Notice } from "../ui/notice.tsx";
import { bearer } from "../ui/session.ts";
import { Failure } from "../ui/shop.ts";
import { cart, checkOut, type PaymentMethod, readCart } from "./cart.ts";
import { forgetPurchase, purchaseOf } from "./purchase.ts";

/** The processor's test methods, as a buyer would put them. */
const METHODS: readonly (readonly [method: PaymentMethod, name: string, effect: string])[] = [
  ["pm_card_visa", "Visa 4242", "pays at once"],
  ["pm_card_chargeDeclined", "Visa 0002", "is declined"],
  ["pm_card_chargeDeclinedInsufficientFunds", "Visa 9995", "lacks the funds"],
  ["pm_timeout_after_charge", "Slow bank", "pays, but its answer is lost"],
  ["pm_timeout_before_charge", "Silent bank", "hangs once, then pays"],
  ["pm_processor_down", "Broken bank", "always fails; the order waits"],
];

const DECLINES: Readonly<Record<string, string>> = {
  card_declined: "The bank declined the card.",
  insufficient_funds: "The account lacks the funds.",
};

/** The meaning of a failure for the buyer. */
const explain = ({ code, message, details }: Failure): string => {
  switch (code) {
    case "PAYMENT_DECLINED": {
      const reason = (details as { decline_code?: string } | undefined)?.decline_code ?? "";
      return `${DECLINES[reason] ?? message} Nothing was charged and your cart is as it was. Try another method.`;
    }
    case "PAYMENT_UNAVAILABLE":
      return "The payment service is away. Nothing was ordered or charged. Try again in a moment.";
    case "OUT_OF_STOCK":
      return `${message}. Take fewer, or another product.`;
    case "UNREACHABLE":
      return "No answer came. Try again: the same order can't be charged twice.";
    default:
      return message;
  }
};

/** Failures after which the same attempt may be repeated under its own key, because its outcome is not known. */
const isOpen = ({ code, isRetryable }: Failure): boolean => isRetryable && code !== "PAYMENT_UNAVAILABLE";

export const Checkout = ({ total }: { total: number }) => {
  const [method, setMethod] = useState<PaymentMethod>("pm_card_visa");
  const [isPaying, setPaying] = useState(false);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);

  const pay = async (event: Event): Promise<void> => {
    event.preventDefault();
    setPaying(true);
    setFailure(undefined);
    try {
      const { order_id } = await checkOut(method, purchaseOf(method, cart.value?.version ?? 0));
      forgetPurchase();
      location.hash = `#/orders/${order_id}`;
      await readCart().catch(() => undefined);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setFailure(error);
      // The cart stays on show as long as it may have been ordered: the attempt has to be repeated.
      if (!isOpen(error)) {
        forgetPurchase();
        await readCart().catch(() => undefined);
      }
    }
    setPaying(false);
  };

  return (
    <form class="checkout panel" onSubmit={pay}>
      <h2>Checkout</h2>
      {!bearer.value && <p class="card-brand">As a guest, without an account.</p>}
      <fieldset disabled={isPaying}>
        <legend>Pay by</legend>
        {METHODS.map(([value, name, effect]) => (
          <label key={value} class="method">
            <input
              type="radio"
              name="method"
              value={value}
              checked={method === value}
              onChange={() => setMethod(value)}
            />
            <span>
              <b>{name}</b> {effect}
            </span>
          </label>
        ))}
      </fieldset>
      <p class="total">
        <span>Total</span> <b>{money(total)}</b>
      </p>
      <button type="submit" class="button primary wide" disabled={isPaying}>
        {isPaying ? "Paying …" : "Place the order"}
      </button>
      {failure && <Notice kind="bad">{explain(failure)}</Notice>}
    </form>
  );
};

import { useEffect, useState } from "preact/hooks";
import { useAsked } from "../ui/asked.ts";
import { money } from "../ui/format.ts";
import { FailureNotice, Notice } from "../ui/notice.tsx";
import { Failure } from "../ui/shop.ts";
import { type Cart, cart, type Product, readCart, setQuantity } from "./cart.ts";
import { Checkout } from "./checkout.tsx";
import { Picture } from "./picture/product-picture.tsx";
import { nameOf, useProductsOf } from "./products-of.ts";
import { Quantity } from "./quantity.tsx";

interface LineProps {
  readonly line: Cart["items"][number];
  readonly product: Product | undefined;
  readonly onFailure: (failure: Failure | undefined) => void;
}

const Line = ({ line: { product_id, quantity, price }, product, onFailure }: LineProps) => {
  const [isBusy, setBusy] = useState(false);
  const change = async (next: number): Promise<void> => {
    setBusy(true);
    onFailure(undefined);
    try {
      await setQuantity(product_id, next);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      onFailure(error);
    }
    setBusy(false);
  };
  const remove = async (): Promise<void> => {
    if (isBusy) return;
    await change(0);
    // The button is gone with its line, and the focus with it.
    if (document.activeElement === document.body) document.getElementById("content")?.focus();
  };
  const name = nameOf(product_id, product);
  return (
    <li class="line">
      <span class="line-picture">{product ? <Picture product={product} /> : <span class="picture" />}</span>
      <div class="line-text">
        <a href={`#/product/${product_id}`}>{name}</a>
        <span class="card-brand">{price === null ? "Not for sale" : `${money(price)} each`}</span>
      </div>
      <Quantity value={quantity} onChange={change} label={`Quantity of ${name}`} min={1} isBusy={isBusy} />
      <span class="line-total">{price === null ? "" : money(price * quantity)}</span>
      <button
        type="button"
        class="icon-button"
        aria-label={`Remove ${name}`}
        onClick={remove}
        aria-disabled={isBusy}
      >
        ×
      </button>
    </li>
  );
};

export const CartPage = () => {
  const { failure, isLoading, again } = useAsked("cart", readCart);
  const [change, setChange] = useState<Failure | undefined>(undefined);
  const items = cart.value?.items ?? [];
  const products = useProductsOf(items);
  useEffect(() => {
    document.title = "Cart · Stampede";
  }, []);
  return (
    <>
      <h1 class="title">Your cart</h1>
      {failure && <FailureNotice failure={failure} again={again} />}
      {change && <FailureNotice failure={change} />}
      {!failure && !isLoading && items.length === 0 && (
        <Notice kind="warn">
          Your cart is empty. <a href="#/">Find something</a>
        </Notice>
      )}
      {items.length > 0 && (
        <div class="cart">
          <ul class="lines">
            {items.map((line) => (
              <Line
                key={line.product_id}
                line={line}
                product={products?.get(line.product_id)}
                onFailure={setChange}
              />
            ))}
          </ul>
          <Checkout total={cart.value?.total ?? 0} />
        </div>
      )}
    </>
  );
};

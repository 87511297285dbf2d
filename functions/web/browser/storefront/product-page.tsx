import { useEffect, useState } from "preact/hooks";
import { useAsked } from "../ui/asked.ts";
import { FailureNotice, Notice } from "../ui/notice.tsx";
import { answerOf, Failure, shop } from "../ui/shop.ts";
import { addToCart, type Product } from "./cart.ts";
import { Picture } from "./picture/product-picture.tsx";
import { Price } from "./product-grid.tsx";
import { Quantity } from "./quantity.tsx";

/** Pieces below which the page says how many are left. */
const FEW = 100;

const Stock = ({ productId }: { productId: number }) => {
  const { data } = useAsked(`stock ${productId}`, (signal) =>
    answerOf(shop.GET("/products/{productId}/stock", { params: { path: { productId } }, signal })),
  );
  if (!data) return <p class="stock">&nbsp;</p>;
  const { available } = data;
  if (available <= 0) return <p class="stock bad">Sold out</p>;
  return <p class="stock ok">{available < FEW ? `Only ${available} left` : "In stock"}</p>;
};

const Purchase = ({ product }: { product: Product }) => {
  const [quantity, setQuantity] = useState(1);
  const [state, setState] = useState<"idle" | "adding" | "added" | Failure>("idle");
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    setState("adding");
    try {
      await addToCart(product.product_id, quantity);
      setState("added");
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setState(error);
    }
  };
  if (product.price === null)
    return <Notice kind="warn">This product has no price, so it is not for sale.</Notice>;
  return (
    <form class="purchase" onSubmit={add}>
      <Quantity value={quantity} onChange={setQuantity} label="Quantity" min={1} />
      <button type="submit" class="button primary" disabled={state === "adding"}>
        Add to cart
      </button>
      <div class="outcome">
        {state === "added" && (
          <Notice kind="ok">
            In your cart. <a href="#/cart">To the cart</a>
          </Notice>
        )}
        {state instanceof Failure && <FailureNotice failure={state} />}
      </div>
    </form>
  );
};

export const ProductPage = ({ productId }: { productId: number }) => {
  const { data, failure, again } = useAsked(`product ${productId}`, (signal) =>
    answerOf(shop.GET("/products/{productId}", { params: { path: { productId } }, signal })),
  );
  const title = data?.name || data?.sku;
  useEffect(() => {
    document.title = title ? `${title} · Stampede` : "Stampede";
  }, [title]);
  if (failure) return <FailureNotice failure={failure} again={again} />;
  if (!data || data.product_id !== productId) return <div class="product waiting" aria-hidden="true" />;
  return (
    <article class="product">
      <div class="product-picture">
        <Picture product={data} />
      </div>
      <div class="product-text">
        {data.category && <a href={`#/category/${encodeURIComponent(data.category)}`}>{data.category}</a>}
        <h1>{title}</h1>
        <p class="card-brand">{data.brand}</p>
        <Price price={data.price} />
        <Stock productId={productId} />
        <Purchase key={productId} product={data} />
        {data.description && <p class="description">{data.description}</p>}
        <dl class="facts">
          <dt>SKU</dt>
          <dd>{data.sku}</dd>
          <dt>Weight</dt>
          <dd>{(data.weight / 1_000).toLocaleString("en", { maximumFractionDigits: 2 })} kg</dd>
          <dt>Product</dt>
          <dd>
            {data.product_id}, version {data.version}
          </dd>
        </dl>
      </div>
    </article>
  );
};

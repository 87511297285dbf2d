import { money } from "../ui/format.ts";
import type { Product } from "./cart.ts";
import { Picture } from "./picture/product-picture.tsx";

export const Price = ({ price }: { price: number | null }) => (
  <span class="price">{price === null ? "Not for sale" : money(price)}</span>
);

export const ProductGrid = ({ products }: { products: readonly Product[] }) => (
  <ul class="grid">
    {products.map((product) => (
      <li key={product.product_id}>
        <a class="card" href={`#/product/${product.product_id}`}>
          <Picture product={product} />
          <span class="card-text">
            <span class="card-name">{product.name || product.sku}</span>
            <span class="card-brand">{product.brand}</span>
            <Price price={product.price} />
          </span>
        </a>
      </li>
    ))}
  </ul>
);

/** Takes the place of the cards while they load, so that nothing moves when they come. */
export const Skeleton = ({ count }: { count: number }) => (
  <ul class="grid" aria-hidden="true">
    {Array.from({ length: count }, (_, at) => at).map((at) => (
      <li key={at}>
        <span class="card waiting">
          <span class="picture" />
          <span class="card-text">
            <span class="card-name">&nbsp;</span>
            <span class="card-brand">&nbsp;</span>
            <span class="price">&nbsp;</span>
          </span>
        </span>
      </li>
    ))}
  </ul>
);

import { render } from "preact";
import { AccountPage } from "./account.tsx";
import { BrowsePage } from "./browse.tsx";
import { readCart } from "./cart.ts";
import { CartPage } from "./cart-page.tsx";
import { Header } from "./header.tsx";
import { OrderPage, OrdersPage } from "./orders.tsx";
import { ProductPage } from "./product-page.tsx";
import { route } from "./route.ts";

const Page = () => {
  const at = route.value;
  switch (at.page) {
    case "product":
      return <ProductPage productId={at.productId} />;
    case "cart":
      return <CartPage />;
    case "account":
      return <AccountPage />;
    case "orders":
      return <OrdersPage />;
    case "order":
      return <OrderPage key={at.orderId} orderId={at.orderId} />;
    default:
      return <BrowsePage category={at.category} query={at.query} />;
  }
};

const Storefront = () => (
  <>
    <button type="button" class="skip" onClick={skip}>
      Skip to the content
    </button>
    <Header />
    <main id="content" tabIndex={-1}>
      <Page />
    </main>
    <footer class="foot">
      <p>
        Every figure on this page comes from the shop's own <a href="/docs">REST API</a>. Watch it at work,
        and break it, in the <a href="/console">console</a>.
      </p>
    </footer>
  </>
);

/** By script: the address behind `#` belongs to the pages. */
const skip = (): void => {
  document.getElementById("content")?.focus();
};

render(<Storefront />, document.getElementById("app") as HTMLElement);
// Without an answer the header shows no number; the cart's own page tells why.
readCart().catch(() => undefined);

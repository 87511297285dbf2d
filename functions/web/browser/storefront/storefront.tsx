import { render } from "preact";
import { Boundary } from "../ui/boundary.tsx";
import { Notice } from "../ui/notice.tsx";
import { bearer, isTokenRefused } from "../ui/session.ts";
import { AccountPage } from "./account.tsx";
import { BrowsePage } from "./browse.tsx";
import { forgetCart, readCart } from "./cart.ts";
import { CartPage } from "./cart-page.tsx";
import { Header } from "./header.tsx";
import { OrderPage, OrdersPage } from "./orders.tsx";
import { route } from "./page-route.ts";
import { ProductPage } from "./product-page.tsx";

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

/**
 * A page of another address or another customer begins anew. Not so while a search is typed, and not the account's page,
 * which tells how a sign-in went.
 */
const pageKey = (): string => {
  const at = route.value;
  if (at.page === "browse" || at.page === "account") return at.page;
  return `${JSON.stringify(at)} ${bearer.value}`;
};

const Refused = () => (
  <Notice kind="warn">
    <p>You have been signed out: the shop no longer accepts your token, which may have expired.</p>
    {route.value.page !== "account" && <a href="#/account">Sign in again</a>}
  </Notice>
);

const Storefront = () => (
  <>
    <button type="button" class="skip" onClick={skip}>
      Skip to the content
    </button>
    <Header />
    <main id="content" tabIndex={-1}>
      {isTokenRefused.value && <Refused />}
      <Boundary key={pageKey()} wayBack={<a href="#/">To the catalogue</a>}>
        <Page />
      </Boundary>
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
// At once, and at each sign-in and sign-out. Without an answer the header shows no number; the cart's own page tells why.
bearer.subscribe(() => {
  forgetCart();
  readCart().catch(() => undefined);
});

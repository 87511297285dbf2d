"""The views of a customer in the shop, each mostly one request."""

from __future__ import annotations

from contents import found, listed, product_with, stock_of
from shop_user import ShopUser

PAGE = 20
MAX_REMEMBERED = 50
MAX_PIECES = 3

NOT_MODIFIED = {"304": " (not modified)"}


def view_product(user: ShopUser) -> None:
    product = user.draw()
    name = f"/products/{{id}}{user.label(product)}"
    answer = user.ask("GET", name, f"/products/{product}", product_with(product))
    if answer.is_ok:
        if len(user.etags) >= MAX_REMEMBERED:
            user.etags.clear()
        user.etags[product] = answer.headers["etag"]


def look_again(user: ShopUser) -> None:
    """At a product seen before, if it has changed."""
    if not user.etags:
        return view_product(user)
    product, etag = user.random.choice(list(user.etags.items()))
    name = f"/products/{{id}}{user.label(product)}"
    answer = user.ask(
        *("GET", name, f"/products/{product}", product_with(product, etag)),
        headers=f"If-None-Match: {etag}\r\n",
        variants=NOT_MODIFIED,
    )
    if answer.is_ok:
        user.etags[product] = answer.headers["etag"]


def search(user: ShopUser) -> None:
    words = user.random.choice(user.stage.catalogue.queries)
    path = f"/products/search?q={words}&limit={PAGE}"
    user.ask("GET", "/products/search", path, found(PAGE))


def list_category(user: ShopUser) -> None:
    category, query = user.random.choice(user.stage.catalogue.categories)
    user.ask("GET", "/products", f"/products?category={query}&limit={PAGE}", listed(category, PAGE))


def view_stock(user: ShopUser) -> None:
    product = user.draw()
    user.ask("GET", "/products/{id}/stock", f"/products/{product}/stock", stock_of(product))


def view_cart(user: ShopUser) -> None:
    user.customer.read_cart()
    _let_go(user)


def view_order(user: ShopUser) -> None:
    order = user.customer.order
    if order is None:
        return view_cart(user)
    user.customer.read_order(*order)


def add_to_cart(user: ShopUser) -> None:
    user.customer.add(user.draw(), user.random.randint(1, MAX_PIECES))
    _let_go(user)


def change_quantity(user: ShopUser) -> None:
    if not user.customer.cart:
        return add_to_cart(user)
    product = user.random.choice(list(user.customer.cart))
    user.customer.put(product, user.random.randint(1, MAX_PIECES))
    _let_go(user)


def remove_from_cart(user: ShopUser) -> None:
    if not user.customer.cart:
        return add_to_cart(user)
    user.customer.remove(user.random.choice(list(user.customer.cart)))
    _let_go(user)


def check_out(user: ShopUser) -> None:
    if not user.customer.cart:
        return add_to_cart(user)
    answer = user.customer.check_out()
    if answer.error == "OUT_OF_STOCK":
        user.change_customer()
    _let_go(user)


def _let_go(user: ShopUser) -> None:
    if user.customer.is_done:
        user.change_customer()

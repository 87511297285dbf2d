"""Whether answers hold what they should. Each check says what is wrong, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

from answers import Check, Json

PRODUCT_FIELDS = {
    "product_id", "id", "sku", "manufacturer", "brand", "category_id", "category",
    "weight", "some_other_id", "name", "description", "price", "version",
}  # fmt: skip
CART_FIELDS = {"user_id", "items", "total", "updated_at", "version"}
ORDER_FIELDS = {"order_id", "user_id", "items", "total", "status", "created_at", "updated_at"}

Quantities = dict[int, int]
"""Pieces by product."""


def is_ok(status: int, expected: int) -> str | None:
    return None if status == expected else f"status {status}, not {expected}"


def product_with(product_id: int, known_etag: str | None = None) -> Check:
    """`known_etag`: what was sent as If-None-Match."""

    def check(status: int, headers: Mapping[str, str], body: Json) -> str | None:
        if status == 304:
            if known_etag is None or headers.get("etag") != known_etag:
                return "304 for another entity tag"
            return "a body with 304" if body is not None else None
        if headers.get("etag", known_etag) == known_etag:
            return "no new entity tag"
        return is_ok(status, 200) or product(body, product_id)

    return check


def product(body: Json, product_id: int | None = None) -> str | None:
    if not body.keys() >= PRODUCT_FIELDS:
        return f"a product without {', '.join(sorted(PRODUCT_FIELDS - body.keys()))}"
    if product_id is not None and body["product_id"] != product_id:
        return "another product"
    if body["id"] != body["product_id"] or body["brand"] != body["manufacturer"]:
        return "a product whose names for one field differ"
    # Null: the product has no price yet and is not for sale.
    if (body["price"] is not None and cents(body["price"]) < 0) or body["version"] < 1:
        return "a product with an impossible price or version"
    return None


def found(limit: int) -> Check:
    """For words of a product that exists."""

    def check(status: int, _headers: Mapping[str, str], body: Json) -> str | None:
        products = body["products"]
        if not products:
            return "nothing found"
        if len(products) > limit or body["total_found"] < len(products):
            return "more products than asked for or found"
        return is_ok(status, 200) or next(filter(None, map(product, products)), None)

    return check


def listed(category: str, limit: int) -> Check:
    def check(status: int, _headers: Mapping[str, str], body: Json) -> str | None:
        products = body["products"]
        if not products or len(products) > limit:
            return "an empty category, or more products than asked for"
        if any(entry["category"] != category for entry in products):
            return "a product of another category"
        return is_ok(status, 200) or next(filter(None, map(product, products)), None)

    return check


def stock_of(product_id: int) -> Check:
    def check(status: int, _headers: Mapping[str, str], body: Json) -> str | None:
        if body["product_id"] != product_id:
            return "the stock of another product"
        if min(body["available"], body["reserved"], body["sold"]) < 0:
            return "less than no stock"
        return is_ok(status, 200)

    return check


def cart_with(user: str, quantities: Quantities) -> Check:
    """The user's own cart with just these quantities: nobody else writes to it."""

    def check(status: int, _headers: Mapping[str, str], body: Json) -> str | None:
        if not body.keys() >= CART_FIELDS or body["user_id"] != user:
            return "another cart"
        return is_ok(status, 200) or _lines(body, quantities, "cart")

    return check


def order_with(user: str, quantities: Quantities, order_id: str | None = None) -> Check:
    def check(status: int, _headers: Mapping[str, str], body: Json) -> str | None:
        if not body.keys() >= ORDER_FIELDS or body["user_id"] != user:
            return "another order"
        if order_id is not None and body["order_id"] != order_id:
            return "another order"
        return is_ok(status, 200) or _lines(body, quantities, "order")

    return check


def checkout_of(user: str, quantities: Quantities) -> Check:
    """201: paid; 202: placed, and its payment is settled later."""

    def check(status: int, headers: Mapping[str, str], body: Json) -> str | None:
        order, payment = body["order"], body["payment"]
        if status not in (201, 202):
            return f"status {status}, not 201 or 202"
        if body["order_id"] != order["order_id"] or not order["order_id"].startswith("ORD-"):
            return "an order with two ids"
        expected = ("confirmed", "fulfilled") if status == 201 else ("pending_payment",)
        if order["status"] not in expected:
            return f"{status} for an order that is {order['status']}"
        if status == 201 and (payment["status"], payment["amount"]) != ("approved", order["total"]):
            return "a payment that does not pay the order"
        return order_with(user, quantities)(200, headers, order)

    return check


def cents(amount: Json) -> int:
    """Money as the contract has it, at most two decimals, without a rounding error."""
    return int(round(amount * 100))


def quantities_in(items: Json) -> Quantities:
    return {line["product_id"]: line["quantity"] for line in items}


def _lines(body: Json, quantities: Quantities, what: str) -> str | None:
    items = body["items"]
    if len(items) != len(quantities) or quantities_in(items) != quantities:
        return f"the {what} does not hold what was added"
    if sum(cents(line["price"]) * line["quantity"] for line in items) != cents(body["total"]):
        return f"the {what}'s total is not the sum of its lines"
    return None

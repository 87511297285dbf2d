"""Customers who buy: seven writes to three reads."""

from __future__ import annotations

from locust import tag, task

from shop_user import Habits, ShopUser
from views import (
    add_to_cart,
    change_quantity,
    check_out,
    remove_from_cart,
    search,
    view_cart,
    view_order,
    view_product,
)


class Shopping(Habits):
    """Weights in percent: 30 reads, 70 writes."""

    @tag("product")
    @task(15)
    def view_product(self) -> None:
        view_product(self.user)

    @tag("search")
    @task(1)
    def search(self) -> None:
        search(self.user)

    @tag("cart")
    @task(9)
    def view_cart(self) -> None:
        view_cart(self.user)

    @tag("order")
    @task(5)
    def view_order(self) -> None:
        view_order(self.user)

    @tag("cart")
    @task(32)
    def add_to_cart(self) -> None:
        add_to_cart(self.user)

    @tag("cart")
    @task(10)
    def change_quantity(self) -> None:
        change_quantity(self.user)

    @tag("cart")
    @task(8)
    def remove_from_cart(self) -> None:
        remove_from_cart(self.user)

    @tag("cart", "order")
    @task(20)
    def check_out(self) -> None:
        check_out(self.user)


class Shopper(ShopUser):
    tasks = [Shopping]
    think_seconds = 1.5

"""Customers who look around: nine reads to a write."""

from __future__ import annotations

from locust import tag, task

from shop_user import Habits, ShopUser
from views import (
    add_to_cart,
    check_out,
    list_category,
    look_again,
    search,
    view_cart,
    view_product,
    view_stock,
)


class Browsing(Habits):
    """Weights in percent: 90 reads, 10 writes."""

    @tag("product")
    @task(59)
    def view_product(self) -> None:
        view_product(self.user)

    @tag("product")
    @task(10)
    def look_again(self) -> None:
        look_again(self.user)

    @tag("search")
    @task(8)
    def search(self) -> None:
        search(self.user)

    @tag("list")
    @task(5)
    def list_category(self) -> None:
        list_category(self.user)

    @tag("stock")
    @task(3)
    def view_stock(self) -> None:
        view_stock(self.user)

    @tag("cart")
    @task(5)
    def view_cart(self) -> None:
        view_cart(self.user)

    @tag("cart")
    @task(8)
    def add_to_cart(self) -> None:
        add_to_cart(self.user)

    @tag("cart")
    @task(2)
    def check_out(self) -> None:
        check_out(self.user)


class Browser(ShopUser):
    tasks = [Browsing]
    think_seconds = 2.0

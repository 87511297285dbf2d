"""Buyers who all want one product, of which there is not enough."""

from __future__ import annotations

from locust import task

from shop_user import Habits, ShopUser

MAX_ATTEMPTS = 5


class Buying(Habits):
    @task
    def buy(self) -> None:
        """Adds the hot product and checks out, and comes again when told to. Then it is another's turn."""
        user = self.user
        for _ in range(MAX_ATTEMPTS):
            added = user.customer.add(user.stage.settings.hot_product, 1)
            if added.is_ok or added.retry_after is None or user.customer.is_done:
                break
            user.pause(added.retry_after)
        if user.customer.cart:
            user.customer.check_out(MAX_ATTEMPTS)
        user.change_customer()


class Buyer(ShopUser):
    tasks = [Buying]
    think_seconds = 0.5

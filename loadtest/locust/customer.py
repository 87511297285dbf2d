"""One customer with a cart: knows its contents, and writes down the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from answers import Answer, Check
from contents import Quantities, cart_with, checkout_of, order_with, quantities_in
from history import Action, History, outcome

MAX_OPERATIONS = 30
"""After which another customer comes: a long history of one cart is hard to judge."""
ATTEMPTS_TO_LEARN = 3
UNKNOWN_PAUSE_SECONDS = 0.5
PAYMENT_METHOD = "pm_card_visa"

CHECKOUT_VARIANTS = {"OUT_OF_STOCK": " (sold out)", "202": " (payment pending)"}


class Ask(Protocol):
    def __call__(
        self,
        method: str,
        name: str,
        path: str,
        check: Check,
        body: dict[str, object] | None = None,
        headers: str = "",
        variants: dict[str, str] | None = None,
    ) -> Answer: ...


class Customer:
    def __init__(
        self, name: str, ask: Ask, pause: Callable[[float], None], history: History | None
    ) -> None:
        self.name = name
        self._ask = ask
        self._pause = pause
        self._history = history
        self._operations = 0
        self._is_certain = True
        self.cart: Quantities = {}
        self.order: tuple[str, Quantities] | None = None
        """The latest one."""

    @property
    def is_done(self) -> bool:
        """Whether to let another customer come: enough was done, or what is in the cart is not known."""
        return self._operations >= MAX_OPERATIONS or not self._is_certain

    def add(self, product: int, quantity: int) -> Answer:
        after = {**self.cart, product: self.cart.get(product, 0) + quantity}
        return self._change(
            {"f": "add", "product": product, "quantity": quantity},
            after,
            *("POST", "/cart/{user}/items", "/items"),
            {"product_id": product, "quantity": quantity},
        )

    def put(self, product: int, quantity: int) -> Answer:
        after = {**self.cart, product: quantity}
        return self._change(
            {"f": "put", "product": product, "quantity": quantity},
            after,
            *("PUT", "/cart/{user}/items/{id}", f"/items/{product}"),
            {"quantity": quantity},
        )

    def remove(self, product: int) -> Answer:
        after = {other: pieces for other, pieces in self.cart.items() if other != product}
        return self._change(
            {"f": "remove", "product": product},
            after,
            *("DELETE", "/cart/{user}/items/{id}", f"/items/{product}"),
        )

    def read_cart(self) -> Answer:
        return self._change({"f": "read-cart"}, self.cart, "GET", "/cart/{user}", "")

    def read_order(self, order_id: str, quantities: Quantities) -> Answer:
        check = order_with(self.name, quantities, order_id)
        return self._ask("GET", "/orders/{id}", f"/orders/{order_id}", check)

    def check_out(self, attempts: int = 1) -> Answer:
        """
        Orders what is in the cart. Asks again when a refusal says so, `attempts` times in all; with an unknown
        outcome asks under the same key until it is known, a few times.
        """
        key = f"checkout-{self._operations}"
        tries = 0
        while True:
            tries += 1
            answer = self._check_out_once(key)
            done = outcome(answer)
            is_refused = done == "fail" and answer.retry_after is not None
            if tries >= (ATTEMPTS_TO_LEARN if done == "info" else attempts if is_refused else 1):
                break
            self._pause(answer.retry_after or UNKNOWN_PAUSE_SECONDS)
        if done == "ok":
            self._take_order(answer)
        self._is_certain = self._is_certain and done != "info"
        return answer

    def _check_out_once(self, key: str) -> Answer:
        return self._perform(
            {"f": "checkout", "user": self.name, "payment_method": PAYMENT_METHOD, "key": key},
            "POST",
            "/cart/{user}/checkout",
            f"/cart/{self.name}/checkout",
            checkout_of(self.name, self.cart),
            {"payment_method": PAYMENT_METHOD},
            f"Idempotency-Key: {key}\r\n",
            CHECKOUT_VARIANTS,
        )

    def _take_order(self, answer: Answer) -> None:
        if answer.is_ok:
            self.order = (answer.body["order_id"], self.cart)
            self.cart = {}
            # One that is not paid in time is cancelled later on, and its lines come back.
            self._is_certain = self._is_certain and answer.status == 201
        else:  # a wrong content, or a declined card whose cart is given back
            self._is_certain = False

    def _change(
        self,
        action: Action,
        after: Quantities,
        method: str,
        name: str,
        path: str,
        body: dict[str, object] | None = None,
    ) -> Answer:
        action = {**action, "user": self.name}
        check = cart_with(self.name, after)
        answer = self._perform(action, method, name, f"/cart/{self.name}{path}", check, body)
        if answer.is_ok:
            self.cart = after
        elif outcome(answer) != "fail":
            self._is_certain = False
        return answer

    def _perform(
        self,
        action: Action,
        method: str,
        name: str,
        path: str,
        check: Check,
        body: dict[str, object] | None = None,
        headers: str = "",
        variants: dict[str, str] | None = None,
    ) -> Answer:
        self._operations += 1
        if self._history is None:
            return self._ask(method, name, path, check, body, headers, variants)
        call = self._history.invoke(action)
        answer = self._ask(method, name, path, check, body, headers, variants)
        self._history.complete(call, action, answer)
        return answer

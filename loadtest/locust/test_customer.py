"""The facts that a customer may still be sure of."""

from __future__ import annotations

import unittest

from answers import Answer, Check
from customer import Customer


def customer_told(status: int) -> Customer:
    """One who has ordered what was in the cart, and was answered so."""

    def ask(
        method: str,
        name: str,
        path: str,
        check: Check,
        body: dict[str, object] | None = None,
        headers: str = "",
        variants: dict[str, str] | None = None,
    ) -> Answer:
        return Answer(status, {}, {"order_id": "ORD-1"}, None)

    customer = Customer("ann", ask, lambda seconds: None, None)
    customer.add(7, 1)
    customer.check_out()
    return customer


class AfterACheckout(unittest.TestCase):
    def test_paid_the_customer_goes_on(self) -> None:
        customer = customer_told(201)
        self.assertEqual((customer.cart, customer.is_done), ({}, False))

    def test_with_the_payment_open_another_comes_for_the_lines_may_come_back(self) -> None:
        self.assertTrue(customer_told(202).is_done)


if __name__ == "__main__":
    unittest.main()

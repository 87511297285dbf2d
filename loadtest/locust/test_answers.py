"""The worth of answers, and their place in a history."""

import io
import json
import unittest
from typing import Any

from answers import Answer, judge, no_answer
from contents import cart_with, checkout_of, found, product_with
from history import CALLS_PER_PROCESS, History, completion, outcome

ETAG = {"etag": '"7-1"'}
PRODUCT: dict[str, Any] = {
    "product_id": 7, "id": 7, "sku": "SKU-7", "manufacturer": "Fjord", "brand": "Fjord",
    "category_id": 1, "category": "Lighting", "weight": 10, "some_other_id": 1, "name": "Lamp",
    "description": "", "price": 0.29, "version": 1,
}  # fmt: skip
CART: dict[str, Any] = {
    "user_id": "ann", "items": [{"product_id": 7, "quantity": 3, "price": 0.29}], "total": 0.87,
    "updated_at": "2026-11-22T14:52:29.630Z", "version": 2,
}  # fmt: skip
ORDER: dict[str, Any] = {**CART, "order_id": "ORD-1", "status": "confirmed", "created_at": CART["updated_at"]}
PAYMENT = {"status": "approved", "amount": 0.87}
CHECKOUT: dict[str, Any] = {"order_id": "ORD-1", "order": ORDER, "payment": PAYMENT}


def error(code: str, retryable: bool = False, **more: object) -> dict[str, object]:
    return {"error": code, "message": "…", "request_id": "r", "retryable": retryable, **more}


def answer(status: int, body: object, headers: dict[str, str] | None = None, check: Any = None) -> Answer:
    accept = check or (lambda *_: None)
    return judge(status, headers or {}, json.dumps(body).encode(), accept, ("OUT_OF_STOCK",))


class JudgeTest(unittest.TestCase):
    def problem(self, *args: Any, **more: Any) -> str | None:
        problem = answer(*args, **more).problem
        return repr(problem) if problem else None

    def test_refused_is_what_says_when_to_come_again(self) -> None:
        later = {"retry-after": "1"}
        for status, code in ((503, "OVERLOADED"), (409, "CART_CHANGED"), (429, "SLOW_DOWN")):
            told = answer(status, error(code, True), later)
            self.assertEqual(repr(told.problem), f"Refused('{status} {code}')")
            self.assertEqual(told.retry_after, 1)

    def test_failed_is_everything_else(self) -> None:
        self.assertEqual(
            self.problem(503, error("OVERLOADED", True)), "Failed('503 OVERLOADED without Retry-After')"
        )
        self.assertEqual(self.problem(500, error("INTERNAL_ERROR")), "Failed('500 INTERNAL_ERROR')")
        self.assertEqual(self.problem(404, {"message": "?"}), "Failed('404 without the fields of an error')")
        page = judge(200, {}, b"<html>", lambda *_: None)
        self.assertEqual(repr(page.problem), "Failed('200, and not JSON')")
        self.assertEqual(repr(no_answer(TimeoutError()).problem), "Failed('no answer (timeout)')")

    def test_an_error_may_be_the_proper_answer(self) -> None:
        self.assertTrue(answer(409, error("OUT_OF_STOCK")).is_ok)
        self.assertFalse(answer(409, {"error": "OUT_OF_STOCK"}).is_ok)

    def test_products(self) -> None:
        check = product_with(7)
        self.assertIsNone(self.problem(200, PRODUCT, ETAG, check=check))
        self.assertIsNone(self.problem(200, {**PRODUCT, "price": None}, ETAG, check=check))
        for body, headers, wrong in (
            ({**PRODUCT, "product_id": 8}, ETAG, "another product"),
            ({**PRODUCT, "brand": "Sola"}, ETAG, "a product whose names for one field differ"),
            ({k: v for k, v in PRODUCT.items() if k != "price"}, ETAG, "a product without price"),
            (PRODUCT, {}, "no new entity tag"),
            ([], ETAG, "not of the documented shape (AttributeError: "),
        ):
            self.assertIn(wrong, self.problem(200, body, headers, check=check) or "")

    def test_not_modified(self) -> None:
        known = product_with(7, '"7-1"')
        self.assertIsNone(judge(304, ETAG, b"", known).problem)
        self.assertIn("another entity tag", str(judge(304, {"etag": '"7-2"'}, b"", known).problem))
        self.assertIn("no new entity tag", self.problem(200, PRODUCT, ETAG, check=known) or "")
        self.assertIsNone(self.problem(200, PRODUCT, {"etag": '"7-2"'}, check=known))

    def test_carts(self) -> None:
        self.assertIsNone(self.problem(200, CART, check=cart_with("ann", {7: 3})))
        for body, quantities, wrong in (
            (CART, {7: 2}, "the cart does not hold what was added"),
            (CART, {7: 3, 8: 1}, "the cart does not hold what was added"),
            ({**CART, "total": 0.86}, {7: 3}, "the cart's total is not the sum of its lines"),
            ({**CART, "user_id": "bob"}, {7: 3}, "another cart"),
        ):
            self.assertIn(wrong, self.problem(200, body, check=cart_with("ann", quantities)) or "")

    def test_checkouts(self) -> None:
        check = checkout_of("ann", {7: 3})
        self.assertIsNone(self.problem(201, CHECKOUT, check=check))
        for body, wrong in (
            ({**CHECKOUT, "order_id": "ORD-2"}, "an order with two ids"),
            ({**CHECKOUT, "payment": {"status": "approved", "amount": 1}}, "does not pay the order"),
            ({**CHECKOUT, "order": {**ORDER, "status": "cancelled"}}, "201 for an order that is cancelled"),
            ({**CHECKOUT, "order": {**ORDER, "items": []}}, "the order does not hold what was added"),
        ):
            self.assertIn(wrong, self.problem(201, body, check=check) or "")

    def test_searches(self) -> None:
        page = {"products": [PRODUCT], "total_found": 1}
        self.assertIsNone(self.problem(200, page, check=found(20)))
        self.assertIn("nothing found", self.problem(200, {**page, "products": []}, check=found(20)) or "")
        self.assertIn("more products", self.problem(200, {**page, "total_found": 0}, check=found(20)) or "")


class HistoryTest(unittest.TestCase):
    ADD = {"f": "add", "user": "ann", "product": 7, "quantity": 3}
    PAY = {"f": "checkout", "user": "ann", "payment_method": "pm_card_visa", "key": "k"}

    def test_outcomes(self) -> None:
        for told, expected in (
            (answer(200, CART), "ok"),
            (answer(404, error("PRODUCT_NOT_FOUND")), "fail"),
            (answer(409, error("OUT_OF_STOCK")), "fail"),
            (answer(409, error("IDEMPOTENCY_IN_FLIGHT", True), {"retry-after": "1"}), "info"),
            (answer(503, error("OVERLOADED", True), {"retry-after": "1"}), "fail"),
            (answer(503, error("PAYMENT_UNAVAILABLE", True), {"retry-after": "1"}), "fail"),
            (answer(503, error("STORAGE_UNAVAILABLE", True), {"retry-after": "1"}), "info"),
            (answer(500, error("INTERNAL_ERROR")), "info"),
            (answer(502, "<bad gateway>"), "info"),
            (no_answer(ConnectionResetError()), "info"),
            (no_answer(ConnectionRefusedError()), "fail"),
        ):
            self.assertEqual(outcome(told), expected, told)

    def test_what_was_told(self) -> None:
        self.assertEqual(
            completion(self.ADD, answer(200, CART)),
            {"type": "ok", "status": 200, "cart": {"version": 2, "quantities": {"7": 3}}},
        )
        order = {"order_id": "ORD-1", "status": "confirmed", "total_cents": 87, "quantities": {"7": 3}}
        self.assertEqual(
            completion(self.PAY, answer(201, CHECKOUT)), {"type": "ok", "status": 201, "order": order}
        )
        declined = error("PAYMENT_DECLINED", details={"order_id": "ORD-2", "order_status": "payment_failed"})
        self.assertEqual(
            completion(self.PAY, answer(402, declined)),
            {
                "type": "ok",
                "status": 402,
                "error": "PAYMENT_DECLINED",
                "order": {"order_id": "ORD-2", "status": "payment_failed"},
            },
        )

    def test_a_wrong_content_is_still_told(self) -> None:
        wrong = answer(200, CART, check=cart_with("ann", {7: 1}))
        self.assertEqual(completion(self.ADD, wrong)["cart"], {"version": 2, "quantities": {"7": 3}})
        self.assertEqual(completion(self.ADD, answer(200, []))["type"], "ok")

    def test_calls_of_several_generators_differ(self) -> None:
        file = io.StringIO()
        History(file, process=2).invoke(self.ADD)
        self.assertEqual(json.loads(file.getvalue())["call"], 2 * CALLS_PER_PROCESS + 1)


if __name__ == "__main__":
    unittest.main()

"""Customers' requests and answers, as `npm run verify` reads them (loadtest/verify/checker/history.ts)."""

from __future__ import annotations

import json
import time
from typing import Any, TextIO

from answers import Answer, Json
from contents import cents, quantities_in

Action = dict[str, Any]
"""An action of a customer; `f` names the operation, as in Jepsen's histories."""

NOTHING_DONE = {"OVERLOADED", "SHUTTING_DOWN", "PAYMENT_UNAVAILABLE"}
"""Refusals of a 503 that come before anything is done. The others may come after it."""

CALLS_PER_PROCESS = 1_000_000_000


class History:
    """Writes one JSON object a line. `process` keeps the calls of several generators apart."""

    def __init__(self, file: TextIO, process: int = 0) -> None:
        self._file = file
        self._calls = process * CALLS_PER_PROCESS

    def invoke(self, action: Action) -> int:
        """Returns the number of the call, for `complete`."""
        self._calls += 1
        self._write({"type": "invoke", "call": self._calls, "time": _now(), "action": action})
        return self._calls

    def complete(self, call: int, action: Action, answer: Answer) -> None:
        self._write({"call": call, "time": _now(), **completion(action, answer)})

    def flush(self) -> None:
        self._file.flush()

    def _write(self, event: dict[str, Any]) -> None:
        self._file.write(json.dumps(event, separators=(",", ":")) + "\n")


def _now() -> float:
    return round(time.time() * 1000, 3)


def outcome(answer: Answer) -> str:
    """`ok`: done. `fail`: certainly nothing was done. `info`: nobody knows."""
    if not answer.was_sent:
        return "fail"
    if 200 <= answer.status < 300 or (answer.status == 402 and _declined_order(answer)):
        return "ok"
    if answer.error is None or answer.error == "IDEMPOTENCY_IN_FLIGHT":
        # The holder of the key may still be at work for this very request's earlier attempt.
        return "info"
    return "fail" if answer.status < 500 or answer.error in NOTHING_DONE else "info"


def completion(action: Action, answer: Answer) -> dict[str, Any]:
    """The meaning of an answer for the action, without the call and the time."""
    event: dict[str, Any] = {"type": outcome(answer)}
    if answer.status:
        event["status"] = answer.status
    if event["type"] != "ok":
        return {**event, "error": answer.error or str(answer.problem)}
    try:
        return {**event, **_seen(action, answer)}
    except (KeyError, TypeError, AttributeError):
        # Done, but what was done can't be read from this answer.
        return {**event, "error": str(answer.problem)}


def _seen(action: Action, answer: Answer) -> dict[str, Any]:
    if answer.status == 402:
        return {"error": answer.error, "order": _declined_order(answer)}
    if action["f"] == "checkout":
        return {"order": _order(answer.body["order"])}
    if action["f"] == "set-stock" or _is_of_another_time(answer):
        return {}
    cart = {"version": answer.body["version"], "quantities": _quantities(answer.body["items"])}
    return {"cart": cart}


def _is_of_another_time(answer: Answer) -> bool:
    """A stale cart is older than the present, and that of a replayed change may be newer than the change made it."""
    is_stale = "stale-if-error" in answer.headers.get("cache-status", "")
    return is_stale or "idempotency-replayed" in answer.headers


def _declined_order(answer: Answer) -> dict[str, Any] | None:
    details = answer.body.get("details") if isinstance(answer.body, dict) else None
    if not isinstance(details, dict) or "order_id" not in details:
        return None
    return {"order_id": details["order_id"], "status": details.get("order_status", "")}


def _order(order: Json) -> dict[str, Any]:
    return {
        "order_id": order["order_id"],
        "status": order["status"],
        "total_cents": cents(order["total"]),
        "quantities": _quantities(order["items"]),
    }


def _quantities(items: Json) -> dict[str, int]:
    return {str(product): quantity for product, quantity in quantities_in(items).items()}

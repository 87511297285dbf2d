"""The worth of an answer: `ok`, `refused` as documented, or `failed`."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

Json = Any
"""A result of json.loads: it is looked into only after its kind has been checked."""

REFUSABLE = (409, 429, 503)
ERROR_FIELDS = {"error", "message", "request_id", "retryable"}


class Refused(Exception):
    """The shop said, as documented, that it can't now and when to come again."""


class Failed(Exception):
    """Anything that the contract does not allow: no answer, an error, a wrong content."""


class Answer(NamedTuple):
    """`status` 0 when none came. `problem` says why it is not `ok`."""

    status: int
    headers: Mapping[str, str]
    body: Json
    problem: Refused | Failed | None
    was_sent: bool = True

    @property
    def is_ok(self) -> bool:
        return self.problem is None

    @property
    def error(self) -> str | None:
        """The shop's code for what went wrong."""
        code = self.body.get("error") if isinstance(self.body, dict) and self.status >= 400 else None
        return code if isinstance(code, str) else None

    @property
    def retry_after(self) -> float | None:
        """Seconds after which to come again, if the shop says so."""
        value = self.headers.get("retry-after", "")
        return float(value) if value.isdigit() else None


Check = Callable[[int, Mapping[str, str], Json], "str | None"]
"""Looks into an answer that is not an error; says what is wrong with it."""


def judge(
    status: int, headers: Mapping[str, str], content: bytes, check: Check, expected: Collection[str] = ()
) -> Answer:
    """`expected` names the errors that are a proper answer to this request, such as OUT_OF_STOCK."""
    try:
        body = json.loads(content) if content else None
    except ValueError:
        return Answer(status, headers, None, Failed(f"{status}, and not JSON"))
    if status < 400:
        try:
            wrong = check(status, headers, body)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            wrong = f"not of the documented shape ({type(error).__name__}: {error})"
        return Answer(status, headers, body, Failed(f"wrong content: {wrong}") if wrong else None)
    return Answer(status, headers, body, _error_in(status, headers, body, expected))


def no_answer(error: BaseException) -> Answer:
    reason = "timeout" if isinstance(error, TimeoutError) else type(error).__name__
    was_sent = not isinstance(error, ConnectionRefusedError)
    return Answer(0, {}, None, Failed(f"no answer ({reason})"), was_sent)


def _error_in(
    status: int, headers: Mapping[str, str], body: Json, expected: Collection[str]
) -> Refused | Failed | None:
    if not isinstance(body, dict) or not body.keys() >= ERROR_FIELDS:
        return Failed(f"{status} without the fields of an error")
    code = body["error"]
    if code in expected:
        return None
    may_retry = headers.get("retry-after", "").isdigit()
    if status in (429, 503) and not may_retry:
        return Failed(f"{status} {code} without Retry-After")
    if status in REFUSABLE and may_retry and body["retryable"] is True:
        return Refused(f"{status} {code}")
    return Failed(f"{status} {code}")

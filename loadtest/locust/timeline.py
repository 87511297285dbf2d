"""One line a second of what was asked and answered, for programs to read."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from math import log
from typing import Any, TextIO

from answers import Refused

FIRST_BUCKET_MS = 0.1
GROWTH = 1.05
MAX_ERROR_KINDS = 20
OTHER_ERRORS = "others"

_LOG_GROWTH = log(GROWTH)


def bucket_of(ms: float) -> int:
    """The i for which 0.1 ms * 1.05**i <= ms < 0.1 ms * 1.05**(i + 1); 0 for anything shorter."""
    return int(log(ms / FIRST_BUCKET_MS) / _LOG_GROWTH) if ms > FIRST_BUCKET_MS else 0


class _Tally:
    __slots__ = ("failed", "latency", "ok", "refused")

    def __init__(self) -> None:
        self.ok = self.refused = self.failed = 0
        self.latency: Counter[int] = Counter()


class _Second:
    __slots__ = ("errors", "refusals", "requests", "users")

    def __init__(self) -> None:
        self.users: int | None = None
        self.requests: dict[str, _Tally] = {}
        self.errors: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()


class Timeline:
    """
    Answers counted by the second in which they came, whenever `write` gets its turn: a busy generator writes
    late, but what it writes is in its place.
    """

    def __init__(self, file: TextIO, users: Callable[[], int], waiting: Callable[[], int]) -> None:
        """`waiting` tells how many actions of an open load are due and not begun."""
        self._file = file
        self._users = users
        self._waiting = waiting
        self._seconds: dict[int, _Second] = {}
        self._started_at = time.time()
        # The clock on the wall may be set while the run goes on.
        self._started = self._written_at = time.monotonic()
        self._next = 0
        self._cpu = time.process_time()

    def record(
        self, request_type: str, name: str, response_time: float, exception: BaseException | None, **_: Any
    ) -> None:
        """Locust's `request` event; `response_time` in milliseconds."""
        second = int(time.monotonic() - self._started)
        counts = self._seconds.get(second)
        if counts is None:
            counts = self._seconds[second] = _Second()
        counts.users = self._users()
        key = f"{request_type} {name}"
        tally = counts.requests.get(key)
        if tally is None:
            tally = counts.requests[key] = _Tally()
        if exception is None:
            tally.ok += 1
            tally.latency[bucket_of(response_time)] += 1
            return
        if isinstance(exception, Refused):
            tally.refused += 1
            kinds = counts.refusals
        else:
            tally.failed += 1
            kinds = counts.errors
        kind = f"{key}: {exception}"
        kinds[kind if kind in kinds or len(kinds) < MAX_ERROR_KINDS else OTHER_ERRORS] += 1

    def write(self, *, with_current: bool = False) -> None:
        """Writes the seconds that are over, and on request the one that has begun."""
        now = time.monotonic()
        cpu = time.process_time()
        share = min(1.0, (cpu - self._cpu) / max(now - self._written_at, 1e-3))
        end = int(now - self._started) + (1 if with_current else 0)
        if end == self._next:
            return
        for second in range(self._next, end):
            counts = self._seconds.pop(second, None) or _Second()
            self._file.write(self._line(second, counts, share) + "\n")
        self._file.flush()
        self._next, self._cpu, self._written_at = end, cpu, now

    def until_next(self) -> float:
        """Seconds until there is a second to write."""
        return max(0.001, self._started + self._next + 1 - time.monotonic())

    def _line(self, second: int, counts: _Second, cpu: float) -> str:
        line = {
            "time": round(self._started_at + second, 3),
            "second": second,
            "users": self._users() if counts.users is None else counts.users,
            "generator_cpu": round(cpu, 3),
            "waiting": self._waiting(),
            "requests": {
                name: {
                    "ok": tally.ok,
                    "refused": tally.refused,
                    "failed": tally.failed,
                    "latency": {str(bucket): n for bucket, n in sorted(tally.latency.items())},
                }
                for name, tally in counts.requests.items()
            },
            "refusals": dict(counts.refusals),
            "errors": dict(counts.errors),
        }
        return json.dumps(line, separators=(",", ":"))

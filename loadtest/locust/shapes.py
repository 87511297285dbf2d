"""How many users there are at which time. Without a shape, Locust's own -u, -r and -t say."""

from __future__ import annotations

import os
from dataclasses import dataclass

from locust import LoadTestShape

Tick = tuple[int, float]
"""Users, and how many of them may come or go a second."""


@dataclass(frozen=True)
class Steps:
    """A number of users for `seconds` each, one step after the other."""

    users: tuple[int, ...]
    seconds: float

    @property
    def peak(self) -> int:
        return max(self.users)

    def users_at(self, seconds: float) -> int | None:
        step = int(seconds / self.seconds)
        return self.users[step] if step < len(self.users) else None


@dataclass(frozen=True)
class Spike:
    """Calm for `at` seconds, a crowd for `lasting` seconds, and calm again for `after` seconds."""

    calm: int
    crowd: int
    at: float
    lasting: float
    after: float

    @property
    def peak(self) -> int:
        return max(self.calm, self.crowd)

    def users_at(self, seconds: float) -> int | None:
        if seconds >= self.at + self.lasting + self.after:
            return None
        return self.crowd if self.at <= seconds < self.at + self.lasting else self.calm


class Shape(LoadTestShape):
    """Tells Locust. It is made once the command line is known, so no locustfile has it unasked."""

    def __init__(self, load: Steps | Spike, spawn_rate: float | None, end_when: str = "") -> None:
        """
        `spawn_rate` in users a second; None: all users come or go within a second. `end_when`
        names a file whose coming ends the shape: unlike a signal, that lets what is under way be answered.
        """
        super().__init__()
        self._end_when = end_when
        self._load = load
        self._spawn_rate = spawn_rate or float(load.peak)

    def tick(self) -> Tick | None:
        is_ended = self._end_when and os.path.exists(self._end_when)
        users = None if is_ended else self._load.users_at(self.get_run_time())
        return None if users is None else (users, self._spawn_rate)

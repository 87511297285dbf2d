"""Open load: customers come whether or not the shop is done with those before them."""

from __future__ import annotations

import time
from random import Random

import gevent
from gevent.queue import Queue


class Arrivals:
    """
    A Poisson process. Each arrival is the moment, on `time.perf_counter`, at which something ought to begin;
    it waits in the queue until a user is free to take it.
    """

    def __init__(self, rate: float, random: Random) -> None:
        """`rate` in arrivals a second."""
        self._rate = rate
        self._random = random
        # Not gevent's SimpleQueue, whose lock is Python's: users that leave while they wait may keep it for good.
        self._queue: Queue[float] = Queue()
        self._left: int | None = None
        self._greenlet = gevent.spawn(self._arrive)

    def next(self) -> float:
        """Waits for an arrival nobody has taken."""
        return float(self._queue.get())

    @property
    def waiting(self) -> int:
        """How many arrivals nobody has taken; once stopped, nobody had taken by then."""
        return int(self._queue.qsize()) if self._left is None else self._left

    def stop(self) -> None:
        """Nobody comes any more. Called again, it does nothing."""
        self._left = self.waiting
        self._greenlet.kill()

    def _arrive(self) -> None:
        at = time.perf_counter()
        while True:
            at += self._random.expovariate(self._rate)
            delay = at - time.perf_counter()
            # Late arrivals are handed over at once, as many as there are: they keep their intended times.
            if delay > 0:
                gevent.sleep(delay)
            self._queue.put(at)

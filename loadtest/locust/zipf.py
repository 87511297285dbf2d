"""Which rank of a popularity list the next customer is after."""

from bisect import bisect_right
from itertools import accumulate
from random import Random


class Zipf:
    """Draws ranks 1 to n, rank k in proportion to 1 / k**s (Zipf's law), in O(log n)."""

    def __init__(self, n: int, s: float) -> None:
        if n < 1:
            raise ValueError(f"there must be something to draw from, not {n} ranks")
        self._cumulative = list(accumulate(rank**-s for rank in range(1, n + 1)))
        self._total = self._cumulative[-1]
        self._last = n

    def draw(self, random: Random) -> int:
        rank = bisect_right(self._cumulative, random.random() * self._total) + 1
        return rank if rank < self._last else self._last

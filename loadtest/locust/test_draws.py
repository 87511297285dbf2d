"""Draws, and the times when users are there."""

import unittest
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest.mock import patch

from catalogue import Demand
from shapes import Shape, Spike, Steps
from zipf import Zipf


class ZipfTest(unittest.TestCase):
    def test_ranks_come_in_proportion_to_their_inverse(self) -> None:
        draws = 200_000
        random = Random(1)
        zipf = Zipf(1000, 1.0)
        counts = Counter(zipf.draw(random) for _ in range(draws))
        harmonic = sum(1 / rank for rank in range(1, 1001))
        for rank in (1, 2, 10, 100):
            expected = draws / rank / harmonic
            self.assertAlmostEqual(counts[rank], expected, delta=5 * expected**0.5)
        self.assertEqual((min(counts), max(counts)), (1, 1000))

    def test_an_exponent_of_zero_is_uniform(self) -> None:
        random = Random(2)
        zipf = Zipf(4, 0)
        counts = Counter(zipf.draw(random) for _ in range(40_000))
        for rank in (1, 2, 3, 4):
            self.assertAlmostEqual(counts[rank], 10_000, delta=500)

    def test_the_ends_of_the_random_numbers_are_ranks(self) -> None:
        class Ends(Random):
            values = [0.0, 1 - 2**-53]

            def random(self) -> float:
                return self.values.pop(0)

        zipf, ends = Zipf(3, 1.2), Ends()
        self.assertEqual([zipf.draw(ends), zipf.draw(ends)], [1, 3])

    def test_nothing_can_be_drawn_from_nothing(self) -> None:
        with self.assertRaises(ValueError):
            Zipf(0, 1)


class DemandTest(unittest.TestCase):
    def test_reads_of_a_product_that_gets_hot_are_counted_apart_from_then_on(self) -> None:
        share = SimpleNamespace(zipf=1.0, hot_product=7, hot_share=0.5, hot_at=2.0)
        with patch("time.perf_counter", lambda: 100.0):
            demand = Demand(share, 10)  # type: ignore[arg-type]
            calm = {demand.draw(Random(seed)) for seed in range(50)}
        with patch("time.perf_counter", lambda: 102.0):
            rush = Counter(demand.draw(Random(seed)) for seed in range(1_000))
        self.assertGreater(len(calm), 3)
        self.assertAlmostEqual(rush[7], 500 + 500 / 7 / 2.93, delta=60)
        labels = [demand.label(7, due) for due in (102.0, 102.4, 102.6)]
        self.assertEqual(labels, [" (hot, at first)", " (hot, at first)", " (hot)"])
        self.assertEqual(demand.label(6, 102.6), "")

    def test_one_that_is_only_on_sale_is_counted_as_all(self) -> None:
        sale = SimpleNamespace(zipf=1.0, hot_product=7, hot_share=0.0, hot_at=0.0)
        self.assertEqual(Demand(sale, 10).label(7, 1e9), "")  # type: ignore[arg-type]


class ShapesTest(unittest.TestCase):
    def test_steps_follow_one_another_and_end(self) -> None:
        steps = Steps((10, 50, 20), 2)
        at = [steps.users_at(seconds) for seconds in (0, 1.99, 2, 3.9, 4, 5.9, 6)]
        self.assertEqual(at, [10, 10, 50, 50, 20, 20, None])
        self.assertEqual(steps.peak, 50)

    def test_a_spike_stands_between_calm_times(self) -> None:
        spike = Spike(calm=5, crowd=100, at=2, lasting=3, after=1)
        at = [spike.users_at(seconds) for seconds in (0, 1.9, 2, 4.9, 5, 5.9, 6)]
        self.assertEqual(at, [5, 5, 100, 100, 5, 5, None])

    def test_a_shape_ends_before_its_time_when_its_file_is_there(self) -> None:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "end"
            shape = Shape(Steps((10, 50), 60), None, str(file))
            shape.reset_time()
            self.assertEqual(shape.tick(), (10, 50))
            file.touch()
            self.assertIsNone(shape.tick())


if __name__ == "__main__":
    unittest.main()

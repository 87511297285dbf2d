"""Arrivals of the open load, and users that wait for them."""

# cspell:ignore killall -- of gevent

import unittest
from random import Random

import gevent

from arrivals import Arrivals


class ArrivalsTest(unittest.TestCase):
    def test_users_that_leave_keep_no_arrival_from_others(self) -> None:
        for seed in range(5):
            arrivals = Arrivals(200_000, Random(seed))
            users = [gevent.spawn(arrivals.next) for _ in range(200)]
            gevent.sleep(0.005)
            gevent.killall(users)
            with gevent.Timeout(10):
                for _ in range(20):
                    arrivals.next()
            arrivals.stop()
            self.assertEqual([user.exception for user in users if user.exception], [])


if __name__ == "__main__":
    unittest.main()

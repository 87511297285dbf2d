"""The lines that programs read."""

import io
import json
import unittest
from typing import Any
from unittest.mock import patch

from answers import Failed, Refused
from timeline import FIRST_BUCKET_MS, GROWTH, MAX_ERROR_KINDS, OTHER_ERRORS, Timeline, bucket_of


class BucketsTest(unittest.TestCase):
    def test_each_latency_is_within_its_bucket(self) -> None:
        for ms in (0.11, 0.5, 1, 3.3, 10, 250, 12_000):
            low = FIRST_BUCKET_MS * GROWTH ** bucket_of(ms)
            self.assertTrue(low <= ms < low * GROWTH, ms)

    def test_what_is_shorter_is_in_the_first(self) -> None:
        self.assertEqual([bucket_of(ms) for ms in (0, 0.05, 0.1, 0.104)], [0, 0, 0, 0])


class TimelineTest(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 1000.0
        for clock in ("time.time", "time.monotonic"):
            patched = patch(clock, lambda: self.now)
            patched.start()
            self.addCleanup(patched.stop)
        self.file = io.StringIO()
        self.timeline = Timeline(self.file, lambda: 5, lambda: 3)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.getvalue().splitlines()]

    def test_answers_are_in_the_second_they_came_however_late_it_is_written(self) -> None:
        self.timeline.record("GET", "/a", 1.0, None)
        self.now = 1002.5
        self.timeline.record("GET", "/a", 2.0, None)
        self.timeline.record("GET", "/a", 2.0, None)
        self.timeline.write()
        self.assertEqual([line["second"] for line in self.lines()], [0, 1])
        self.timeline.write(with_current=True)
        first, silent, last = self.lines()
        self.assertEqual((first["time"], last["time"]), (1000, 1002))
        tally = {"ok": 1, "refused": 0, "failed": 0, "latency": {str(bucket_of(1.0)): 1}}
        self.assertEqual(first["requests"], {"GET /a": tally})
        self.assertEqual(silent["requests"], {})
        self.assertEqual(last["requests"]["GET /a"]["latency"], {str(bucket_of(2.0)): 2})
        self.assertEqual((last["users"], last["waiting"]), (5, 3))

    def test_refused_and_failed_have_no_latency_but_a_reason(self) -> None:
        self.timeline.record("GET", "/a", 1.0, Refused("503 OVERLOADED"))
        self.timeline.record("GET", "/a", 1.0, Failed("no answer (timeout)"))
        self.timeline.record("GET", "/a", 1.0, Failed("no answer (timeout)"))
        self.timeline.write(with_current=True)
        (line,) = self.lines()
        self.assertEqual(line["requests"], {"GET /a": {"ok": 0, "refused": 1, "failed": 2, "latency": {}}})
        self.assertEqual(line["refusals"], {"GET /a: 503 OVERLOADED": 1})
        self.assertEqual(line["errors"], {"GET /a: no answer (timeout)": 2})

    def test_kinds_of_errors_are_bounded_and_none_is_left_uncounted(self) -> None:
        for kind in range(MAX_ERROR_KINDS + 5):
            self.timeline.record("GET", "/a", 1.0, Failed(str(kind)))
        self.timeline.record("GET", "/a", 1.0, Failed("0"))
        self.timeline.write(with_current=True)
        errors = self.lines()[0]["errors"]
        self.assertEqual((errors["GET /a: 0"], errors[OTHER_ERRORS]), (2, 5))
        self.assertEqual((len(errors), sum(errors.values())), (MAX_ERROR_KINDS + 1, MAX_ERROR_KINDS + 6))


if __name__ == "__main__":
    unittest.main()

"""State that all users of this process share in one run."""

from __future__ import annotations

import json
import logging
import os
import time
from argparse import Namespace
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import TextIO

import gevent
from locust.env import Environment
from locust.runners import MasterRunner, Runner, WorkerRunner

from answers import Answer, judge, no_answer
from arrivals import Arrivals
from catalogue import Catalogue, Demand
from connection import NO_ANSWER, Connection
from contents import stock_of
from history import History
from options import Settings, SettingsError
from timeline import Timeline

logger = logging.getLogger("shop")


@dataclass
class Stage:
    settings: Settings
    catalogue: Catalogue
    demand: Demand
    process: int
    """Which of several generators this is."""
    run: str
    """Keeps the customers of this run apart from those of others."""
    environment: Environment
    timeline: Timeline | None
    history: History | None
    arrivals: Arrivals | None
    ticker: gevent.Greenlet | None = None
    users: count[int] = field(default_factory=count)

    def random_of(self, user: int) -> Random:
        return Random(f"{self.settings.seed}/{self.process}/{user}")


_current: Stage | None = None
_files: dict[str, TextIO] = {}
_histories: dict[TextIO, History] = {}
"""By their files: the calls of a second run are counted on."""


def runner_of(environment: Environment) -> Runner:
    assert environment.runner, "Locust makes it before its first event"
    return environment.runner


def options_of(environment: Environment) -> Namespace:
    assert isinstance(environment.parsed_options, Namespace), "as above"
    return environment.parsed_options


def current_stage() -> Stage:
    if _current is None:
        raise RuntimeError("no run has been started")
    return _current


def open_stage(environment: Environment, settings: Settings, catalogue: Catalogue) -> None:
    """Raises SettingsError when a file can't be written or the stock can't be set."""
    global _current
    runner = runner_of(environment)
    process = _process_of(runner)
    timeline_file, history_file = open_files(environment, settings)
    history = _histories.setdefault(history_file, History(history_file, process)) if history_file else None
    if settings.stock is not None and not isinstance(runner, WorkerRunner):
        _set_stock(settings, history)
    options = options_of(environment)
    if isinstance(runner, MasterRunner):
        options.generators = runner.worker_count  # Goes to the workers with all other options.
    arrivals = None
    if settings.rate and not isinstance(runner, MasterRunner):
        generators = options.generators if process else 1
        arrivals = Arrivals(settings.rate / generators, Random(f"{settings.seed}/{process}/arrivals"))
    timeline = None
    if timeline_file:
        timeline = Timeline(
            timeline_file, lambda: runner.user_count, lambda: arrivals.waiting if arrivals else 0
        )
        environment.events.request.add_listener(timeline.record)
    demand = Demand(settings, catalogue.size)
    run = f"{time.time_ns() // 1_000_000:x}"
    _current = Stage(
        settings, catalogue, demand, process, run, environment, timeline, history, arrivals
    )
    _current.ticker = gevent.spawn(_write_each_second, _current)


def stop_arrivals() -> None:
    """Requests that fall due while users leave were never meant to begin."""
    if _current and _current.arrivals:
        _current.arrivals.stop()


def close_stage() -> None:
    """Writes what is left. Called again, it does nothing."""
    global _current
    stop_arrivals()
    stage, _current = _current, None
    if stage is None:
        return
    if stage.ticker:
        stage.ticker.kill()
    if stage.arrivals and (waiting := stage.arrivals.waiting):
        logger.warning("%d actions were due and never begun: too many for the shop or for -u users", waiting)
    if stage.timeline:
        stage.environment.events.request.remove_listener(stage.timeline.record)
        stage.timeline.write(with_current=True)
    if stage.history:
        stage.history.flush()


def _write_each_second(stage: Stage) -> None:
    while True:
        gevent.sleep(stage.timeline.until_next() if stage.timeline else 1)
        if stage.timeline:
            stage.timeline.write()
        if stage.history:
            stage.history.flush()


def open_files(environment: Environment, settings: Settings) -> tuple[TextIO | None, TextIO | None]:
    """For the timeline, which a master has none of, and the history. Raises SettingsError."""
    runner = runner_of(environment)
    process = _process_of(runner)
    has_timeline = settings.timeline and not isinstance(runner, MasterRunner)
    return (
        _open(settings.timeline, process) if has_timeline else None,
        _open(settings.history, process) if settings.history else None,
    )


def _process_of(runner: Runner) -> int:
    """The workers count from 1."""
    return runner.worker_index + 1 if isinstance(runner, WorkerRunner) else 0


def _open(name: str, process: int) -> TextIO:
    """A worker writes to a file of its own. A second run from the web page goes on in the same file."""
    path = Path(name)
    if process:
        path = path.with_name(f"{path.stem}-{process}{path.suffix}")
    key = os.fspath(path)
    if key not in _files:
        try:
            _files[key] = path.open("w", encoding="utf-8", buffering=1 << 20)
        except OSError as error:
            raise SettingsError(f"Can't write {path}: {error.strerror}") from error
    return _files[key]


def _set_stock(settings: Settings, history: History | None) -> None:
    product, available = settings.hot_product, settings.stock
    connection = Connection(settings.hosts[0], settings.timeout)

    def ask(method: str, body: bytes = b"") -> Answer:
        try:
            response = connection.ask(method, f"/products/{product}/stock", body)
        except NO_ANSWER as error:
            return no_answer(error)
        return judge(response.status, response.headers, response.content, stock_of(product))

    before = ask("GET")
    if history and before.is_ok and before.body["reserved"] + before.body["sold"] > 0:
        # To the checker, what is set is all there ever was.
        logger.warning("Product %d was sold before: its stock stays out of the history", product)
        history = None
    action = {"f": "set-stock", "product": product, "available": available}
    call = history.invoke(action) if history else 0
    answer = ask("PUT", json.dumps({"available": available}).encode())
    connection.close()
    if history:
        history.complete(call, action, answer)
    if answer.problem:
        raise SettingsError(f"The stock of product {product} can't be set: {answer.problem}")

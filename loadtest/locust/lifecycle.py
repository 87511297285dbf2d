"""Locust's events: options, checks before the start, and the run's beginning and end."""

from __future__ import annotations

import logging
import sys
from typing import Any, NoReturn

import gevent
from locust import events, runners
from locust.env import Environment
from locust.runners import WorkerRunner

from catalogue import Catalogue, learn_catalogue
from options import Settings, SettingsError, add_options, hosts_of, settings_of, shape_of
from shapes import Shape
from stage import close_stage, open_files, open_stage, options_of, runner_of, stop_arrivals

STOP_PATIENCE_SECONDS = 15.0
"""For requests under way when users leave: the outcome of one that is cut off is unknown."""

logger = logging.getLogger("shop")

_known: dict[tuple[tuple[str, ...], int], Catalogue] = {}

# Debian's package has no version, and a master takes a worker without one for one of before 2.0.
runners.__version__ = runners.__version__ or "unknown"  # type: ignore[attr-defined]

events.init_command_line_parser.add_listener(add_options)


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Mistakes show before the first user comes; a worker hears of its settings only then."""
    options = options_of(environment)
    if isinstance(environment.runner, WorkerRunner):
        return
    try:
        load = shape_of(options)
        if load:
            environment.shape_class = Shape(load, options.spawn_rate, options.end_when)
        hosts = hosts_of(options, environment.host)
        if hosts:
            environment.host = hosts[0]
            settings = settings_of(options, environment.host)
            open_files(environment, settings)
            _catalogue(settings)
        elif options.headless or options.autostart:
            settings_of(options, environment.host)
    except SettingsError as error:
        logger.error(error)
        sys.exit(2)
    if environment.stop_timeout is None:
        environment.stop_timeout = STOP_PATIENCE_SECONDS


@events.test_start.add_listener
def begin(environment: Environment, **_: Any) -> None:
    try:
        settings = settings_of(options_of(environment), environment.host)
        open_stage(environment, settings, _catalogue(settings))
    except SettingsError as error:
        _give_up(environment, error)


@events.test_stopping.add_listener
def begin_to_end(**_: Any) -> None:
    stop_arrivals()


@events.test_stop.add_listener
def end(**_: Any) -> None:
    close_stage()


@events.quitting.add_listener
def decide_exit_code(environment: Environment, **_: Any) -> None:
    """Refusals are failures to Locust; under overload or without a dependency they are what is wanted."""
    runner = runner_of(environment)
    errors = [entry.error for entry in runner.errors.values()]
    if not options_of(environment).refused_ok or not errors or runner.exceptions:
        return
    # A worker sends what it saw as text.
    texts = [error if isinstance(error, str) else repr(error) for error in errors]
    if all(text.startswith("Refused(") for text in texts):
        environment.process_exit_code = 0


@events.quit.add_listener
def end_at_last(**_: Any) -> None:
    close_stage()


def _catalogue(settings: Settings) -> Catalogue:
    key = settings.hosts, settings.catalogue_size
    if key not in _known:
        _known[key] = learn_catalogue(settings, logger.info)
    return _known[key]


def _give_up(environment: Environment, error: SettingsError) -> NoReturn:
    logger.error(error)
    runner = runner_of(environment)
    # From outside, for stopping ends the greenlet this runs in.
    if environment.web_ui:
        gevent.spawn(runner.stop)
    else:
        environment.process_exit_code = 2
        gevent.spawn(runner.quit)
    raise gevent.GreenletExit

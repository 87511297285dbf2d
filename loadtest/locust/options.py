"""The command line's own options, and what they mean."""

from __future__ import annotations

import math
from argparse import Action, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from locust.argument_parser import LocustArgumentParser

from shapes import Spike, Steps


class SettingsError(Exception):
    """Settings that can't be used. The message says what to do."""


@dataclass(frozen=True)
class Settings:
    hosts: tuple[str, ...]
    seed: int
    think: float
    rate: float
    zipf: float
    catalogue_size: int
    hot_product: int
    hot_share: float
    hot_at: float
    stock: int | None
    timeout: float
    timeline: str
    history: str


_types: dict[str, Callable[[str], object]] = {}
"""The readers of options, by their names in the settings."""


def add_options(parser: LocustArgumentParser) -> None:
    """Locust's `init_command_line_parser` event."""
    group = parser.add_argument_group("Shop options")

    def add(flag: str, type_: Callable[[str], object], default: object, help_: str, **more: Any) -> Action:
        action: Action = group.add_argument(flag, type=type_, default=default, help=help_, **more)
        _types[action.dest] = type_
        return action

    add("--hosts", str, "", "several shops instead of -H: users are spread over them", metavar="URL,URL")
    group.add_argument(
        "--allow-remote", action="store_true", help="let the target be another machine"
    )
    add("--seed", int, 1, "of all draws: the n-th user does the same again", metavar="N")
    think = add("--think", _at_least(0), 1.0, "scale of the pauses between actions; 0: none", metavar="SCALE")
    rate = add("--rate", _at_least(0), 0.0, "actions a second in all (open load); 0: as users get to it")
    for action in (think, rate):  # changed from run to run
        action.include_in_web_ui = True  # type: ignore[attr-defined]
    add("--zipf", _at_least(0), 1.0, "exponent of the products' popularity", metavar="S")
    add("--catalogue-size", _whole(0), 0, "draw from products 1 to N; 0: from all there are", metavar="N")
    add("--hot-product", _whole(1), 1, "the one on sale, and the one of --hot-share", metavar="ID")
    add("--hot-share", _between(0, 1), 0.0, "share of all draws that go to the hot product")
    add("--hot-at", _at_least(0), 0.0, "second from which --hot-share holds", metavar="SECONDS")
    add("--stock", _whole(0), None, "set the hot product's stock at the start", metavar="PIECES")
    add("--timeout", _above(0), 12.0, "seconds to wait for an answer", metavar="SECONDS")
    add("--timeline", str, "", "write one JSON line a second of what was answered", metavar="FILE")
    add("--history", str, "", "write what was asked and told, for npm run verify", metavar="FILE")
    group.add_argument(
        "--refused-ok", action="store_true", help="exit with 0 when all that failed was refused as documented"
    )
    add("--shape", str, "constant", "constant (as -u, -r, -t say), steps or spike",
        choices=("constant", "steps", "spike"))  # fmt: skip
    add("--steps", _counts, "100,250,500,1000", "users at each step", metavar="N,N,…")
    add("--step-seconds", _above(0), 20.0, "how long a step lasts", metavar="SECONDS")
    add("--end-when", str, "", "end a shape before its time, as soon as this file is there", metavar="FILE")
    add("--spike-from", _whole(0), 10, "users before and after the spike", metavar="N")
    add("--spike-to", _whole(1), 1000, "users in the spike", metavar="N")
    add("--spike-at", _at_least(0), 10.0, "when it begins", metavar="SECONDS")
    add("--spike-seconds", _above(0), 10.0, "how long it lasts", metavar="SECONDS")
    add("--spike-after", _at_least(0), 10.0, "how long the load goes on after it", metavar="SECONDS")


def hosts_of(options: Namespace, host: str | None) -> tuple[str, ...]:
    """
    Where the shops are, `host` being Locust's own setting; none, as long as nobody has said.

    Raises SettingsError for what is no URL, or not on this machine without --allow-remote.
    """
    given = [part.strip().rstrip("/") for part in (options.hosts or host or "").split(",")]
    hosts = tuple(filter(None, given))
    for url in hosts:
        try:
            parts = urlsplit(url)
            is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_url = False
        if not is_url:
            raise SettingsError(f"{url} is not the URL of a shop; give one such as http://127.0.0.1:8080")
        if not options.allow_remote and not _is_local(parts.hostname or ""):
            raise SettingsError(f"{url} is not on this machine; if you may load it, add --allow-remote")
    return hosts


def settings_of(options: Namespace, host: str | None) -> Settings:
    """Raises SettingsError."""
    hosts = hosts_of(options, host)
    if not hosts:
        raise SettingsError("No shop to load; give -H http://127.0.0.1:8080, or --hosts for several")
    names = Settings.__dataclass_fields__.keys() - {"hosts"}
    return Settings(hosts=hosts, **{name: _checked(name, getattr(options, name)) for name in names})


def _checked(name: str, value: Any) -> Any:
    """Once more: what comes from the web page has seen no parser. Raises SettingsError."""
    try:
        return value if value is None else _types[name](str(value))
    except (ArgumentTypeError, ValueError) as error:
        raise SettingsError(f"--{name.replace('_', '-')} {error}") from error


def shape_of(options: Namespace) -> Steps | Spike | None:
    """None where Locust's own -u, -r and -t say. Raises SettingsError."""
    if options.shape == "constant":
        return None
    if options.run_time:
        raise SettingsError(f"--shape {options.shape} ends by itself; leave out -t (--run-time)")
    if options.shape == "steps":
        return Steps(options.steps, options.step_seconds)
    return Spike(
        options.spike_from, options.spike_to, options.spike_at, options.spike_seconds, options.spike_after
    )


def _is_local(hostname: str) -> bool:
    try:
        return ip_address(hostname).is_loopback
    except ValueError:
        return hostname == "localhost" or hostname.endswith(".localhost")


def _number(text: str, what: str, is_fit: Callable[[float], bool]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or not is_fit(number):
        raise ArgumentTypeError(f"must be {what}, not {text!r}")
    return number


def _at_least(least: float) -> Callable[[str], float]:
    return lambda text: _number(text, f"a number >= {least}", lambda number: number >= least)


def _above(limit: float) -> Callable[[str], float]:
    return lambda text: _number(text, f"a number > {limit}", lambda number: number > limit)


def _between(least: float, most: float) -> Callable[[str], float]:
    return lambda text: _number(text, f"a number from {least} to {most}", lambda n: least <= n <= most)


def _whole(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        return int(_number(text, f"a whole number >= {least}", lambda n: n >= least and n == int(n)))

    return parse


def _counts(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise ArgumentTypeError(f"must be whole numbers > 0, such as 100,250,500, not {text!r}")
    return tuple(map(int, parts))

"""The common part of all customers: a connection, a way to ask, a pause between actions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import gevent
from locust import FastHttpUser, TaskSet
from locust.env import Environment
from locust.exception import StopUser
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_WAITING

import lifecycle  # noqa: F401 (Locust's events)
from answers import Answer, Check, judge, no_answer
from connection import NO_ANSWER, Connection
from customer import Customer
from stage import current_stage


class ShopUser(FastHttpUser):
    """
    A user on one of the hosts. It is one customer after the other: each history of a cart stays short enough
    to be judged, and a cart of which something is unknown can be left behind.
    """

    abstract = True
    think_seconds = 2.0
    """The mean pause between actions, before --think scales it."""

    def __init__(self, environment: Environment) -> None:
        stage = current_stage()
        number = next(stage.users)
        hosts = stage.settings.hosts
        self.host = hosts[(number + stage.process) % len(hosts)]
        super().__init__(environment)
        self.stage = stage
        self.random = stage.random_of(number)
        self._connection = Connection(self.host, stage.settings.timeout)
        self._name = f"locust-{stage.run}-{stage.process}-{number}"
        self._customers = 0
        self._intended: float | None = None
        self._not_before = 0.0
        self._is_leaving = False
        self.customer = self._next_customer()
        self.etags: dict[int, str] = {}
        """Of the products this user has seen last."""

    def stop(self, force: bool = False) -> bool:
        """
        Locust kills a user it finds waiting. One that wakes up before the kill arrives must not begin
        anything: its request would be cut off.
        """
        self._is_leaving = True
        return bool(super().stop(force))

    def on_stop(self) -> None:
        self._connection.close()

    def draw(self) -> int:
        """A product's number."""
        return self.stage.demand.draw(self.random)

    def label(self, product: int) -> str:
        """The name under which the next read of the product is counted, beside its route."""
        return self.stage.demand.label(product, self._intended or time.perf_counter())

    def change_customer(self) -> None:
        """Another customer comes, with an empty cart."""
        self.customer = self._next_customer()

    def ask(
        self,
        method: str,
        name: str,
        path: str,
        check: Check,
        body: Mapping[str, object] | None = None,
        headers: str = "",
        variants: Mapping[str, str] | None = None,
    ) -> Answer:
        """
        Asks the shop, judges its answer and tells Locust under the route-like `name`. `variants` are answers
        to be counted under a name of their own, by status or code, a code being a proper answer then. The
        latency is counted from when an open load meant the request to begin.
        """
        begun = self._intended or time.perf_counter()
        self._intended = None
        payload = json.dumps(body).encode() if body is not None else b""
        size = 0
        try:
            response = self._connection.ask(method, path, payload, headers)
            ms = (time.perf_counter() - begun) * 1000
            size = len(response.content)
            answer = judge(response.status, response.headers, response.content, check, variants or ())
        except NO_ANSWER as error:
            ms = (time.perf_counter() - begun) * 1000
            answer = no_answer(error)
        if variants and answer.is_ok:
            name += variants.get(answer.error or str(answer.status), "")
        self.environment.events.request.fire(
            request_type=method,
            name=name,
            response_time=ms,
            response_length=size,
            exception=answer.problem,
            response=None,
            context={},
        )
        if answer.problem and answer.retry_after:
            self._not_before = time.monotonic() + self._politely(answer.retry_after)
        return answer

    def pause(self, seconds: float) -> None:
        """Within an action; a user that is to leave leaves at once."""
        self._state = LOCUST_STATE_WAITING
        gevent.sleep(self._politely(seconds))
        self._state = LOCUST_STATE_RUNNING
        self._leave_if_told()

    def wait_for_turn(self) -> None:
        """Until an arrival of the open load is this user's; else until it has thought, and may come again."""
        if self.stage.arrivals:
            self._intended = self.stage.arrivals.next()
        else:
            think = self.stage.settings.think * self.think_seconds * self.random.uniform(0.5, 1.5)
            gevent.sleep(max(think, self._not_before - time.monotonic()))
        self._leave_if_told()

    def _leave_if_told(self) -> None:
        if self._is_leaving:
            raise StopUser

    def _politely(self, seconds: float) -> float:
        """Not all at the same moment."""
        return seconds * self.random.uniform(1, 1.5)

    def _next_customer(self) -> Customer:
        self._customers += 1
        return Customer(f"{self._name}-{self._customers}", self.ask, self.pause, self.stage.history)


class Habits(TaskSet):
    """Tasks drawn by their weights from the user's own random numbers."""

    user: ShopUser

    def on_start(self) -> None:
        self.wait()

    def get_next_task(self) -> TaskSet | Callable[..., Any]:
        return self.user.random.choice(self.tasks)

    def _sleep(self, _seconds: float) -> None:
        self.user.wait_for_turn()

"""Carries the conversation with AURA on the clock of the run.

The session says what to send and how long to pause; here a pause is run time, and a request goes
through an outlet, which answers with an event of the run: at once in the same process, or when the
answer has come over the network.
"""

from collections.abc import Generator
from typing import NamedTuple, Protocol, TypeVar, cast

import simpy

from simulator.aura import Call, Pause, Request, Response, Session, TransportError
from simulator.gateway.hearing import Hear, Heard

_T = TypeVar("_T")


class Outlet(Protocol):
    """Where requests leave the run."""

    def send(self, request: Request) -> simpy.Event:
        """Return an event that brings the `Response`, or fails with a `TransportError`."""
        ...


class Delivered(NamedTuple):
    """The requests that a call took, and the last status."""

    attempts: int
    status: int


class Courier:
    """Performs calls as processes of an environment."""

    def __init__(self, env: simpy.Environment, session: Session, outlet: Outlet) -> None:
        self._env = env
        self._session = session
        self._outlet = outlet

    def perform(
        self, call: Call[_T], hear: Hear | None = None
    ) -> Generator[simpy.Event, object, tuple[_T, Delivered]]:
        """Carry out a call; raise what the session raises. `hear` is told each of its requests."""
        steps = self._session.perform(call)
        attempts = status = 0
        try:
            step = next(steps)
            while True:
                if isinstance(step, Pause):
                    yield self._env.timeout(step.seconds)
                    step = steps.send(None)
                    continue
                is_ours = step.body is call.body  # not a request for a token
                attempts += is_ours
                began_s = self._env.now
                try:
                    response = cast(Response, (yield self._outlet.send(step)))
                except TransportError as error:
                    # SimPy raises a copy; what failed, with its reason, is the cause of the copy
                    cause = error.__cause__
                    trouble = cause if isinstance(cause, TransportError) else error
                    if hear and is_ours:
                        hear(Heard(step, trouble, began_s, self._env.now))
                    step = steps.throw(trouble)
                else:
                    status = response.status
                    if hear and is_ours:
                        hear(Heard(step, response, began_s, self._env.now))
                    step = steps.send(response)
        except StopIteration as done:
            return done.value, Delivered(attempts, status)

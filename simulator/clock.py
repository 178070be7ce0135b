"""Who turns the SimPy environment of a run, and how times are written.

In virtual time the environment turns itself, as fast as it goes. In scaled and real time a `Pacer`
sleeps to the next event and lets the outside world (an HTTP answer, a byte on a port) enter as an
event at the present moment. This module is the only one that reads the machine's clocks.
"""

import asyncio
import math
import re
import time  # noqa: TID251 - the one place that reads the machine's clocks
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import simpy

from simulator.errors import InputError

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_LONGEST_SLEEP_S = 3600.0
_LEAP = re.compile(r"(?<=T\d\d:\d\d):60(?=[.,Z+-]|$)")
_BURST = 256  # events handled before other tasks of the loop get a turn

wall_s: Callable[[], float] = time.time
"""Return the seconds since 1970 by this machine's clock."""

monotonic_s: Callable[[], float] = time.perf_counter
"""Return seconds that never run backwards, for measuring what we spend ourselves."""


class ClockError(InputError):
    """A duration, a time or a clock mode is not written as we read it."""


@dataclass(frozen=True, slots=True)
class ClockMode:
    """How run time relates to wall time: `speed` run seconds a second, or None for no relation."""

    speed: float | None

    @property
    def is_virtual(self) -> bool:
        """Return whether the run goes as fast as it can."""
        return self.speed is None

    def __str__(self) -> str:
        if self.speed is None:
            return "virtual"
        return "real" if self.speed == 1.0 else f"scaled={self.speed:g}"


VIRTUAL = ClockMode(None)
REAL = ClockMode(1.0)


def clock_mode(text: str) -> ClockMode:
    """Read `virtual`, `real` or `scaled=60`."""
    if text in ("virtual", "real"):
        return VIRTUAL if text == "virtual" else REAL
    found = re.fullmatch(r"scaled=(\d+(?:\.\d+)?)", text)
    if not found or float(found[1]) <= 0:
        message = (
            f"'{text}' is no clock. Say virtual, real, or scaled=60 for sixty times real time."
        )
        raise ClockError(message)
    return ClockMode(float(found[1]))


def duration_s(text: str) -> float:
    """Read a duration such as `24h`, `30s`, `1h30m` or `500ms` into seconds."""
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*(ms|min|[smhdw])", text)
    if not parts or "".join(re.split(r"\s", text)) != "".join(n + u for n, u in parts):
        message = f"'{text}' is no duration. Write for example 30s, 15m, 24h, 7d or 1h30m."
        raise ClockError(message)
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


class Duration(float):
    """Seconds of run time that a file writes as a duration, such as `24h`."""


def read_duration(kind: type, written: object) -> Duration:
    """Read what a file says into a `Duration`: the `dec_hook` of whatever has such a field."""
    if kind is not Duration:
        raise NotImplementedError
    if not isinstance(written, str):
        message = f'{written!r} is no duration. Write a text, for example "30s" or "24h".'
        raise ClockError(message)
    return Duration(duration_s(written))


def iso(epoch_s: float, *, digits: int = 0) -> str:
    """Write seconds since 1970 as ISO 8601 in UTC, with so many digits of the second."""
    moment = datetime.fromtimestamp(round(epoch_s, digits), UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return (
        f"{text}.{moment.microsecond:06d}"[: len(text) + 1 + digits] + "Z" if digits else text + "Z"
    )


def epoch_s(text: str) -> float:
    """Read ISO 8601 into seconds since 1970; a time without a zone is UTC.

    A leap second, 23:59:60, has no number of its own: it is read as the second after it, as clocks
    of machines do.
    """
    plain, leaps = _LEAP.subn(":59", text)
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError as error:
        message = f"'{text}' is no time. Write ISO 8601, for example 2026-06-10T09:30:00Z."
        raise ClockError(message) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() + leaps


class Pacer:
    """Turns an environment in step with the wall clock, `speed` run seconds a second."""

    def __init__(self, env: simpy.Environment, speed: float = 1.0) -> None:
        self._env = env
        self._speed = speed
        self._offset = env.now - monotonic_s() * speed
        self._nudge = asyncio.Event()

    def now(self) -> float:
        """Return the run time of this moment; never behind the environment."""
        return max(self._env.now, self._offset + monotonic_s() * self._speed)

    def post(self, happening: Callable[[], object]) -> None:
        """Let something from outside happen now: call it at the present run time."""
        arrival = self._env.timeout(self.now() - self._env.now)

        def happen(_: simpy.Event) -> None:
            happening()

        arrival.callbacks.append(happen)
        self._nudge.set()

    async def run(self, until: float | simpy.Event) -> None:
        """Handle all events, each when it is due, to a run time or until an event happened."""
        end = until if isinstance(until, float | int) else math.inf
        handled = 0
        while isinstance(until, float | int) or not until.processed:
            due = min(self._env.peek(), end)
            wait = (due - self.now()) / self._speed
            if wait > 0:
                await self._sleep(wait)
                continue
            if due >= end:
                return
            self._env.step()
            handled += 1
            if handled % _BURST == 0:
                await asyncio.sleep(0)

    async def _sleep(self, wait_s: float) -> None:
        """Sleep until something is due or something came in."""
        self._nudge.clear()
        try:
            async with asyncio.timeout(min(wait_s, _LONGEST_SLEEP_S)):
                await self._nudge.wait()
        except TimeoutError:
            return

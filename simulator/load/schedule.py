"""When which device says what: known before the test, whatever the target does.

Devices speak in turn, in an order drawn once; how many messages a second are due says the shape,
and chance where in the second. Every device lives the same round over and over, each from a place
of its own: a press, its positions, its cancel, and a while of battery reports. All of it is keyed:
any number of workers, each with its share of the devices, make the same schedule.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.draws import draws
from simulator.errors import InputError
from simulator.frame import Kind
from simulator.journal import DeviceLinked, EventSent, read_journal
from simulator.load.shapes import Curve
from simulator.rng import Rng

KINDS = (Kind.PRESS, Kind.MOVE, Kind.CANCEL, Kind.BATTERY, Kind.OTHER)
"""The kinds of messages by their codes."""
PRESS, MOVE, CANCEL, BATTERY, OTHER = range(len(KINDS))
CODES = {kind: code for code, kind in enumerate(KINDS)}
_MOST = 1000

Whole = NDArray[np.int64]


class Slice(NamedTuple):
    """Messages in the order in which they are due: seconds, number of the device, kind."""

    due_s: list[float]
    devices: list[int]
    kinds: list[int]


class Schedule(Protocol):
    """Messages that are due."""

    def slices(self) -> Iterator[Slice]:
        """Yield what is due, piece by piece in time; each piece is worked out when asked for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a device says in one round of its life, and how often; a press comes first."""

    press: int = 1
    move: int = 6
    cancel: int = 1
    battery: int = 12

    def __post_init__(self) -> None:
        counts = (self.press, self.move, self.cancel, self.battery)
        if min(counts) < 0 or not 0 < sum(counts) <= _MOST or self.cancel > max(self.press, 0):
            message = (
                f"A round has 1 to {_MOST} messages, and no more cancels than presses. "
                "Write for example messages = { press = 1, move = 6, cancel = 1, battery = 12 }."
            )
            raise InputError(message)

    def codes(self) -> list[int]:
        """Return the kinds of one round in order."""
        told = [PRESS] * self.press + [MOVE] * (self.move if self.press else 0)
        calm = [BATTERY] * (self.battery + (0 if self.press else self.move))
        return told + [CANCEL] * self.cancel + calm


class ShapeSchedule:
    """The schedule of a shape, for the devices of one shard of how many."""

    def __init__(
        self,
        curve: Curve,
        for_s: float,
        *,
        devices: int,
        life: Round,
        seed: int,
        shard: tuple[int, int] = (0, 1),
    ) -> None:
        self._curve = curve
        self._for_s = for_s
        self._devices = devices
        self._codes = np.array(life.codes(), dtype=np.int64)
        self.shard = shard
        rng = Rng(seed)
        self._chance = np.array([rng.stream(0, "load-times").key], np.uint64)
        order = draws(np.array([rng.stream(0, "load-order").key], np.uint64), _counts(devices))
        self._order = np.argsort(order, kind="stable")
        phase = draws(np.array([rng.stream(0, "load-phase").key], np.uint64), _counts(devices))
        is_calm = bool((self._codes == BATTERY).any())  # else an emergency is all there is
        self._phase = (phase * len(self._codes) * is_calm).astype(np.int64)

    def slices(self) -> Iterator[Slice]:
        """Yield a second at a time, or less where much is due."""
        begun = 0
        for from_s, to_s in _spans(self._curve, self._for_s):
            ends = self._curve.count(to_s)
            numbers = np.arange(begun, ends, dtype=np.int64)
            chance = draws(self._chance, numbers.astype(np.uint64))
            due = self._curve.times(from_s, to_s, chance)
            yield self._of_shard(due, *self.spoken(numbers))
            begun = ends

    def spoken(self, numbers: Whole) -> tuple[Whole, Whole]:
        """Return the device and the kind of messages, by their numbers in the whole test."""
        device = self._order[numbers % self._devices]
        phase = self._phase[device]
        place = phase + numbers // self._devices
        codes = self._codes[place % len(self._codes)]
        before = (place < len(self._codes)) & (phase > 0)  # its first round has not begun
        return device, np.where(before, BATTERY, codes)

    def _of_shard(self, due: NDArray[np.float64], device: Whole, kinds: Whole) -> Slice:
        shard, shards = self.shard
        if shards > 1:
            mine = device % shards == shard
            due, device, kinds = due[mine], device[mine], kinds[mine]
        return Slice(due.tolist(), device.tolist(), kinds.tolist())


class ReplaySchedule:
    """The device events of a journal, when they were; devices are told apart as there."""

    def __init__(
        self, journal: Path, *, speed: float = 1.0, shard: tuple[int, int] = (0, 1)
    ) -> None:
        self.shard = shard
        self.mix, events = _heard(journal)
        first_s = events[0][0] if events else 0.0
        self._events = [((at_s - first_s) / speed, device, kind) for at_s, device, kind in events]

    @property
    def lasts_s(self) -> float:
        """Return when the last message is due."""
        return self._events[-1][0] if self._events else 0.0

    def slices(self) -> Iterator[Slice]:
        """Yield all, a thousand at a time."""
        shard, shards = self.shard
        mine = [event for event in self._events if event[1] % shards == shard]
        for at in range(0, len(mine), 1000):
            part = mine[at : at + 1000]
            yield Slice([e[0] for e in part], [e[1] for e in part], [e[2] for e in part])


class Saturation:
    """Always one more: for a transport that asks when it has room. Nothing of it is due."""

    def __init__(self, schedule: ShapeSchedule) -> None:
        self._schedule = schedule

    def slices(self) -> Iterator[Slice]:
        """Yield without an end."""
        shard, shards = self._schedule.shard
        begun = 0
        while True:
            numbers = np.arange(begun, begun + 4096, dtype=np.int64)
            device, kinds = self._schedule.spoken(numbers)
            if shards > 1:
                mine = device % shards == shard
                device, kinds = device[mine], kinds[mine]
            yield Slice([0.0] * len(device), device.tolist(), kinds.tolist())
            begun += 4096


def _counts(number: int) -> NDArray[np.uint64]:
    return np.arange(number, dtype=np.uint64)


def _spans(curve: Curve, for_s: float) -> Iterator[tuple[float, float]]:
    """Yield spans of time with about a thousand messages each, a second at most.

    A span is worked out while messages are due: one of a thousand takes a tenth of a millisecond.
    """
    at_s = 0.0
    while at_s < for_s:
        whole = curve.count(min(at_s + 1.0, for_s)) - curve.count(at_s)
        parts = max(1, whole // 1024)
        ends_s = min(at_s + 1.0, for_s)
        edges = [at_s + (ends_s - at_s) * part / parts for part in range(parts)] + [ends_s]
        yield from pairwise(edges)
        at_s = ends_s


def _heard(journal: Path) -> tuple[dict[str, int], list[tuple[float, int, int]]]:
    """Return the mix of a journal, and (second, device, kind) of its device events in order."""
    profiles: dict[str, str] = {}
    events: list[tuple[float, str, int]] = []
    for record in read_journal(journal):
        if isinstance(record, DeviceLinked):
            profiles[record.device] = record.profile
        elif isinstance(record, EventSent) and _is_said(record):
            events.append((record.t, record.device, CODES.get(Kind(record.kind), OTHER)))
    known = [event for event in events if event[1] in profiles]
    if not known:
        message = f"{journal} holds no device events to replay. Name the folder of a run that has."
        raise InputError(message)
    numbered = _numbered(profiles)
    mix: dict[str, int] = {}
    for profile in sorted(profiles.values()):
        mix[profile] = mix.get(profile, 0) + 1
    return mix, sorted((at_s, numbered[device], kind) for at_s, device, kind in known)


def _is_said(record: EventSent) -> bool:
    """Return whether a device said this, not an operator; a load test counts no frames."""
    return record.seq is not None or record.message == f"{record.press}:{record.kind}"


def _numbered(profiles: dict[str, str]) -> dict[str, int]:
    """Return the devices with their numbers: by profile, then as they were linked."""
    order = sorted(enumerate(profiles), key=lambda item: (profiles[item[1]], item[0]))
    return {device: number for number, (_, device) in enumerate(order)}


def total(slices: Iterable[Slice]) -> int:
    """Return how many messages there are."""
    return sum(len(piece.due_s) for piece in slices)

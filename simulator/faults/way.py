"""What goes wrong on the way of one device: a link around its link.

The radio does what it would have done without the fault: it draws the same chances, spends the same
air time and quota; then the fault takes, delays or repeats what would have arrived.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from simulator.device import Position
from simulator.faults.fault import (
    Delay,
    Fault,
    GatewayDown,
    HalfOpen,
    LinkDuplicate,
    LinkReorder,
    Loss,
    NoCoverage,
)
from simulator.faults.scope import is_there
from simulator.faults.telling import Teller
from simulator.frame import Frame, Kind
from simulator.link import Link, Passage
from simulator.rng import Stream

_F = TypeVar("_F", bound=Fault)
_KEPT = "kept until the network is back"
_FORWARD_S = 0.05
_WHY = {
    NoCoverage: "no coverage",
    GatewayDown: "gateway down",
    HalfOpen: "half-open connection",
    Loss: "loss",
}


class FaultyLink:
    """The way of one unit with its faults. Mutable: it knows where the unit was last."""

    def __init__(
        self, link: Link, device: str, strikes: Callable[[str], Stream], teller: Teller
    ) -> None:
        self.link = link
        self.resends = 0  # how often the device sends again before it connects anew
        self._device = device
        self._strikes = strikes
        self._teller = teller
        self._faults: tuple[Fault, ...] = ()
        self._position: Position | None = None
        self._forwards_s = -1.0  # when the latest frame that was kept is forwarded
        self._renewed: dict[
            str, float
        ] = {}  # by half-open fault: which one is over by reconnecting
        self._streams: dict[str, Stream] = {}

    def concern(self, faults: Sequence[Fault]) -> None:
        """Let these faults, and no others, concern the way from now on."""
        self._faults = tuple(faults)

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Take a frame, and let the faults have their way with it."""
        self._position = position
        passage = self.link.send(now, frame, position)
        for fault in self._on(now):
            if not passage.arrivals_s:
                break
            arrivals, what = self._strike(fault, now, frame, passage.arrivals_s)
            if what is None:
                continue
            self._teller.tell(fault, self._device, now, what, press=frame.press, seq=frame.sequence)
            lost = None if arrivals else f"{what} ({fault.title})"
            passage = Passage(
                tuple(sorted(arrivals)), lost, passage.waits_s, passage.air_s, passage.position
            )
        return passage

    def reply(self, now: float) -> float | None:
        """Carry the server's reply back, unless a fault keeps or loses it."""
        at_s = self.link.reply(now)
        for fault in self._on(now):
            if at_s is None:
                break
            if self._loses_reply(fault, now):
                self._teller.tell(fault, self._device, now, "a reply is lost")
                at_s = None
            elif isinstance(fault, Delay) and self._stream(fault).chance(fault.strength):
                at_s += self._stream(fault).uniform(*fault.delay_s)
                self._teller.tell(fault, self._device, now, "a reply is late")
        return at_s

    def _strike(
        self, fault: Fault, now: float, frame: Frame, arrivals: tuple[float, ...]
    ) -> tuple[tuple[float, ...], str | None]:
        """Return when copies arrive in spite of a fault, and what it did; None where nothing."""
        chance = self._stream(fault)
        match fault:
            case NoCoverage():
                return (), _WHY[NoCoverage]
            case HalfOpen():
                is_dead = self._is_half_open(fault, now, frame)
                return ((), _WHY[HalfOpen]) if is_dead else (arrivals, None)
            case GatewayDown():
                return self._detained(fault, now, arrivals)
            case Loss():
                return ((), _WHY[Loss]) if chance.chance(fault.strength) else (arrivals, None)
            case Delay() if chance.chance(fault.strength):
                late_s = chance.uniform(*fault.delay_s)
                return tuple(at_s + late_s for at_s in arrivals), f"late by {late_s:.1f} s"
            case LinkReorder() if chance.chance(fault.strength):
                late_s = chance.uniform(0.0, fault.within_s)
                return tuple(at_s + late_s for at_s in arrivals), f"held up for {late_s:.1f} s"
            case LinkDuplicate() if chance.chance(fault.strength):
                more = (chance.uniform(0.0, fault.within_s) for _ in range(fault.times))
                copies = (*arrivals, *(arrivals[0] + late_s for late_s in more))
                return copies, f"{fault.times} more copies"
        return arrivals, None

    def _detained(
        self, fault: GatewayDown, now: float, arrivals: tuple[float, ...]
    ) -> tuple[tuple[float, ...], str]:
        """Return when what reached a base station is forwarded, once the network is back."""
        ends_s = self._teller.began_s + fault.changes_after(self._teller.since_began_s(now))
        if not fault.keeps or ends_s == float("inf"):
            return (), _WHY[GatewayDown]
        if self._forwards_s < ends_s:
            self._forwards_s = ends_s + self._stream(fault).uniform(0.0, fault.burst_s)
        else:  # one after the other, in the order in which they came
            self._forwards_s += _FORWARD_S
        return tuple(max(at_s, self._forwards_s) for at_s in arrivals[:1]), _KEPT

    def _is_half_open(self, fault: HalfOpen, now: float, frame: Frame) -> bool:
        """Return whether the connection is dead; a login, or giving up, makes a new one."""
        began_s = fault.began_s(self._teller.since_began_s(now))
        if began_s is None or self._renewed.get(fault.title) == began_s:
            return False
        if frame.kind is Kind.LOGIN:
            self._renewed[fault.title] = began_s
            return False
        if self.resends and frame.attempt > self.resends:
            self._renewed[fault.title] = began_s
        return True

    def _loses_reply(self, fault: Fault, now: float) -> bool:
        match fault:
            case Loss():
                return self._stream(fault).chance(fault.strength)
            case HalfOpen():
                began_s = fault.began_s(self._teller.since_began_s(now))
                return self._renewed.get(fault.title) != began_s
        return isinstance(fault, NoCoverage | GatewayDown)

    def _on(self, now: float) -> Iterator[Fault]:
        """Yield the faults that are there now, where the unit was heard last."""
        at_s = self._teller.since_began_s(now)
        for fault in self._faults:
            if fault.is_on(at_s) and (
                fault.area is None or (self._position and is_there(fault, self._position))
            ):
                yield fault

    def _stream(self, fault: Fault) -> Stream:
        stream = self._streams.get(fault.title)
        if stream is None:
            stream = self._streams[fault.title] = self._strikes(fault.title)
        return stream

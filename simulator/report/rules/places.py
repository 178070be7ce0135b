"""Promises about positions: told in the order of their time, and true within reason."""

from collections.abc import Callable
from math import cos, hypot, radians

from simulator.journal import EventSent, FaultApplied, FrameSent, Received, RunResumed
from simulator.report.breach import Breach, Invariant, line

_STEP_S = 1.0  # native times are whole seconds
_METRES_PER_DEGREE = 111_320.0
_MISPLACING = ("clock", "no-fix", "frozen-fix", "teleport", "reorder", "link-reorder", "delay")
FAR_M = 50_000.0  # no position service errs so much; a wrong sign or scale does


class PlaceRules:
    """Watches positions. It remembers of each device the latest that AURA was told, and its place.

    A device with a frame that was mutated, or with a fault that upsets its places or their order,
    is excused from then on.
    """

    def __init__(self, report: Callable[[Breach], None]) -> None:
        self._report = report
        self._told: dict[str, EventSent] = {}
        self._been: dict[str, FrameSent] = {}
        self._excused: set[str] = set()

    def resumed(self, _: RunResumed) -> None:
        """Forget: a device that was started anew walks another way."""
        self._told.clear()
        self._been.clear()

    def sent(self, record: FrameSent) -> None:
        """Remember where a device truly is."""
        if record.latitude is not None:
            self._been[record.device] = record
        if record.mutation is not None:
            self._excused.add(record.device)

    def faulted(self, record: FaultApplied) -> None:
        """Excuse a device whose places a fault upsets."""
        if record.kind in _MISPLACING:
            self._excused.add(record.device)

    def received(self, record: Received) -> None:
        """Check what a frame says of the place against where the device is."""
        been = self._been.get(record.device)
        if record.latitude is None or record.longitude is None or been is None:
            return
        away_m = _distance_m(been, record.latitude, record.longitude)
        if away_m > FAR_M and record.device not in self._excused:
            what = f"frame {record.seq} says a place {away_m / 1000:.0f} km from the device"
            self._tell(Invariant.PLACE, record, what, line(been), line(record))

    def asked(self, record: EventSent) -> None:
        """Check that no position is older than the one that AURA was told before."""
        if record.located_s is None or record.device in self._excused:
            return
        before = self._told.get(record.device)
        if before and before.located_s and record.located_s + _STEP_S < before.located_s:
            late_s = before.located_s - record.located_s
            what = f"AURA is told a position {late_s:.1f} s older than the one before"
            self._tell(Invariant.LOCATED, record, what, line(before), line(record))
        self._told[record.device] = record

    def _tell(
        self, promise: Invariant, record: Received | EventSent, what: str, *trace: str
    ) -> None:
        message = f"{record.device}: {what}"
        self._report(Breach(promise, record.t, record.device, message, trace))


def _distance_m(been: FrameSent, latitude: float, longitude: float) -> float:
    """Return a distance that is good enough to tell near from far."""
    north = latitude - (been.latitude or 0.0)
    east = (longitude - (been.longitude or 0.0) + 180.0) % 360.0 - 180.0
    return hypot(north, east * cos(radians(latitude))) * _METRES_PER_DEGREE

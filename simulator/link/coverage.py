"""Coverage: where there is a network at all, as areas with holes, and a link that heeds it."""

from msgspec import Struct

from simulator.device import Position
from simulator.device.area import Area
from simulator.frame import Frame
from simulator.link._contract import Link, Passage

NO_COVERAGE = "no coverage"


class Coverage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a network is heard: in any of the areas, and in none of the holes."""

    areas: tuple[Area, ...] = ()  # none: everywhere
    holes: tuple[Area, ...] = ()  # tunnels, basements, valleys
    networks: tuple[str, ...] = ()  # sigfox, lorawan, cellular, ble, direct; none: all of them

    def covers(self, position: Position) -> bool:
        """Return whether a device at a position is heard."""
        if any(hole.contains(position) for hole in self.holes):
            return False
        return not self.areas or any(area.contains(position) for area in self.areas)

    def concerns(self, network: str) -> bool:
        """Return whether the coverage is one of a network."""
        return not self.networks or network in self.networks


class CoveredLink:
    """The radio of one unit that may be out of coverage. Mutable: it knows where it was last."""

    __slots__ = ("_coverage", "_is_covered", "_link")

    def __init__(self, link: Link, coverage: Coverage) -> None:
        self._link = link
        self._coverage = coverage
        self._is_covered = True

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Send a frame; out of coverage the radio spends its air time for nothing."""
        passage = self._link.send(now, frame, position)
        self._is_covered = self._coverage.covers(position)
        if self._is_covered or passage.lost:
            return passage
        return Passage(lost=NO_COVERAGE, waits_s=passage.waits_s, air_s=passage.air_s)

    def reply(self, now: float) -> float | None:
        """Carry a reply to a unit that was in coverage when it last spoke."""
        return self._link.reply(now) if self._is_covered else None

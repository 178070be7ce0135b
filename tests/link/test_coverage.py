"""Coverage: areas with holes, and what becomes of frames outside of it."""

from simulator.device import Position, moved
from simulator.device.area import Area
from simulator.frame import Frame, Kind
from simulator.link import Coverage, CoveredLink, Passage

HOME = Position(-26.2, 28.0)
TOWN = Area(latitude=-26.2, longitude=28.0, radius_m=5000.0)
TUNNEL = Area(latitude=-26.2, longitude=28.0, radius_m=50.0)
FRAME = Frame("gt06/1", 0, Kind.MOVE, b"\x01", 0.0)


class _Clear:
    """A link that loses nothing."""

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Deliver at once."""
        del frame, position
        return Passage((now + 1.0,), air_s=0.5)

    def reply(self, now: float) -> float | None:
        """Deliver at once."""
        return now + 1.0


def test_a_network_is_heard_in_its_areas_and_not_in_its_holes() -> None:
    """Without areas it is heard everywhere."""
    coverage = Coverage(areas=(TOWN,), holes=(TUNNEL,))

    assert coverage.covers(moved(HOME, 1000.0, 0.0))
    assert not coverage.covers(HOME)
    assert not coverage.covers(moved(HOME, 9000.0, 0.0))
    assert Coverage(holes=(TUNNEL,)).covers(moved(HOME, 9e6, 0.0))


def test_a_coverage_is_that_of_some_networks() -> None:
    """Or of all."""
    assert Coverage().concerns("sigfox")
    assert Coverage(networks=("lorawan",)).concerns("lorawan")
    assert not Coverage(networks=("lorawan",)).concerns("sigfox")


def test_out_of_coverage_frames_are_lost_and_air_time_is_spent() -> None:
    """The radio does not know that nobody hears it; no reply comes either."""
    link = CoveredLink(_Clear(), Coverage(areas=(TOWN,)))

    heard = link.send(0.0, FRAME, HOME)
    replied = link.reply(2.0)
    unheard = link.send(10.0, FRAME, moved(HOME, 9000.0, 0.0))

    assert (heard.arrivals_s, replied) == ((1.0,), 3.0)
    assert (unheard.arrivals_s, unheard.lost, unheard.air_s) == ((), "no coverage", 0.5)
    assert link.reply(12.0) is None

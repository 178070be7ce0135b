"""Radios that are asked together say what each says alone."""

import numpy as np
import pytest

from simulator.device import Position
from simulator.draws import stream_keys
from simulator.frame import Frame, Kind
from simulator.link import Ble, Cellular, Direct, Passage
from simulator.link.many import DRAWS, is_alike, send_many, together
from simulator.profile import BleLink, CellularLink, DirectLink
from simulator.rng import Rng, Stream

RADIOS = [
    (Cellular, CellularLink(loss=0.3, delay_s=(0.1, 2.0))),
    (Direct, DirectLink(loss=0.3, delay_s=(0.0, 0.5))),
]
HERE = Position(-26.2, 28.0)


@pytest.mark.parametrize(("kind", "radio"), RADIOS)
def test_sending_together_is_sending_alone(
    kind: type[Cellular], radio: CellularLink | DirectLink
) -> None:
    """Losses, delays, and what is taken from each stream."""
    devices = np.arange(40).astype(np.uint64)
    keys = stream_keys(Rng(3), devices, "air")
    drawn, at_s = np.arange(40).astype(np.uint32), np.arange(40).astype(np.float64) * 7.5
    alone, counts = list[Passage](), set[int]()
    for key, count, now in zip(keys.tolist(), drawn.tolist(), at_s.tolist(), strict=True):
        air = Stream(key, count)
        frame = Frame("d/1", 1, Kind.MOVE, b"", now)
        alone.append(kind(radio, air).send(now, frame, HERE))  # type: ignore[arg-type]  # its own
        counts.add(air.count - count)

    many, expected = send_many(radio, keys, drawn, at_s), together(alone)

    assert counts == {DRAWS}
    assert any(many.lost)
    assert list(many.lost) == list(expected.lost)
    assert many.frames.tolist() == expected.frames.tolist()
    assert many.arrivals_s.tolist() == expected.arrivals_s.tolist()
    assert many.air_s.tolist() == expected.air_s.tolist()
    assert many.waits_s.tolist() == expected.waits_s.tolist()


def test_radios_that_remember_are_asked_one_by_one() -> None:
    """And those that advertise draw as often as they are heard."""
    assert is_alike(Direct(DirectLink(loss=0.1, delay_s=(0, 1)), Stream(1)))
    assert not is_alike(Ble(BleLink(loss=0.1, delay_s=(0, 1)), Stream(1)))

"""The radios of many units that send at the same time: what `send` of each says, in columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Counts, Floats, Keys, draws
from simulator.link._contract import CoarsePosition, Link, Passage
from simulator.link.cellular import Cellular
from simulator.link.direct import Direct
from simulator.profile import CellularLink, DirectLink

DRAWS = 2
"""What a frame takes from the stream of the air, where radios are asked many at a time."""


@dataclass(slots=True)
class Passages:
    """What becomes of many frames: a row a frame; of the arrivals, a row a copy.

    `frames` says whose copy each is; copies of one frame are in the order of their arrival.
    """

    lost: Sequence[str | None]
    air_s: Floats
    waits_s: Floats
    frames: NDArray[np.intp]
    arrivals_s: Floats
    positions: Sequence[CoarsePosition | None] | None = None


def is_alike(link: Link) -> bool:
    """Return whether many radios of this kind can be asked at a time."""
    return isinstance(link, Cellular | Direct)


def send_many(radio: CellularLink | DirectLink, air: Keys, drawn: Counts, at_s: Floats) -> Passages:
    """Send a frame each, given the keys of the streams of the air; `DRAWS` of each are taken."""
    where = "internet" if isinstance(radio, DirectLink) else "air"
    is_lost = draws(air, drawn) < radio.loss
    low, high = radio.delay_s
    delays_s = low + (high - low) * draws(air, drawn + np.uint32(1))
    frames = np.flatnonzero(~is_lost)
    nothing = np.zeros(len(at_s))
    lost = [where if one else None for one in is_lost.tolist()]
    return Passages(lost, nothing, nothing, frames, (at_s + delays_s)[frames])


def together(passages: Sequence[Passage]) -> Passages:
    """Return what radios said one by one."""
    counts = [len(one.arrivals_s) for one in passages]
    arrivals_s = [at_s for one in passages for at_s in one.arrivals_s]
    return Passages(
        [one.lost for one in passages],
        np.array([one.air_s for one in passages]),
        np.array([one.waits_s for one in passages]),
        np.repeat(np.arange(len(passages)), counts),
        np.array(arrivals_s, np.float64),
        [one.position for one in passages],
    )

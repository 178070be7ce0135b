"""The records of a frame: that it was sent, and what became of it in the air."""

from simulator.device import Position
from simulator.frame import Frame
from simulator.journal import FrameSent, OnAir
from simulator.link import Passage


def frame_sent(
    now: float, frame: Frame, where: Position, level_pct: float, mutation: str | None = None
) -> FrameSent:
    """Return the record of a frame that a device hands to its radio."""
    return FrameSent(
        t=now,
        device=frame.device,
        seq=frame.sequence,
        kind=frame.kind.value,
        hex=frame.payload.hex(),
        press=frame.press,
        port=frame.port,
        attempt=frame.attempt,
        battery=round(level_pct),
        latitude=round(where.latitude, 6),
        longitude=round(where.longitude, 6),
        mutation=mutation,
    )


def on_air(now: float, frame: Frame, passage: Passage) -> OnAir:
    """Return the record of what a radio made of a frame."""
    return OnAir(
        t=now,
        device=frame.device,
        seq=frame.sequence,
        press=frame.press,
        copies=len(passage.arrivals_s),
        lost=passage.lost,
        air_s=round(passage.air_s, 6),
        wait_s=round(passage.waits_s, 6),
    )

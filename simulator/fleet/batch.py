"""Frames that units of one crowd sent, many at a time: a column for each thing that is known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simulator.device import Line, Position
from simulator.draws import Floats, rounded
from simulator.fleet.state import Slots
from simulator.fleet.telling import frame_sent, on_air
from simulator.frame import Frame
from simulator.journal import Columns, FrameSent, OnAir, Record, Same
from simulator.link import CoarsePosition, Passage
from simulator.link.many import Passages


class Sent(NamedTuple):
    """One frame that a unit of a crowd sent, what its radio made of it, and how the unit was."""

    at_s: float
    slot: int
    frame: Frame
    passage: Passage
    level_pct: float
    where: Position

    def records(self) -> tuple[FrameSent, OnAir]:
        """Return what the journal says of it."""
        sent = frame_sent(self.at_s, self.frame, self.where, self.level_pct)
        return sent, on_air(self.at_s, self.frame, self.passage)


@dataclass(slots=True)
class Batch:
    """Frames of one kind, in no order; a row a frame. `names` are the units', `addresses` too."""

    line: Line
    at_s: Floats
    slots: Slots
    names: list[str]
    addresses: Sequence[str | None]
    sequence: Sequence[int]
    payloads: list[bytes]
    level_pct: Floats
    latitude: Floats
    longitude: Floats
    passages: Passages

    def __len__(self) -> int:
        return len(self.at_s)

    def frame(self, row: int) -> Frame:
        """Return one frame."""
        line = self.line
        return Frame(
            self.names[row],
            self.sequence[row],
            line.kind,
            self.payloads[row],
            float(self.at_s[row]),
            None,
            line.port,
            1,
            self.addresses[row],
        )

    def position(self, row: int) -> CoarsePosition | None:
        """Return where the network takes the sender of a frame to be."""
        positions = self.passages.positions
        return positions[row] if positions else None

    def __iter__(self) -> Iterator[Sent]:
        arrivals: list[list[float]] = [[] for _ in range(len(self))]
        passages = self.passages
        landed = zip(passages.frames.tolist(), passages.arrivals_s.tolist(), strict=True)
        for row, at_s in landed:
            arrivals[row].append(at_s)
        for row in range(len(self)):
            passage = Passage(
                tuple(arrivals[row]),
                passages.lost[row],
                float(passages.waits_s[row]),
                float(passages.air_s[row]),
                self.position(row),
            )
            where = Position(float(self.latitude[row]), float(self.longitude[row]))
            at_s, level_pct = float(self.at_s[row]), float(self.level_pct[row])
            yield Sent(at_s, int(self.slots[row]), self.frame(row), passage, level_pct, where)

    def tell(self, write: Callable[[type[Record], Columns], None]) -> None:
        """Write down what was sent, and what radios made of it."""
        line, passages = self.line, self.passages
        common: Columns = {"t": self.at_s, "device": self.names, "seq": self.sequence}
        write(
            FrameSent,
            {
                **common,
                "kind": Same(line.kind.value),
                "payload": self.payloads,
                "port": Same(line.port),
                "battery": np.rint(self.level_pct).astype(np.int64),
                "latitude": rounded(self.latitude, 6),
                "longitude": rounded(self.longitude, 6),
            },
        )
        write(
            OnAir,
            {
                **common,
                "copies": np.bincount(passages.frames, minlength=len(self)),
                "lost": passages.lost,
                "air_s": rounded(passages.air_s, 6),
                "wait_s": rounded(passages.waits_s, 6),
            },
        )

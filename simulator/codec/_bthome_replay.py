"""Tells a new BTHome event from a repeat and a replay: the memory that a scanner keeps per device.

A codec has no state, so whoever listens holds one of these for each advertiser.
"""

_FORGET_S = 4.0
_AHEAD = 64  # of 256 packet ids: a greater distance is one that was sent before
_RESTARTED = 100  # counters below start anew: a wrap, or a changed battery


class RepeatFilter:
    """Mutable: remembers the last accepted packet id and encryption counter of one device."""

    __slots__ = ("_at_s", "_counter", "_packet_id")

    def __init__(self) -> None:
        self._packet_id: int | None = None
        self._at_s = 0.0
        self._counter: int | None = None

    def accepts_packet(self, packet_id: int, at_s: float) -> bool:
        """Return whether this is a new event; after 4 s of silence every packet id is."""
        last = self._packet_id
        is_recent = last is not None and at_s - self._at_s <= _FORGET_S
        if last is not None and is_recent and not 0 < (packet_id - last) % 256 < _AHEAD:
            return False
        self._packet_id, self._at_s = packet_id, at_s
        return True

    def accepts_counter(self, counter: int) -> bool:
        """Return whether an encrypted frame is newer than the last; one that restarts is too."""
        last = self._counter
        if last is not None and (counter == last or _RESTARTED <= counter < last):
            return False
        self._counter = counter
        return True

"""How long a device waits before it tries to connect again: longer each time, never all at once."""

from simulator.rng import Stream

_FIRST_S = 2.0
_LONGEST_S = 300.0
_SPREAD = 0.5


class Pauses:
    """The pauses of one device, in seconds of the run. Mutable: it counts the failures."""

    __slots__ = ("_chance", "_failures")

    def __init__(self, chance: Stream) -> None:
        self._chance = chance
        self._failures = 0

    def next_s(self) -> float:
        """Return the next pause: doubled with each failure, half of it by chance."""
        whole = min(_LONGEST_S, _FIRST_S * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return self._chance.jittered(whole, _SPREAD)

    def reset(self) -> None:
        """Begin again with short pauses: the connection was good."""
        self._failures = 0

"""A device, or its maker's cloud, that speaks to AURA over the internet or a wire of its own.

What answers it comes back the way it spoke.
"""

from simulator.device import Position
from simulator.frame import Frame
from simulator.link._contract import Passage
from simulator.profile import DirectLink
from simulator.rng import Stream


class Direct:
    """The connection of one device."""

    __slots__ = ("_air", "_radio")

    def __init__(self, radio: DirectLink, air: Stream) -> None:
        self._radio = radio
        self._air = air

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Send one message."""
        del frame, position
        lost = self._air.chance(self._radio.loss)
        delay_s = self._air.uniform(*self._radio.delay_s)
        return Passage(lost="internet") if lost else Passage((now + delay_s,))

    def reply(self, now: float) -> float | None:
        """Carry an answer back."""
        lost = self._air.chance(self._radio.loss)
        delay_s = self._air.uniform(*self._radio.delay_s)
        return None if lost else now + delay_s

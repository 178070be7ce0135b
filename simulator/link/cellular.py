"""TCP or UDP over a mobile network: a frame arrives or does not, and so does its reply.

Resending is the firmware's: it is the one that misses the reply.
"""

from simulator.device import Position
from simulator.frame import Frame
from simulator.link._contract import Passage
from simulator.profile import CellularLink
from simulator.rng import Stream


class Cellular:
    """The modem of one device."""

    __slots__ = ("_air", "_radio")

    def __init__(self, radio: CellularLink, air: Stream) -> None:
        self._radio = radio
        self._air = air

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Send one frame."""
        del frame, position
        lost = self._air.chance(self._radio.loss)
        delay_s = self._air.uniform(*self._radio.delay_s)
        return Passage(lost="air") if lost else Passage((now + delay_s,))

    def reply(self, now: float) -> float | None:
        """Carry the server's reply back."""
        lost = self._air.chance(self._radio.reply_loss)
        delay_s = self._air.uniform(*self._radio.delay_s)
        return None if lost else now + delay_s

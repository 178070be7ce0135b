"""BLE advertising: an event is repeated in many packets, of which a scanner hears some.

Every packet heard reaches the gateway, which drops the repetitions by packet id as real ones do.
"""

from simulator.device import Position
from simulator.frame import Frame
from simulator.link._contract import OneWay, Passage
from simulator.profile import BleLink
from simulator.rng import Stream

_PACKET_S = 0.000376  # 47 bytes at 1 Mbit/s


class Ble(OneWay):
    """The radio of one advertising device."""

    __slots__ = ("_air", "_radio")

    def __init__(self, radio: BleLink, air: Stream) -> None:
        self._radio = radio
        self._air = air

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Advertise one event."""
        del frame, position
        radio = self._radio
        heard = []
        for packet in range(radio.packets):
            at_s = now + packet * radio.interval_s + _PACKET_S
            if not self._air.chance(radio.loss):
                heard.append(at_s + self._air.uniform(*radio.delay_s))
        air_s = radio.packets * _PACKET_S
        return Passage(tuple(sorted(heard)), None if heard else "air", air_s=air_s)

"""LoRaWAN EU868, class A: air time, the silence it costs, and repeated uplinks.

The network server removes repetitions by frame counter, so a frame arrives once.
"""

import math

from simulator.device import Position
from simulator.frame import Frame
from simulator.link._contract import OneWay, Passage
from simulator.profile import LorawanLink
from simulator.rng import Stream

_PHY_OVERHEAD_BYTES = 13
_MAX_PAYLOAD = {12: 51, 11: 51, 10: 51, 9: 115, 8: 222, 7: 222}  # EU868, by spreading factor
_RETRY_S = (1.0, 3.0)  # a confirmed uplink without an ACK is repeated after this


class Lorawan(OneWay):
    """The radio of one class A device."""

    __slots__ = ("_air", "_radio", "_silent_until_s")

    def __init__(self, radio: LorawanLink, air: Stream) -> None:
        self._radio = radio
        self._air = air
        self._silent_until_s = 0.0

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Send an uplink, and repeat it as the device is set to."""
        del position
        radio = self._radio
        size = len(frame.payload)
        if size > _MAX_PAYLOAD[radio.spreading_factor]:
            return Passage(
                lost=f"payload of {size} bytes is too long for SF{radio.spreading_factor}"
            )
        once_s = on_air_s(size, radio.spreading_factor)
        starts = max(now, self._silent_until_s)
        waits_s = starts - now
        for sent in range(1, radio.transmissions + 1):
            ends = starts + once_s
            self._silent_until_s = ends + once_s * (1.0 / radio.duty_cycle - 1.0)
            if not self._air.chance(radio.loss):
                arrival = ends + self._air.uniform(*radio.delay_s)
                return Passage((arrival,), waits_s=waits_s, air_s=once_s * sent)
            starts = max(ends + self._air.uniform(*_RETRY_S), self._silent_until_s)
        return Passage(lost="air", waits_s=waits_s, air_s=once_s * radio.transmissions)


def on_air_s(payload_bytes: int, spreading_factor: int) -> float:
    """Return the time on air of one uplink: 125 kHz, coding rate 4/5, header and CRC on."""
    symbol_s = (1 << spreading_factor) / 125_000
    low_rate = 1 if spreading_factor >= 11 else 0
    length = payload_bytes + _PHY_OVERHEAD_BYTES
    bits = 8 * length - 4 * spreading_factor + 44
    groups = math.ceil(bits / (4 * (spreading_factor - 2 * low_rate)))
    return (12.25 + 8 + max(0, groups) * 5) * symbol_s

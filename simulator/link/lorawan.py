"""LoRaWAN EU868, class A: air time, the silence it costs, repeated uplinks, receive windows.

The network server removes repetitions by frame counter, so a frame arrives once. The device listens
twice after each uplink, and at no other time: what the server has to say waits for the next one.
"""

import math

from simulator.device import Position
from simulator.frame import Frame
from simulator.link._contract import Passage
from simulator.profile import LorawanLink
from simulator.rng import Stream

_PHY_OVERHEAD_BYTES = 13
_MAX_PAYLOAD = {12: 51, 11: 51, 10: 51, 9: 115, 8: 222, 7: 222}  # EU868, by spreading factor
_RX2_AFTER_S = 1.0
_RETRY_S = (1.0, 3.0)  # a confirmed uplink without an ACK is repeated after this


class Lorawan:
    """The radio of one class A device."""

    __slots__ = ("_air", "_ends_s", "_is_acked", "_radio", "_silent_until_s")

    def __init__(self, radio: LorawanLink, air: Stream) -> None:
        self._radio = radio
        self._air = air
        self._silent_until_s = 0.0
        self._ends_s = -math.inf  # the end of the transmission that the latest windows follow
        self._is_acked = False

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Send an uplink, and repeat it as the device is set to.

        An unconfirmed one is sent as often as NbTrans says; a confirmed one until it is
        acknowledged, or the tries are used up.
        """
        del position
        radio = self._radio
        size = len(frame.payload)
        if size > _MAX_PAYLOAD[radio.spreading_factor]:
            return Passage(
                lost=f"payload of {size} bytes is too long for SF{radio.spreading_factor}"
            )
        once_s = on_air_s(size, radio.spreading_factor)
        starts = max(now, self._silent_until_s)
        waits_s, air_s = starts - now, 0.0
        arrivals: list[float] = []
        self._is_acked = False
        for _ in range(radio.transmissions):
            ends = self._ends_s = starts + once_s
            air_s += once_s
            self._silent_until_s = ends + once_s * (1.0 / radio.duty_cycle - 1.0)
            if not self._air.chance(radio.loss):
                arrivals.append(ends + self._air.uniform(*radio.delay_s))
                self._is_acked = radio.confirmed and not self._air.chance(radio.reply_loss)
            if self._is_acked:
                break
            starts = max(ends + self._air.uniform(*_RETRY_S), self._silent_until_s)
        lost = None if arrivals else "air"
        return Passage(tuple(arrivals[:1]), lost=lost, waits_s=waits_s, air_s=air_s)

    def reply(self, now: float) -> float | None:
        """Return the window in which a downlink that is ready at `now` is heard, if one is left.

        With a confirmed uplink it travels with the acknowledgement, and is lost with it.
        """
        radio = self._radio
        is_lost = not self._is_acked if radio.confirmed else self._air.chance(radio.reply_loss)
        rx1_s = self._ends_s + radio.rx1_s
        window = next((at_s for at_s in (rx1_s, rx1_s + _RX2_AFTER_S) if at_s >= now), None)
        return None if is_lost else window


def on_air_s(payload_bytes: int, spreading_factor: int) -> float:
    """Return the time on air of one uplink: 125 kHz, coding rate 4/5, header and CRC on."""
    symbol_s = (1 << spreading_factor) / 125_000
    low_rate = 1 if spreading_factor >= 11 else 0
    length = payload_bytes + _PHY_OVERHEAD_BYTES
    bits = 8 * length - 4 * spreading_factor + 44
    groups = math.ceil(bits / (4 * (spreading_factor - 2 * low_rate)))
    return (12.25 + 8 + max(0, groups) * 5) * symbol_s

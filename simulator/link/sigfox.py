"""Sigfox RC1: a message is sent three times on three frequencies; few messages a day.

The network removes the repetitions, so a message arrives once, at the time of the first repetition
that was heard. Nothing is acknowledged: a lost message stays lost. A downlink reaches the device
only after an uplink that asks for one, and few times a day.
"""

from simulator.device import Position, moved
from simulator.frame import Frame
from simulator.link._contract import CoarsePosition, Passage
from simulator.profile import SigfoxLink
from simulator.rng import Stream

_DAY_S = 86400.0
_OVERHEAD_BYTES = 14  # preamble, sync, header, authentication, CRC
_BITS_PER_SECOND = 100.0


_OPENS_S, _OPEN_S = 20.0, 25.0  # the receiver opens so long after the first repetition, and listens


class Sigfox:
    """The radio of one Sigfox device."""

    __slots__ = ("_air", "_asked_s", "_day", "_heard_today", "_radio", "_sent_today")

    def __init__(self, radio: SigfoxLink, air: Stream) -> None:
        self._radio = radio
        self._air = air
        self._day = 0
        self._sent_today = 0
        self._heard_today = 0
        self._asked_s: float | None = None  # when the open question began to be sent

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Send a message, unless the day's quota is spent."""
        if not self._within_quota(now):
            return Passage(lost="daily quota")
        once_s = on_air_s(len(frame.payload))
        gap_s = max(once_s, self._radio.repetition_s)
        heard = [
            i for i in range(self._radio.repetitions) if not self._air.chance(self._radio.loss)
        ]
        delay_s = self._air.uniform(*self._radio.delay_s)
        seen = self._seen_at(position)
        air_s = once_s * self._radio.repetitions
        if not heard:
            return Passage(lost="air", air_s=air_s)
        arrival = now + heard[0] * gap_s + once_s + delay_s
        self._asked_s = now + once_s if frame.asks_reply else None
        return Passage((arrival,), air_s=air_s, position=seen)

    def reply(self, now: float) -> float | None:
        """Carry a downlink to a device that asked and still listens, within the day's quota."""
        asked_s, self._asked_s = self._asked_s, None
        if asked_s is None or now > asked_s + _OPENS_S + _OPEN_S:
            return None
        self._begin_day(now)
        self._heard_today += 1
        is_lost = self._air.chance(self._radio.reply_loss)
        if is_lost or self._heard_today > self._radio.daily_downlinks:
            return None
        return max(now, asked_s + _OPENS_S)

    def _within_quota(self, now: float) -> bool:
        self._begin_day(now)
        self._sent_today += 1
        return self._sent_today <= self._radio.daily_quota

    def _begin_day(self, now: float) -> None:
        day = int(now // _DAY_S)
        if day != self._day:
            self._day, self._sent_today, self._heard_today = day, 0, 0

    def _seen_at(self, true: Position) -> CoarsePosition:
        error = self._radio.geolocation_error_m
        found = moved(true, self._air.normal(0, error / 2), self._air.normal(0, error / 2))
        return CoarsePosition(round(found.latitude, 5), round(found.longitude, 5), round(error))


def on_air_s(payload_bytes: int) -> float:
    """Return the time on air of one transmission at 100 bit/s; 12 bytes take 2.08 s."""
    return (payload_bytes + _OVERHEAD_BYTES) * 8 / _BITS_PER_SECOND

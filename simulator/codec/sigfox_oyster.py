"""Digital Matter Oyster over Sigfox: 12 bytes, the kind in the lowest four bits of the first."""

from typing import ClassVar

from simulator.codec import _oyster
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, number, spare
from simulator.frame import Direction, Value

_NAME = "sigfox_oyster"
_SIZE = 12


def _layout(*parts: Part) -> Layout:
    head = (number("message_type", 4, default=0), *_oyster.TRIP, spare(2, "head_reserved"))
    return Layout(_NAME, *head, *parts, order="little")


_LAYOUTS = {
    0: _layout(
        *_oyster.FULL_POSITION,
        number("course_deg", 8, step=2, default=0),
        _oyster.SPEED,
        _oyster.BATTERY,
    ),
    1: _layout(*_oyster.DOWNLINK_ACK, spare(64)),
    2: _layout(*_oyster.STATISTICS),
    3: _layout(*_oyster.SHORT_POSITION, *_oyster.COARSE_COURSE, _oyster.BATTERY, spare(24)),
}


class SigfoxOyster(Codec):
    """Positions, answers to downlinks and statistics of the tracker."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what a message of 12 bytes says.

        >>> CODEC.decode(bytes.fromhex("10297eb01e621122070000be"))["in_trip"]
        True
        """
        _refuse_downlink(context)
        if len(frame) != _SIZE:
            raise FrameError(_NAME, f"a message has {_SIZE} bytes, this one {len(frame)}")
        layout = _LAYOUTS.get(frame[0] & 0x0F)
        if layout is None:
            raise FrameError(_NAME, f"byte 0: there is no message type {frame[0] & 0x0F}")
        return layout.read(frame)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the message of `message_type`, a position where it is not given."""
        _refuse_downlink(context)
        fields = Fields(_NAME, values)
        kind = fields.integer("message_type", 0, 3) if "message_type" in fields else 0
        return _LAYOUTS[kind].write(fields)


def _refuse_downlink(context: Context) -> None:
    if context.direction is Direction.DOWNLINK:
        raise FrameError(_NAME, "the downlinks of this tracker are not public")


CODEC = SigfoxOyster()

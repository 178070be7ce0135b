"""H02 trackers: text `*HQ,ID,V1,...#` and its binary twin that begins with `$` (0x24).

One unit mixes both on one connection. What stands in a text is in `_h02_text`, the binary frame in
`_h02_binary`.
"""

from datetime import UTC, datetime
from typing import ClassVar

from simulator.codec import _h02_binary as binary
from simulator.codec import _h02_text as text
from simulator.codec._contract import UPLINK, Codec, Context, Framer, Values
from simulator.codec._framing import StreamCutter, by_start, terminated
from simulator.frame import Direction, Value

_LONGEST = 2048
_TIMED_REPLIES = ("V1", "NBR", "LINK", "V3")


class H02(Codec):
    """Positions, heartbeats, cells; an encoder writes text where there is a `message_type`."""

    name: ClassVar[str] = "h02"

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of a text or binary frame; both directions are built alike.

        >>> CODEC.decode(b"*HQ,135790246811220,HTBT,100#")["battery_percent"]
        100
        """
        del context
        return binary.decode(frame) if frame[:1] == binary.MARK else text.decode(frame)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame that says these values."""
        del context
        return text.encode(values) if "message_type" in values else binary.encode(values)

    def reply(self, frame: bytes, context: Context = UPLINK) -> bytes | None:
        """Return the answer to a text; one that tells the time needs `received_s`."""
        if frame[:1] == binary.MARK or context.direction is Direction.DOWNLINK:
            return None
        values = text.decode(frame)
        kind, head = values["message_type"], f"*HQ,{values.get('device_id', '')}"
        if kind == "HTBT":
            return f"{head},HTBT#".encode()
        if kind in _TIMED_REPLIES and (now := _clock(context)):
            return f"{head},V4,{kind},{now}#".encode()
        return None

    def framer(self) -> Framer:
        """Return a cutter of both forms."""
        shapes = {b"*": terminated(b"#"), binary.MARK: binary.measure}
        return StreamCutter(by_start(shapes), limit=_LONGEST, starts=tuple(shapes))


def _clock(context: Context) -> str | None:
    if context.received_s is None or not 0 <= context.received_s < 2**32:
        return None
    return f"{datetime.fromtimestamp(context.received_s, UTC):%Y%m%d%H%M%S}"


CODEC = H02()

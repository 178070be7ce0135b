"""SLIP (RFC 1055): END C0 around a packet, and C0 and DB inside it escaped.

Written out here because the library at hand keeps whether END comes first in a global variable.
"""

from typing import ClassVar

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._delimited import DelimitedCutter
from simulator.codec._fields import Fields
from simulator.frame import Value

_NAME = "serial_slip"
_END, _ESCAPE = b"\xc0", b"\xdb"
_ESCAPED_END, _ESCAPED_ESCAPE = b"\xdb\xdc", b"\xdb\xdd"
_LONGEST = 65536  # of a packet on the wire, between its END bytes


class Slip(Codec):
    """One packet between two END bytes; the first END may be missing."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the content of a packet as hex.

        >>> CODEC.decode(b"\\xc0a\\xdb\\xdcb\\xc0")
        {'decoded_hex': '61c062'}
        """
        if not frame.endswith(_END):
            raise FrameError(_NAME, f"byte {len(frame)}: the END that closes the packet is missing")
        body = frame[:-1].removeprefix(_END)
        if _END in body:
            raise FrameError(_NAME, f"byte {frame.index(_END, 1)}: END within the packet")
        values: dict[str, Value] = {"decoded_hex": _unescaped(body).hex()}
        if len(frame) == 1 or not frame.startswith(_END):
            values["opened"] = False
        return values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the packet, with END in front unless `opened` is false."""
        fields = Fields(_NAME, values)
        content = fields.hexadecimal("decoded_hex")
        body = content.replace(_ESCAPE, _ESCAPED_ESCAPE).replace(_END, _ESCAPED_END)
        return (_END if fields.flag("opened", True) else b"") + body + _END

    def framer(self) -> Framer:
        """Return a cutter that gives each packet with the END behind it and one before it."""
        return _SlipFramer()


def _unescaped(body: bytes) -> bytes:
    first, *rest = body.split(_ESCAPE)
    parts = [first]
    for part in rest:
        if part[:1] not in (_ESCAPED_END[1:], _ESCAPED_ESCAPE[1:]):
            raise FrameError(_NAME, f"behind an escape DB stands '{part[:1].hex()}'")
        parts.append((_END if part[0] == _ESCAPED_END[1] else _ESCAPE) + part[1:])
    return b"".join(parts)


class _SlipFramer:
    """Cuts at END; one that closes nothing opens the packet after it."""

    __slots__ = ("_cutter", "_is_opened")

    def __init__(self) -> None:
        self._cutter = DelimitedCutter(_END, limit=_LONGEST)
        self._is_opened = False

    @property
    def discarded(self) -> int:
        return self._cutter.discarded

    @property
    def pending(self) -> int:
        return self._cutter.pending

    def feed(self, data: bytes) -> list[bytes]:
        packets = []
        for body in self._cutter.cut(data):
            if body:
                packets.append((_END if self._is_opened else b"") + body + _END)
            self._is_opened = not body
        return packets


CODEC = Slip()

"""COBS: blocks without a zero byte; on the wire a zero follows each of them.

A frame here is the block alone. The zero belongs to the stream: the cutter takes it away, and an
encoder that writes to a stream asks for it with `terminated`.
"""

from typing import ClassVar

from cobs import cobs

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._delimited import DelimitedCutter
from simulator.codec._fields import Fields
from simulator.frame import Value

_NAME = "serial_cobs"
_DELIMITER = b"\0"
_LONGEST = 65536  # of a block on the wire


class Cobs(Codec):
    """One block and its content."""

    name: ClassVar[str] = _NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the content of a block as hex.

        >>> CODEC.decode(bytes.fromhex("02310232"))
        {'decoded_hex': '310032'}
        """
        if not frame:
            raise FrameError(_NAME, "the block is empty, it needs its first code byte")
        try:
            content = cobs.decode(frame)
        except cobs.DecodeError as error:
            raise FrameError(_NAME, f"{error}, after {_where(frame)}") from error
        # Behind a full last group of 254 bytes some encoders put a code that adds nothing.
        values: dict[str, Value] = {"decoded_hex": content.hex()}
        if cobs.encode(content) != frame:
            values["closing_code"] = True
        return values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the block, with the zero of the stream behind it if `terminated`."""
        fields = Fields(_NAME, values)
        content = fields.hexadecimal("decoded_hex")
        block: bytes = cobs.encode(content)
        if fields.flag("closing_code", False):
            block += b"\x01"
            if cobs.decode(block) != content:
                fields.refuse("closing_code", "needs a last group of 254 bytes")
        return block + (_DELIMITER if fields.flag("terminated", False) else b"")

    def framer(self) -> Framer:
        """Return a cutter that gives each block without its zero."""
        return DelimitedCutter(_DELIMITER, limit=_LONGEST)


def _where(frame: bytes) -> str:
    """Return up to which byte the block is sound."""
    at = 0
    while at < len(frame) and 0 < frame[at] <= len(frame) - at:
        if _DELIMITER in frame[at : at + frame[at]]:
            break
        at += frame[at]
    return f"the group at byte {at}"


CODEC = Cobs()

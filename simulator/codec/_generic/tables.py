"""The tables of a layout as they are written in a profile; what they mean is in `build`.

Unknown keys are refused, so that a typo cannot pass in silence.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from simulator.errors import InputError
from simulator.frame import Direction


class LayoutError(InputError):
    """A layout cannot be used: at which key of `[layout]`, and why."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


class Form(StrEnum):
    """What the frames are made of."""

    BINARY = "binary"
    TEXT = "text"
    JSON = "json"


class ByteOrder(StrEnum):
    """Which byte of a number comes first."""

    BIG = "big"
    LITTLE = "little"


class As(StrEnum):
    """What the bits, the text or the JSON value of a field stand for."""

    NUMBER = "number"
    FLAG = "flag"
    TEXT = "text"
    HEX = "hex"
    DIGITS = "digits"  # two decimal digits a byte
    TIME = "time"  # seconds since 1970, or ISO 8601


class LengthOf(StrEnum):
    """What a length field counts: the bytes of the whole frame, or those behind the field."""

    FRAME = "frame"
    AFTER = "after"


class FramingKind(StrEnum):
    """How a stream of bytes is cut into frames."""

    LINE = "line"
    LENGTH = "length"
    COBS = "cobs"
    SLIP = "slip"
    START = "start"


class _Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file."""


class FieldTable(_Table, frozen=True, rename={"as_": "as", "from_": "from"}):
    """One field: a named value, or a constant, a length, a checksum, or spare bits.

    The value of a number is raw times `scale` plus `offset`; `minimum` and `maximum` are values.
    Of a text they count characters.
    """

    name: str | None = None  # of the value; put its unit behind it, as in battery_percent
    constant: int | str | None = None  # a number; or hex in binary, a text in text and JSON
    length: LengthOf | None = None  # plus `offset`
    checksum: str | None = None  # over the bytes `from` the given one up to this field
    spare: bool = False  # bits that are sent as zero and not read

    bits: Annotated[int, Meta(ge=1, le=512)] | None = None  # its width, in bits or in bytes
    bytes: Annotated[int, Meta(ge=1, le=64)] | None = None  # text and hex without it take the rest
    at: Annotated[int, Meta(ge=0)] | None = None  # the byte it begins at; a gap before it is spare
    path: str | None = None  # JSON: the keys to the value, with dots between them

    as_: As = As.NUMBER  # what the bits, the text or the JSON value stand for
    order: ByteOrder | None = None  # where it is not that of the layout
    signed: bool = False  # two's complement
    scale: float = 1.0  # the value of one step
    offset: float = 0.0  # the value of no step; of a length, what is added to the count
    digits: Annotated[int, Meta(ge=0, le=12)] | None = None  # decimals; by default those of scale
    minimum: float | None = None  # the least value; what is below is refused, both ways
    maximum: float | None = None  # the greatest value; of a text, the most characters
    width: Annotated[int, Meta(ge=1, le=64)] | None = None  # of a text: filled up with zeros
    enum: dict[str, int | str] | None = None  # the code of each word
    optional: bool = False  # text and JSON: may be empty or absent
    from_: Annotated[int, Meta(ge=0)] = 0  # the first byte that a checksum covers


class MessageTable(_Table, frozen=True):
    """One kind of message: its fields from the first byte (or column) to the last."""

    fields: list[FieldTable]  # see below
    port: Annotated[int, Meta(ge=0, le=255)] | None = None  # LoRaWAN
    direction: Direction = Direction.UPLINK  # who sends it
    reply: str | None = None  # the downlink that answers it, with the values both have


class TextTable(_Table, frozen=True):
    """What stands around and between the columns of a text."""

    separator: Annotated[str, Meta(min_length=1)] = ","  # between columns
    prefix: str = ""  # in front of the first column
    suffix: str = ""  # behind everything
    checksum: str | None = None  # over what stands between prefix and mark, in hex digits
    mark: Annotated[str, Meta(min_length=1)] = "*"  # in front of the checksum


class FramingTable(_Table, frozen=True):
    """What a stream adds around each message.

    `line` adds `end` behind it; `length` adds `start` and a count of `size` bytes in front of it;
    `cobs` and `slip` escape it; `start` adds nothing, for messages that begin with a constant and
    have one size or state it.
    """

    kind: FramingKind  # see above
    end: Annotated[str, Meta(min_length=1)] = "\r\n"  # of a line
    start: str = ""  # hex
    size: Annotated[int, Meta(ge=1, le=4)] = 1  # bytes of the count
    order: ByteOrder = ByteOrder.BIG  # of the count
    counts_all: bool = False  # the count includes `start` and itself


class LayoutTable(_Table, frozen=True):
    """All frames of a device, field by field."""

    form: Form  # what the frames are made of
    messages: dict[str, MessageTable]  # told apart by a constant in the same place, or by port
    order: ByteOrder = ByteOrder.BIG  # of numbers; little also packs bits from the lowest up
    text: TextTable = TextTable()  # of a text: what stands between and around the columns
    framing: FramingTable | None = None  # of a stream: how it is cut into frames

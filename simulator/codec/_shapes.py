"""Messages made of blocks: fixed fields, then fields that may be missing, then lists to the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._heard import read_heard, write_heard
from simulator.codec._layout import Layout, no_more_than
from simulator.frame import Value

_LONGEST_LIST = 255


class Block(Protocol):
    """A stretch of a message."""

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        """Add the values of the bytes from `at` on and return where the next block begins."""
        ...

    def write(self, fields: Fields) -> bytes:
        """Return the bytes of this block."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Fields that are always there."""

    layout: Layout

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        """Read the fields."""
        values.update(self.layout.read(frame, at))
        return at + self.layout.size

    def write(self, fields: Fields) -> bytes:
        """Write the fields."""
        return self.layout.write(fields)


@dataclass(frozen=True, slots=True)
class Optional:
    """Fields that some firmware leaves out; `mark` is the value that shows them to be meant."""

    mark: str
    layout: Layout

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        """Read the fields unless the message ends here."""
        if at == len(frame):
            return at
        values.update(self.layout.read(frame, at))
        return at + self.layout.size

    def write(self, fields: Fields) -> bytes:
        """Write the fields if their mark is given."""
        return self.layout.write(fields) if self.mark in fields else b""


@dataclass(frozen=True, slots=True)
class Heard:
    """Addresses with their strength, to the end of the message."""

    name: str
    codec: str
    key: str = "mac"
    size: int = 6
    separator: str = ":"

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        """Read all addresses that follow."""
        values[self.name] = read_heard(
            self.codec, frame, at, key=self.key, size=self.size, separator=self.separator
        )
        return len(frame)

    def write(self, fields: Fields) -> bytes:
        """Write the addresses."""
        return write_heard(fields, self.name, key=self.key, size=self.size)


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries of one layout, to the end of the message."""

    name: str
    codec: str
    layout: Layout

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        """Read all entries that follow."""
        size = self.layout.size
        if (len(frame) - at) % size:
            reason = f"the {self.name} from byte {at} on do not end with a whole entry of {size}"
            raise FrameError(self.codec, reason)
        values[self.name] = [self.layout.read(frame, i) for i in range(at, len(frame), size)]
        return len(frame)

    def write(self, fields: Fields) -> bytes:
        """Write the entries."""
        parts = fields.parts(self.name)
        if len(parts) > _LONGEST_LIST:
            fields.refuse(self.name, f"has {len(parts)} entries, which no message has room for")
        return b"".join(self.layout.write(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Octets:
    """Single bytes as numbers, to the end of the message."""

    name: str

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        """Read all bytes that follow."""
        values[self.name] = list(frame[at:])
        return len(frame)

    def write(self, fields: Fields) -> bytes:
        """Write the bytes."""
        words = fields.words(self.name) if self.name in fields else []
        if len(words) > _LONGEST_LIST:
            fields.refuse(self.name, f"has {len(words)} entries, which no message has room for")
        return bytes(self._octet(fields, word) for word in words)

    def _octet(self, fields: Fields, word: Value) -> int:
        if type(word) is not int or not 0 <= word <= 0xFF:
            fields.refuse(self.name, "must be whole numbers from 0 to 255")
        return word


@dataclass(frozen=True, slots=True)
class Rest:
    """Bytes to the end of the message whose meaning is not modelled, as hex if there are any."""

    name: str = "body_hex"

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        """Keep the bytes that follow."""
        if at < len(frame):
            values[self.name] = frame[at:].hex()
        return len(frame)

    def write(self, fields: Fields) -> bytes:
        """Write the bytes as they were given."""
        return fields.hexadecimal(self.name) if self.name in fields else b""


@dataclass(frozen=True, slots=True)
class Text:
    """Characters of one byte each, to the end of the message."""

    name: str

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        """Read the text that follows."""
        values[self.name] = frame[at:].decode("latin-1")
        return len(frame)

    def write(self, fields: Fields) -> bytes:
        """Write the text."""
        if self.name not in fields:
            return b""
        return fields.text(self.name, most=_LONGEST_LIST, encoding="latin-1")


class Shape:
    """The blocks of one message; nothing may follow them."""

    __slots__ = ("_blocks", "_codec")

    def __init__(self, codec: str, *blocks: Block) -> None:
        self._codec = codec
        self._blocks: Sequence[Block] = blocks

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> None:
        """Add the values of a message that begins at `at`."""
        for block in self._blocks:
            at = block.read(frame, at, values)
        no_more_than(self._codec, frame, at)

    def write(self, fields: Fields) -> bytes:
        """Return the message."""
        return b"".join(block.write(fields) for block in self._blocks)

"""The pieces that the longer values of an Eview record are made of.

What the device hears comes as lists of entries of varying size; the keys that share one list (cells
with short and with long ids, ...) are told apart by `key` in the entry.
"""

from simulator.codec._eview_keys import Record
from simulator.codec._fields import Fields
from simulator.frame import Value


class Reader:
    """Mutable: takes pieces off the front of a value; raises `ValueError` when it is too short."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at: int = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        if size > self.left:
            raise ValueError(f"{size} bytes expected at its byte {self._at}, {self.left} there")
        self._at += size
        return self._data[self._at - size : self._at]

    def unsigned(self, size: int = 1) -> int:
        return int.from_bytes(self.take(size), "little")

    def rssi(self) -> int:
        return int.from_bytes(self.take(1), signed=True)

    def rest(self) -> bytes:
        return self.take(self.left)


def listed(record: Record, name: str) -> list[Value]:
    """Return the list of this name in a record, a new one at first."""
    found = record.setdefault(name, [])
    return found if isinstance(found, list) else []


def put_text(entry: Record, name: str, data: bytes) -> None:
    """Put a text into an entry, as hex where it is not UTF-8."""
    try:
        entry[name] = data.decode()
    except UnicodeDecodeError:
        entry[f"{name}_hex"] = data.hex()


def has_text(fields: Fields, name: str = "text") -> bool:
    """Return whether `take_text` would find something."""
    return name in fields or f"{name}_hex" in fields


def take_text(fields: Fields, name: str) -> bytes:
    """Return a text of at most 255 bytes that is given as such or as hex."""
    if f"{name}_hex" not in fields:
        return fields.text(name, most=0xFF, encoding="utf-8")
    data = fields.hexadecimal(f"{name}_hex")
    if len(data) > 0xFF:
        fields.refuse(f"{name}_hex", f"has {len(data)} bytes, there is room for 255")
    return data


def rssi_byte(fields: Fields, name: str = "rssi_dbm") -> bytes:
    """Return a signal strength as its signed byte."""
    return fields.integer(name, -128, 127).to_bytes(1, signed=True)


def entries_of(fields: Fields, name: str, key: int, default: int) -> list[Fields]:
    """Return the entries of a list that belong to one of several keys that share it."""
    parts = fields.parts(name) if name in fields else []
    return [p for p in parts if (p.integer("key", 0, 0xFF) if "key" in p else default) == key]

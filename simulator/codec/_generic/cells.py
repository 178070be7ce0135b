"""Fields of a binary layout: each becomes a range of bits, with its borders for generated tests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._generic.edges import (
    Edges,
    check_enum,
    digits_edges,
    enum_edges,
    flag_edges,
    hex_edges,
    number_edges,
    text_edges,
    time_edges,
)
from simulator.codec._generic.quantity import quantity
from simulator.codec._generic.tables import As, ByteOrder, FieldTable, LayoutError
from simulator.codec._layout import Part, choice, flag, moment, octets
from simulator.frame import Value

Order = Literal["big", "little"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A range of bits. `edges` is None for what has no value: constants, lengths, spare bits."""

    part: Part
    edges: Edges | None = None
    constant: int | None = None


def width_of(key: str, field: FieldTable) -> int | None:
    """Return how many bits a field has; None for one that takes the rest of the frame."""
    if field.bits is not None and field.bytes is not None:
        raise LayoutError(f"{key}.bits", "and bytes are both given; state one of them")
    if field.bytes is not None:
        return 8 * field.bytes
    if field.bits is not None:
        return field.bits
    return _implied(key, field)


def _implied(key: str, field: FieldTable) -> int | None:
    if isinstance(field.constant, str):
        return 8 * len(_hex(key, field.constant))
    if field.as_ is As.FLAG:
        return 1
    if field.name and field.as_ in (As.HEX, As.TEXT) and field.enum is None:
        return None
    raise LayoutError(f"{key}.bits", "is missing: say bits or bytes")


def _hex(key: str, text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError as error:
        raise LayoutError(f"{key}.constant", f"is not hex: {text!r}") from error
    if not found:
        raise LayoutError(f"{key}.constant", "is empty")
    return found


def blank(bits: int) -> Cell:
    """Return bits that are written as zero and not read."""
    return Cell(Part(bits, lambda _raw, _values: None, lambda _fields: 0))


def cell(codec: str, key: str, field: FieldTable, bits: int, order: Order) -> Cell:
    """Return the range of bits of one field, in a frame whose bytes are read in `order`."""
    if field.constant is not None:
        return _constant(codec, key, field, bits, order)
    if field.name is None:
        return blank(bits)
    made = _MAKERS[As.NUMBER if field.enum is not None else field.as_](codec, key, field, bits)
    return _ordered(key, field, made, order)


def _constant(codec: str, key: str, field: FieldTable, bits: int, order: Order) -> Cell:
    raw = field.constant
    if isinstance(raw, str):
        # Hex is written as it stands in the frame, whatever the order of numbers.
        raw = int.from_bytes(_hex(key, raw), order)
    elif _own_order(key, field, bits, order) != order:
        raw = int.from_bytes((raw or 0).to_bytes(bits // 8, "big"), "little")
    wanted = raw or 0
    if not 0 <= wanted < 1 << bits:
        raise LayoutError(f"{key}.constant", f"does not fit into {bits} bits")

    def read(found: int, _values: dict[str, Value]) -> None:
        if found != wanted:
            reason = f"a constant of {bits} bits is {found:#x}, it must be {wanted:#x}"
            raise FrameError(codec, reason)

    return Cell(Part(bits, read, lambda _fields: wanted), constant=wanted)


def _own_order(key: str, field: FieldTable, bits: int, order: Order) -> Order:
    if field.order is None:
        return order
    if bits % 8:
        raise LayoutError(f"{key}.order", f"needs whole bytes, the field has {bits} bits")
    return "little" if field.order is ByteOrder.LITTLE else "big"


def _ordered(key: str, field: FieldTable, made: Cell, order: Order) -> Cell:
    """Turn the bytes round where the field has another order than its frame."""
    part, size = made.part, made.part.bits // 8
    is_number = field.enum is not None or field.as_ in (As.NUMBER, As.TIME)
    wanted = _own_order(key, field, part.bits, order) if is_number else "big"
    if wanted == order or size < 2:
        return made

    def turned(raw: int) -> int:
        return int.from_bytes(raw.to_bytes(size, "big"), "little")

    def read(raw: int, values: dict[str, Value]) -> None:
        part.read(turned(raw), values)

    return Cell(Part(part.bits, read, lambda fields: turned(part.write(fields))), made.edges)


def _number(codec: str, key: str, field: FieldTable, bits: int) -> Cell:
    if field.enum is not None:
        return _enum(codec, key, field, bits)
    sign = 1 << bits - 1 if field.signed else 0
    mask = (1 << bits) - 1
    found = quantity(codec, key, field, -sign, mask - sign)
    name, is_plain = found.name, found.is_plain and (found.low, found.high) == (-sign, mask - sign)

    def read(raw: int, values: dict[str, Value]) -> None:
        values[name] = found.value((raw ^ sign) - sign)

    def read_plain(raw: int, values: dict[str, Value]) -> None:
        values[name] = (raw ^ sign) - sign

    part = Part(bits, read_plain if is_plain else read, lambda fields: found.steps(fields) & mask)
    return Cell(part, number_edges(found))


def _enum(codec: str, key: str, field: FieldTable, bits: int) -> Cell:
    words = field.enum or {}
    check_enum(key, words)
    codes: dict[int, str] = {}
    for word, code in words.items():
        if not isinstance(code, int) or not 0 <= code < 1 << bits:
            reason = f"{word} = {code!r} does not fit: {bits} bits hold 0 to {(1 << bits) - 1}"
            raise LayoutError(f"{key}.enum", reason)
        codes[code] = word
    name = field.name or ""
    return Cell(choice(codec, name, bits, codes), enum_edges(name, words))


def _flag(codec: str, key: str, field: FieldTable, bits: int) -> Cell:
    name, plain = field.name or "", flag(field.name or "", default=None)

    def read(raw: int, values: dict[str, Value]) -> None:
        if raw > 1:
            raise FrameError(codec, f"{name} is {raw} on the wire, neither 0 nor 1")
        values[name] = raw == 1

    del key
    return Cell(Part(bits, read, plain.write), flag_edges(name))


def _whole(key: str, field: FieldTable, bits: int) -> int:
    if bits % 8:
        raise LayoutError(f"{key}.bits", f"must be whole bytes for {field.as_}, not {bits} bits")
    return bits // 8


def _octets(_codec: str, key: str, field: FieldTable, bits: int) -> Cell:
    name, size = field.name or "", _whole(key, field, bits)
    return Cell(octets(name, size), hex_edges(name, size))


def _text(codec: str, key: str, field: FieldTable, bits: int) -> Cell:
    name, size = field.name or "", _whole(key, field, bits)

    def read(raw: int, values: dict[str, Value]) -> None:
        values[name] = text_of(codec, name, raw.to_bytes(size, "big").rstrip(b"\0"))

    def write(fields: Fields) -> int:
        return int.from_bytes(text_in(fields, name, size).ljust(size, b"\0"), "big")

    return Cell(Part(bits, read, write), text_edges(name, size))


def text_of(codec: str, name: str, data: bytes) -> str:
    """Return bytes as the text they are; refuse what is not printable ASCII."""
    if not data.isascii() or not data.decode("ascii").isprintable():
        raise FrameError(codec, f"{name} is no printable ASCII: {data[:40].hex()}")
    return data.decode("ascii")


def text_in(fields: Fields, name: str, most: int) -> bytes:
    """Return a text as bytes; refuse what is not printable ASCII."""
    data = fields.text(name, most=most)
    if not data.decode("ascii").isprintable():
        fields.refuse(name, "has characters that cannot be printed")
    return data


def _digits(codec: str, key: str, field: FieldTable, bits: int) -> Cell:
    name, size = field.name or "", _whole(key, field, bits)
    count = field.width or 2 * size
    if count > 2 * size:
        raise LayoutError(f"{key}.width", f"is {count} digits, {size} bytes hold {2 * size}")

    def read(raw: int, values: dict[str, Value]) -> None:
        text = f"{raw:0{2 * size}x}"
        if not text.isdigit() or text[: 2 * size - count].strip("0"):
            raise FrameError(codec, f"{name} is not {count} decimal digits: {text}")
        values[name] = text[2 * size - count :]

    def write(fields: Fields) -> int:
        text = fields.text(name, most=count).decode()
        if len(text) != count or not text.isdigit():
            fields.refuse(name, f"must be {count} decimal digits")
        return int(text, 16)

    return Cell(Part(bits, read, write), digits_edges(name, count))


def _time(_codec: str, key: str, field: FieldTable, bits: int) -> Cell:
    if bits != 32:
        raise LayoutError(f"{key}.bits", f"must be 32 for a time, not {bits}")
    name = field.name or ""
    return Cell(moment(name), time_edges(name))


_MAKERS: dict[As, Callable[[str, str, FieldTable, int], Cell]] = {
    As.NUMBER: _number,
    As.FLAG: _flag,
    As.TEXT: _text,
    As.HEX: _octets,
    As.DIGITS: _digits,
    As.TIME: _time,
}

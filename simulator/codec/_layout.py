"""Fixed binary layouts as tables: a frame is one integer, a field is a range of its bits.

A table is read from the first byte on. In big-endian layouts the first field takes the highest
bits of the first byte; in little-endian ones it takes the lowest, as makers who pack bits say it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Literal, TypeAlias

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields, shown, utc
from simulator.frame import Value

Order: TypeAlias = Literal["big", "little"]


@dataclass(frozen=True, slots=True)
class Part:
    """A range of bits: how it becomes values, and how values become it."""

    bits: int
    read: Callable[[int, dict[str, Value]], None]
    write: Callable[[Fields], int]


class Layout:
    """A table of parts that fills whole bytes."""

    __slots__ = ("_codec", "_order", "_parts", "_writers", "size")

    def __init__(self, codec: str, *parts: Part, order: Order = "big") -> None:
        self._codec = codec
        self._order: Order = order
        bits = sum(part.bits for part in parts)
        self.size, odd = divmod(bits, 8)
        if odd:
            message = f"a layout of {codec} ends {odd} bits into a byte"
            raise ValueError(message)
        shifts = _shifts([part.bits for part in parts], bits, order)
        self._parts = tuple(
            (shift, (1 << part.bits) - 1, part.read)
            for shift, part in zip(shifts, parts, strict=True)
        )
        self._writers = tuple(
            (shift, part.write) for shift, part in zip(shifts, parts, strict=True)
        )

    def read(self, frame: bytes, at: int = 0) -> dict[str, Value]:
        """Return the values of the bytes from `at` on; what follows the layout is not looked at."""
        end = at + self.size
        if len(frame) < end:
            reason = f"ends at byte {len(frame)}, the fields from byte {at} need {self.size} bytes"
            raise FrameError(self._codec, reason)
        values: dict[str, Value] = {}
        number = int.from_bytes(frame[at:end], self._order)
        for shift, mask, read in self._parts:
            read(number >> shift & mask, values)
        return values

    def read_whole(self, frame: bytes, at: int = 0) -> dict[str, Value]:
        """Return the values of a frame that ends with this layout."""
        no_more_than(self._codec, frame, at + self.size)
        return self.read(frame, at)

    def write(self, fields: Fields) -> bytes:
        """Return the bytes of this layout that say the values."""
        number = 0
        for shift, write in self._writers:
            number |= write(fields) << shift
        return number.to_bytes(self.size, self._order)


def _shifts(widths: Sequence[int], total: int, order: Order) -> list[int]:
    shifts, at = [], 0
    for width in widths:
        shifts.append(at if order == "little" else total - at - width)
        at += width
    return shifts


def no_more_than(codec: str, frame: bytes, size: int) -> None:
    """Refuse a frame that goes on behind its last field."""
    if len(frame) > size:
        raise FrameError(codec, f"has {len(frame) - size} bytes too many, from byte {size} on")


def number(
    name: str,
    bits: int,
    *,
    step: float = 1,
    offset: float = 0,
    digits: int | None = None,
    signed: bool = False,
    default: float | None = None,
) -> Part:
    """Return a number: raw times `step` plus `offset`, rounded to `digits` (None: whole)."""
    sign = 1 << bits - 1 if signed else 0
    low, high = -sign, (1 << bits) - 1 - sign
    mask = (1 << bits) - 1

    def read(raw: int, values: dict[str, Value]) -> None:
        values[name] = round((raw ^ sign) * step - sign * step + offset, digits)

    def read_whole(raw: int, values: dict[str, Value]) -> None:
        values[name] = (raw ^ sign) - sign

    def write(fields: Fields) -> int:
        if default is not None and name not in fields:
            return round((default - offset) / step) & mask
        return steps(fields, name, low, high, step=step, offset=offset) & mask

    return Part(bits, read_whole if step == 1 and offset == 0 else read, write)


def steps(
    fields: Fields, name: str, low: int, high: int, *, step: float = 1, offset: float = 0
) -> int:
    """Return how many steps above the offset a value is, rounded to the nearest."""
    found = fields.value(name)
    if type(found) is not int and type(found) is not float:
        fields.refuse(name, f"must be a number, not {shown(found)}")
    try:
        exact = (found - offset) / step
    except OverflowError:
        exact = float("inf")
    if not isfinite(exact):
        fields.refuse(name, "is no finite number")
    raw = round(exact)
    if not low <= raw <= high:
        least, most = low * step + offset, high * step + offset
        fields.refuse(name, f"does not fit: {shown(found)} is not within {least:g} to {most:g}")
    return raw


def numbers(
    codec: str, name: str, count: int, plain: Part, default: Sequence[Value] | None = None
) -> Part:
    """Return several numbers in a row (big-endian) as a list; `plain` is one, of the same name."""
    mask = (1 << plain.bits) - 1
    shifts = [plain.bits * (count - 1 - i) for i in range(count)]

    def read(raw: int, values: dict[str, Value]) -> None:
        found: list[Value] = []
        for shift in shifts:
            one: dict[str, Value] = {}
            plain.read(raw >> shift & mask, one)
            found.append(one[name])
        values[name] = found

    def write(fields: Fields) -> int:
        words = fields.words(name) if default is None or name in fields else list(default)
        if len(words) != count:
            fields.refuse(name, f"must have {count} entries, not {len(words)}")
        parts = (plain.write(Fields(codec, {name: word})) for word in words)
        return sum(part << shift for part, shift in zip(parts, shifts, strict=True))

    return Part(plain.bits * count, read, write)


def flag(name: str, *, default: bool | None = False) -> Part:
    """Return one bit as true or false; without a default it must be given."""

    def read(raw: int, values: dict[str, Value]) -> None:
        values[name] = raw == 1

    return Part(1, read, lambda fields: int(fields.flag(name, default)))


def spare(bits: int, name: str = "reserved", *, usual: int = 0) -> Part:
    """Return bits without a meaning of their own: a value only where they are not as usual."""

    def read(raw: int, values: dict[str, Value]) -> None:
        if raw != usual:
            values[name] = raw

    def write(fields: Fields) -> int:
        return fields.integer(name, 0, (1 << bits) - 1) if name in fields else usual

    return Part(bits, read, write)


def codes_of(words: Mapping[int, str]) -> dict[str, int]:
    """Return the code of each word; of several codes the first one in the table."""
    codes: dict[str, int] = {}
    for code, word in words.items():
        codes.setdefault(word, code)
    return codes


def choice(
    codec: str, name: str, bits: int, words: Mapping[int, str], default: str | None = None
) -> Part:
    """Return a code that is known by its word alone; other codes are refused."""
    codes = codes_of(words)

    def read(raw: int, values: dict[str, Value]) -> None:
        if raw not in words:
            raise FrameError(codec, f"there is no {name} of code {raw}")
        values[name] = words[raw]

    def write(fields: Fields) -> int:
        if default is not None and name not in fields:
            return codes[default]
        return fields.choice(name, codes)

    return Part(bits, read, write)


def coded(
    code_name: str, bits: int, name: str, words: Mapping[int, str], default: int | None = None
) -> Part:
    """Return a code under `code_name`, and under `name` the word for it where there is one."""
    codes = codes_of(words)

    def read(raw: int, values: dict[str, Value]) -> None:
        values[code_name] = raw
        if raw in words:
            values[name] = words[raw]

    def write(fields: Fields) -> int:
        if code_name not in fields:
            if default is not None and name not in fields:
                return default
            return fields.choice(name, codes)
        code = fields.integer(code_name, 0, (1 << bits) - 1)
        if name in fields and words.get(code) != fields.value(name):
            fields.refuse(name, f"is not what {code_name} {code} stands for")
        return code

    return Part(bits, read, write)


def octets(
    name: str,
    size: int,
    *,
    separator: str = "",
    default: bytes | None = None,
    order: Order = "big",
) -> Part:
    """Return bytes as hex digits; `order` is that of the layout they stand in."""

    def read(raw: int, values: dict[str, Value]) -> None:
        data = raw.to_bytes(size, order)
        values[name] = data.hex(separator) if separator else data.hex()

    def write(fields: Fields) -> int:
        if default is not None and name not in fields:
            return int.from_bytes(default, order)
        return int.from_bytes(fields.hexadecimal(name, size), order)

    return Part(8 * size, read, write)


def moment(name: str = "time", *, since_s: int = 0) -> Part:
    """Return 32 bits of seconds since `since_s` (of the Unix epoch) as ISO 8601."""

    def read(raw: int, values: dict[str, Value]) -> None:
        values[name] = utc(raw + since_s)

    def write(fields: Fields) -> int:
        seconds = fields.epoch(name) - since_s
        if seconds < 0:
            fields.refuse(name, f"is before {utc(since_s)}, which this frame cannot say")
        return seconds

    return Part(32, read, write)


def version(name: str, *widths: int, order: Order = "big") -> Part:
    """Return numbers of these widths as a dotted version; `order` is that of the layout."""
    total = sum(widths)
    shifts = _shifts(widths, total, order)

    def read(raw: int, values: dict[str, Value]) -> None:
        values[name] = ".".join(
            str(raw >> shift & (1 << width) - 1)
            for shift, width in zip(shifts, widths, strict=True)
        )

    def write(fields: Fields) -> int:
        words = fields.text(name, most=32).split(b".")
        if len(words) != len(widths) or not all(word.isdigit() for word in words):
            fields.refuse(name, f"must be {len(widths)} numbers with dots between them")
        numbers = [int(word) for word in words]
        if any(number >> width for number, width in zip(numbers, widths, strict=True)):
            fields.refuse(name, "has a number that does not fit into its bits")
        return sum(number << shift for number, shift in zip(numbers, shifts, strict=True))

    return Part(total, read, write)


def time_of(fields: Fields, name: str) -> datetime:
    """Return a time (ISO 8601 with its zone) in UTC, of any year that can be written."""
    text = fields.text(name, most=40).decode()
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise ValueError(text)
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        fields.refuse(name, f"must be an ISO 8601 time with its zone, not {shown(text)}")


def calendar(codec: str, year_bits: int, *, since: int = 0, name: str = "time") -> Part:
    """Return a big-endian date and time of day, a byte each but the year, as ISO 8601 in UTC."""

    def read(raw: int, values: dict[str, Value]) -> None:
        month, day, hour, minute, second = (raw & 0xFFFFFFFFFF).to_bytes(5, "big")
        try:
            time = datetime((raw >> 40) + since, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError as error:
            raise FrameError(codec, f"the {name} is none: {error}") from error
        values[name] = f"{time.isoformat()[:19]}Z"

    def write(fields: Fields) -> int:
        time = time_of(fields, name)
        year = time.year - since
        if not 0 <= year < 1 << year_bits:
            fields.refuse(name, f"must be from the year {since} on and fit its bits")
        rest = bytes((time.month, time.day, time.hour, time.minute, time.second))
        return year << 40 | int.from_bytes(rest, "big")

    return Part(year_bits + 40, read, write)

"""Where the fields of a binary message lie: a fixed head, perhaps a part of any length, a tail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from simulator.codec._generic.cells import Cell, Order, blank, cell, width_of
from simulator.codec._generic.message import Row
from simulator.codec._generic.sums import Sum, sums
from simulator.codec._generic.tables import As, ByteOrder, FieldTable, LayoutError, LengthOf
from simulator.codec._layout import Layout

LONGEST_REST = 1024
_USUAL_REST = 64


@dataclass(frozen=True, slots=True)
class Slot:
    """Whole bytes that are filled in when the rest of the message is known."""

    at: int  # from the start, or from the end where it lies in the tail (negative)
    size: int
    order: Order
    table: FieldTable

    def span(self, whole: int) -> slice:
        """Return where the bytes are in a message of so many bytes."""
        start = self.at if self.at >= 0 else whole + self.at
        return slice(start, start + self.size)


@dataclass(frozen=True, slots=True)
class Check:
    """A checksum in its place."""

    slot: Slot
    sum: Sum


@dataclass(slots=True)
class Stretch:
    """Neighbouring fields of known width; grows while a message is planned."""

    cells: list[Cell] = field(default_factory=list)
    bits: int = 0

    def add(self, made: Cell) -> None:
        """Put a range of bits behind the others."""
        self.cells.append(made)
        self.bits += made.part.bits

    def layout(self, codec: str, order: Order) -> Layout:
        """Return the stretch as one layout."""
        return Layout(codec, *(one.part for one in self.cells), order=order)


@dataclass(slots=True)
class Plan:
    """All parts of a binary message."""

    codec: str
    message: str
    order: Order
    head: Stretch = field(default_factory=Stretch)
    rest: FieldTable | None = None
    tail: Stretch = field(default_factory=Stretch)
    lengths: list[Slot] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def most_rest(self) -> int:
        """Return how long the part of any length may be."""
        stated = self.rest.maximum if self.rest else 0
        return _USUAL_REST if stated is None else int(stated)


def plan(codec: str, name: str, tables: Sequence[FieldTable], order: ByteOrder) -> Plan:
    """Lay the fields of a message out; raise `LayoutError` where they cannot lie so."""
    made = Plan(codec, name, "little" if order is ByteOrder.LITTLE else "big")
    slots: list[_Found] = []
    for number, table in enumerate(tables):
        slots += _put(made, f"messages.{name}.fields[{number}]", table)
    key = f"messages.{name}.fields"
    for stretch in (made.head, made.tail):
        if stretch.bits % 8:
            raise LayoutError(key, f"end {stretch.bits % 8} bits into a byte")
    for found in slots:
        _fill(made, found)
    return made


class _Found(NamedTuple):
    key: str
    slot: Slot
    stretch: Stretch


def _put(made: Plan, key: str, table: FieldTable) -> Iterator[_Found]:
    """Put one field behind the others; yield the slot it leaves to be filled in."""
    bits = width_of(key, table)
    if bits is None:
        _put_rest(made, key, table)
        return
    stretch = made.head if made.rest is None else made.tail
    _skip_to(made, stretch, key, table)
    start = stretch.bits
    one = cell(made.codec, key, table, bits, made.order)
    made.rows.append(_row(made, table, one, start))
    stretch.add(one)
    if table.length or table.checksum:
        if start % 8 or bits % 8:
            raise LayoutError(key, "must be whole bytes that begin at a byte")
        slot = Slot(start // 8, bits // 8, _order_of(made, table), table)
        yield _Found(key, slot, stretch)


def _order_of(made: Plan, table: FieldTable) -> Order:
    if table.order is None:
        return made.order
    return "little" if table.order is ByteOrder.LITTLE else "big"


def _put_rest(made: Plan, key: str, table: FieldTable) -> None:
    if made.rest is not None:
        reason = f"and {made.rest.name} both have no size; only one field can take what is left"
        raise LayoutError(f"{key}.bytes", reason)
    if made.head.bits % 8:
        raise LayoutError(key, f"begins {made.head.bits % 8} bits into a byte")
    made.rest = table
    if not 1 <= made.most_rest <= LONGEST_REST:
        raise LayoutError(f"{key}.maximum", f"must be 1 to {LONGEST_REST} bytes")
    at, most = str(made.head.bits // 8), f"up to {made.most_rest} bytes"
    meaning = "hex digits" if table.as_ is As.HEX else "text"
    made.rows.append(Row(made.message, at, most, table.name or "", meaning))


def _skip_to(made: Plan, stretch: Stretch, key: str, table: FieldTable) -> None:
    """Check where a field says that it begins; what lies before it is spare."""
    if table.at is None:
        return
    if stretch is made.tail:
        raise LayoutError(f"{key}.at", "cannot be known behind a field of any length")
    gap = 8 * table.at - stretch.bits
    if gap < 0:
        reason = f"is {table.at}, but the fields before it reach to byte {stretch.bits / 8:g}"
        raise LayoutError(f"{key}.at", f"{reason}: they overlap")
    if gap:
        stretch.add(blank(gap))


def _fill(made: Plan, found: _Found) -> None:
    """Take note of what is to be filled into a slot."""
    key, slot, stretch = found
    at = slot.at - stretch.bits // 8 if stretch is made.tail else slot.at
    placed = replace(slot, at=at)
    if slot.table.length:
        made.lengths.append(placed)
        return
    name = slot.table.checksum or ""
    if name not in sums():
        known = "sum8, xor8, negative8, inverse8, sum16, crc8/..., crc16/..., crc32/..."
        raise LayoutError(f"{key}.checksum", f"there is no {name!r}. Known: {known}")
    wanted = sums()[name]
    if wanted.size != slot.size:
        reason = f"{name} has {wanted.size} bytes, the field has {slot.size}"
        raise LayoutError(f"{key}.checksum", reason)
    made.checks.append(Check(placed, wanted))


def _row(made: Plan, table: FieldTable, one: Cell, start: int) -> Row:
    byte, bit = divmod(start, 8)
    at = f"{byte}" if not bit and not one.part.bits % 8 else f"{byte}.{bit}"
    if made.rest is not None:
        at = "end" if not start else f"end + {at}"
    bits = one.part.bits
    size = f"{bits // 8} bytes" if bits % 8 == 0 and bits > 8 else f"{bits} bits"
    size = "1 bit" if bits == 1 else size
    return Row(made.message, at, size, table.name or _role(table), meaning_of(table, one))


def _role(table: FieldTable) -> str:
    return "length" if table.length else "checksum" if table.checksum else "-"


def meaning_of(table: FieldTable, one: Cell) -> str:
    """Return what a field stands for, as people read it."""
    if table.checksum:
        return f"{table.checksum} from byte {table.from_}"
    if table.length:
        counted = "the whole frame" if table.length is LengthOf.FRAME else "what follows"
        return f"bytes of {counted}" + (f" {table.offset:+g}" if table.offset else "")
    if one.constant is not None:
        shown = table.constant if isinstance(table.constant, str) else f"{one.constant:#x}"
        return f"always {shown}"
    return one.edges.meaning if one.edges else "spare"


def names_once(key: str, tables: Sequence[FieldTable]) -> None:
    """Refuse two fields of one name, and a field with two roles or none."""
    seen: set[str] = set()
    for number, table in enumerate(tables):
        place = f"{key}[{number}]"
        roles = [table.name, table.constant, table.length, table.checksum, table.spare or None]
        if sum(role is not None for role in roles) != 1:
            reason = "needs exactly one of name, constant, length, checksum, spare"
            raise LayoutError(place, reason)
        if table.name in seen or table.name == "message":
            why = "names the kind of message" if table.name == "message" else "is there twice"
            raise LayoutError(f"{place}.name", f"{table.name!r} {why}")
        seen |= {table.name} - {None} if table.name else set()

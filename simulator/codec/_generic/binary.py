"""Binary messages of a layout: bits in their places, lengths and checksums filled in."""

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._framing import NEED_MORE, NO_FRAME
from simulator.codec._generic.cells import Order, text_in, text_of
from simulator.codec._generic.edges import Edges, hex_edges, text_edges
from simulator.codec._generic.message import Row
from simulator.codec._generic.plan import Check, Plan, Slot, Stretch, names_once, plan
from simulator.codec._generic.tables import As, ByteOrder, LengthOf, MessageTable
from simulator.frame import Value


class BinaryMessage:
    """One kind of binary message."""

    __slots__ = (
        "_codec",
        "_head",
        "_is_fixed",
        "_marked",
        "_marked_bytes",
        "_mask",
        "_mask_bytes",
        "_order",
        "_plan",
        "_tail",
        "edges",
        "least",
        "marks",
        "most",
        "name",
        "rows",
        "table",
    )

    def __init__(self, codec: str, name: str, table: MessageTable, order: ByteOrder) -> None:
        names_once(f"messages.{name}.fields", table.fields)
        made = plan(codec, name, table.fields, order)
        self.name = name
        self.table = table
        self._codec = codec
        self._plan: Plan = made
        self._head = made.head.layout(codec, made.order)
        self._tail = made.tail.layout(codec, made.order)
        self._order: Order = made.order
        self._mask, self._marked = _constants(made.head, made.order)
        self._mask_bytes = self._mask.to_bytes(self._head.size, made.order)
        self._marked_bytes = self._marked.to_bytes(self._head.size, made.order)
        self.marks = _marks(self._mask_bytes, self._marked_bytes)
        self._is_fixed = made.rest is None
        self.least = self._head.size + self._tail.size
        self.most = self.least + made.most_rest
        self.edges = _edges(made)
        self.rows: tuple[Row, ...] = tuple(made.rows)

    @property
    def states_size(self) -> bool:
        """Return whether the head of a message tells how long the whole is."""
        return self._is_fixed or any(slot.at >= 0 for slot in self._plan.lengths)

    @property
    def first_byte(self) -> bytes | None:
        """Return the constant that each message begins with, if there is one."""
        return self._marked_bytes[:1] if self._mask_bytes[:1] == b"\xff" else None

    def fits(self, body: bytes) -> bool:
        """Return whether the constants are those of this message, as far as there are bytes."""
        head = body[: self._head.size]
        if len(head) == self._head.size:
            return int.from_bytes(head, self._order) & self._mask == self._marked
        known = zip(head, self._mask_bytes, self._marked_bytes, strict=False)
        return all(byte & mask == marked for byte, mask, marked in known)

    def size_of(self, stream: bytes) -> int:
        """Return the size of the message that a stream begins with, as a `Measure` does."""
        if not self.fits(stream):
            return NO_FRAME
        if len(stream) < self._head.size:
            return NEED_MORE
        size = self.least if self._is_fixed else self._stated_size(stream)
        if not self.least <= size <= self.most:
            return NO_FRAME
        if size > len(stream):
            return size
        return size if self._first_fault(stream[:size]) is None else NO_FRAME

    def _stated_size(self, stream: bytes) -> int:
        slot = next(slot for slot in self._plan.lengths if slot.at >= 0)
        counted = int.from_bytes(stream[slot.span(0)], slot.order) - int(slot.table.offset)
        behind = slot.table.length is LengthOf.AFTER
        return counted + (slot.at + slot.size if behind else 0)

    def read(self, body: bytes) -> dict[str, Value]:
        """Return the values of a message."""
        self._check_size(len(body))
        fault = self._first_fault(body)
        if fault:
            raise FrameError(self._codec, fault)
        values = self._head.read(body)
        if self._is_fixed:
            return values
        end = len(body) - self._tail.size
        self._read_rest(body[self._head.size : end], values)
        return values | self._tail.read(body, end)

    def write(self, fields: Fields) -> bytes:
        """Return the message that says the values."""
        rest = b"" if self._is_fixed else self._write_rest(fields)
        body = bytearray(self._head.write(fields) + rest + self._tail.write(fields))
        for slot in self._plan.lengths:
            self._fill(body, slot, _length(slot, len(body)))
        for check in self._plan.checks:
            self._fill(body, check.slot, _sum(check, body))
        return bytes(body)

    def _check_size(self, size: int) -> None:
        if not self.least <= size <= self.most:
            wanted = f"{self.least}" if self._is_fixed else f"{self.least} to {self.most}"
            raise FrameError(self._codec, f"{self.name} has {wanted} bytes, not {size}")

    def _first_fault(self, body: bytes) -> str | None:
        """Return what is wrong with the lengths or checksums of a whole message."""
        for slot in self._plan.lengths:
            found = int.from_bytes(body[slot.span(len(body))], slot.order)
            if found != _length(slot, len(body)):
                return f"the length says {found}, it must be {_length(slot, len(body))}"
        for check in self._plan.checks:
            slot = check.slot
            found = int.from_bytes(body[slot.span(len(body))], slot.order)
            wanted = _sum(check, body)
            if found != wanted:
                return f"{check.sum.name} is {found:#x}, it must be {wanted:#x}"
        return None

    def _fill(self, body: bytearray, slot: Slot, number: int) -> None:
        if not 0 <= number < 1 << 8 * slot.size:
            raise FrameError(self._codec, f"the length {number} has no room in {slot.size} bytes")
        body[slot.span(len(body))] = number.to_bytes(slot.size, slot.order)

    def _read_rest(self, data: bytes, values: dict[str, Value]) -> None:
        table = self._plan.rest
        if table and table.name:
            is_hex = table.as_ is As.HEX
            values[table.name] = data.hex() if is_hex else text_of(self._codec, table.name, data)

    def _write_rest(self, fields: Fields) -> bytes:
        table = self._plan.rest
        name = (table and table.name) or ""
        if not table or table.as_ is not As.HEX:
            return text_in(fields, name, self._plan.most_rest)
        data = fields.hexadecimal(name)
        if len(data) > self._plan.most_rest:
            fields.refuse(name, f"has {len(data)} bytes, there is room for {self._plan.most_rest}")
        return data


def _length(slot: Slot, whole: int) -> int:
    if slot.table.length is LengthOf.AFTER:
        whole -= slot.span(whole).stop
    return whole + int(slot.table.offset)


def _sum(check: Check, body: bytes | bytearray) -> int:
    until = check.slot.span(len(body)).start
    return check.sum.of(bytes(body[check.slot.table.from_ : until]))


def _constants(head: Stretch, order: Order) -> tuple[int, int]:
    """Return which bits of a head are constant, and their values."""
    mask, marked, at = 0, 0, 0
    for one in head.cells:
        bits = one.part.bits
        shift = at if order == "little" else head.bits - at - bits
        if one.constant is not None:
            mask |= (1 << bits) - 1 << shift
            marked |= one.constant << shift
        at += bits
    return mask, marked


def _marks(mask: bytes, marked: bytes) -> dict[str, str]:
    """Return each constant bit by its place: fields of any width can be told apart by it."""
    return {
        f"{at}.{bit}": str(marked[at] >> bit & 1)
        for at, bits in enumerate(mask)
        for bit in range(8)
        if bits >> bit & 1
    }


def _edges(made: Plan) -> tuple[Edges, ...]:
    cells = [*made.head.cells, *made.tail.cells]
    found = [one.edges for one in cells if one.edges is not None]
    if made.rest and made.rest.name:
        name, most = made.rest.name, made.most_rest
        is_hex = made.rest.as_ is As.HEX
        found.append(hex_edges(name, most) if is_hex else text_edges(name, most))
    return tuple(found)

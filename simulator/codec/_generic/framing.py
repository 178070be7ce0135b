"""What a stream adds around a message of a layout, and how the stream is cut again."""

from collections.abc import Sequence
from typing import Literal

from cobs import cobs

from simulator.codec._contract import FrameError, Framer
from simulator.codec._delimited import DelimitedCutter
from simulator.codec._framing import Measure, StreamCutter, by_start, length_prefixed, terminated
from simulator.codec._generic.binary import BinaryMessage
from simulator.codec._generic.tables import (
    ByteOrder,
    Form,
    FramingKind,
    FramingTable,
    LayoutError,
)
from simulator.codec.serial_slip import CODEC as SLIP

_LONGEST = 8192  # of one message on the wire


class Framing:
    """One way of framing: `wrap` a message, `unwrap` a frame, cut a stream."""

    def __init__(self, codec: str, table: FramingTable) -> None:
        self._codec = codec
        self._table = table
        self._order: Literal["big", "little"] = (
            "little" if table.order is ByteOrder.LITTLE else "big"
        )
        try:
            self._start = bytes.fromhex(table.start)
        except ValueError as error:
            raise LayoutError("framing.start", f"is not hex: {table.start!r}") from error
        if not table.end.isascii():
            raise LayoutError("framing.end", "must be ASCII")
        self._end = table.end.encode("ascii", "ignore")

    def wrap(self, body: bytes) -> bytes:
        """Return a message as it stands in the stream."""
        match self._table.kind:
            case FramingKind.LINE:
                return body + self._end
            case FramingKind.COBS:
                block: bytes = cobs.encode(body)
                return block + b"\0"
            case FramingKind.SLIP:
                return SLIP.encode({"decoded_hex": body.hex()})
            case FramingKind.LENGTH:
                return self._counted(body)
            case FramingKind.START:
                return body

    def unwrap(self, frame: bytes) -> bytes:
        """Return the message of a frame; raise `FrameError` if the frame is broken."""
        match self._table.kind:
            case FramingKind.LINE:
                return frame.removesuffix(self._end)  # published lines are often without
            case FramingKind.COBS:
                return self._uncobbed(frame)
            case FramingKind.SLIP:
                return self._unslipped(frame)
            case FramingKind.LENGTH:
                return self._uncounted(frame)
            case FramingKind.START:
                return frame

    def framer(self, messages: Sequence[BinaryMessage]) -> Framer:
        """Return a cutter of a stream of these messages."""
        match self._table.kind:
            case FramingKind.LINE:
                return StreamCutter(terminated(self._end), limit=_LONGEST)
            case FramingKind.COBS:
                return _Closed(DelimitedCutter(b"\0", limit=_LONGEST), b"\0")
            case FramingKind.SLIP:
                slip = SLIP.framer()
                assert slip is not None  # noqa: S101 - SLIP is a stream
                return slip
            case FramingKind.LENGTH:
                measure = length_prefixed(self._header, self._whole)
                starts = (self._start,) if self._start else ()
                return StreamCutter(measure, limit=_LONGEST, starts=starts)
            case FramingKind.START:
                return _by_first_byte(messages)

    @property
    def _header(self) -> int:
        return len(self._start) + self._table.size

    def _whole(self, frame: bytes) -> int:
        count = int.from_bytes(frame[len(self._start) : self._header], self._order)
        whole = count if self._table.counts_all else count + self._header
        return whole if whole >= self._header else -1

    def _counted(self, body: bytes) -> bytes:
        count = len(body) + (self._header if self._table.counts_all else 0)
        if count >= 1 << 8 * self._table.size:
            reason = f"the length {count} has no room in {self._table.size} bytes"
            raise FrameError(self._codec, reason)
        return self._start + count.to_bytes(self._table.size, self._order) + body

    def _uncounted(self, frame: bytes) -> bytes:
        if len(frame) < self._header or not frame.startswith(self._start):
            wanted = f"{self._start.hex()} and " if self._start else ""
            raise FrameError(self._codec, f"must begin with {wanted}its length: {frame[:8].hex()}")
        if self._whole(frame) != len(frame):
            reason = f"the length says {self._whole(frame)} bytes, there are {len(frame)}"
            raise FrameError(self._codec, reason)
        return frame[self._header :]

    def _uncobbed(self, frame: bytes) -> bytes:
        try:
            body: bytes = cobs.decode(frame.removesuffix(b"\0"))
        except cobs.DecodeError as error:
            raise FrameError(self._codec, f"is no COBS block: {error}") from error
        return body

    def _unslipped(self, frame: bytes) -> bytes:
        try:
            return bytes.fromhex(str(SLIP.decode(frame)["decoded_hex"]))
        except FrameError as error:
            raise FrameError(self._codec, f"is no SLIP packet: {error.reason}") from error


class _Closed:
    """Gives each frame with the delimiter that closes it."""

    def __init__(self, cutter: DelimitedCutter, end: bytes) -> None:
        self._cutter = cutter
        self._end = end

    @property
    def discarded(self) -> int:
        return self._cutter.discarded

    @property
    def pending(self) -> int:
        return self._cutter.pending

    def feed(self, data: bytes) -> list[bytes]:
        return [body + self._end for body in self._cutter.feed(data)]


def _by_first_byte(messages: Sequence[BinaryMessage]) -> StreamCutter:
    """Cut messages that begin with a constant, several of which may begin with the same one."""
    groups: dict[bytes, list[BinaryMessage]] = {}
    for message in messages:
        groups.setdefault(message.first_byte or b"", []).append(message)
    measures = {start: _first_that_fits(group) for start, group in groups.items()}
    limit = max(message.most for message in messages)
    return StreamCutter(by_start(measures), limit=limit, starts=tuple(measures))


def _first_that_fits(group: Sequence[BinaryMessage]) -> Measure:
    def measure(stream: bytes) -> int:
        sizes = (message.size_of(stream) for message in group)
        return next((size for size in sizes if size != -1), -1)

    return measure


def check_framing(table: FramingTable, form: Form, messages: Sequence[BinaryMessage]) -> None:
    """Refuse a framing that cannot work for these messages."""
    if table.kind is FramingKind.LINE and form is Form.BINARY:
        raise LayoutError("framing.kind", "line is for text and JSON: a byte may look like its end")
    if table.kind is not FramingKind.START:
        return
    if form is not Form.BINARY:
        raise LayoutError("framing.kind", "start is for binary layouts; say line")
    for message in messages:
        if message.first_byte is None:
            raise LayoutError(f"messages.{message.name}.fields", "must begin with a constant")
        if not message.states_size:
            reason = "have a part of any length, so one of them must be a length"
            raise LayoutError(f"messages.{message.name}.fields", reason)

"""A codec made from the layout of a profile: no Python of its own."""

from collections.abc import Mapping
from itertools import combinations
from typing import ClassVar

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._fields import Fields
from simulator.codec._generic.binary import BinaryMessage
from simulator.codec._generic.framing import Framing, check_framing
from simulator.codec._generic.message import Message, Row
from simulator.codec._generic.tables import Form, LayoutError, LayoutTable
from simulator.codec._generic.textual import JsonMessage, TextMessage
from simulator.frame import Direction, Value


class LayoutCodec(Codec):
    """Frames as a layout states them; `title` names the device in errors.

    Where a layout has several messages, the value `message` says which one is meant.
    """

    name: ClassVar[str] = "layout"

    def __init__(self, title: str, layout: LayoutTable) -> None:
        if not layout.messages:
            raise LayoutError("messages", "are none; a layout needs one at least")
        self.title = title
        self.layout = layout
        binary = [
            BinaryMessage(title, name, table, layout.order)
            for name, table in layout.messages.items()
            if layout.form is Form.BINARY
        ]
        self._binary = tuple(binary)
        self.messages: tuple[Message, ...] = self._binary or _textual(title, layout)
        self._by_name = {message.name: message for message in self.messages}
        self._is_single = len(self.messages) == 1
        _check_told_apart(self.messages)
        _check_replies(self._by_name)
        self._framing: Framing | None = None
        if layout.framing is not None:
            check_framing(layout.framing, layout.form, binary)
            self._framing = Framing(title, layout.framing)

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return all fields as people read them."""
        return tuple(row for message in self.messages for row in message.rows)

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of a frame."""
        body = self._framing.unwrap(frame) if self._framing else frame
        if self._is_single:
            message = self.messages[0]
            self._check_travel(message, context)
            return message.read(body)
        for message in self.messages:
            if self._travels(message, context) and message.fits(body):
                return {"message": message.name, **message.read(body)}
        known = ", ".join(self._by_name)
        reason = f"begins as no message of the layout ({known}): {body[:16].hex()}"
        raise FrameError(self.title, reason)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame that says these values."""
        fields = Fields(self.title, values)
        message = self.messages[0]
        if not self._is_single or "message" in fields:
            message = fields.choice("message", self._by_name)
        self._check_travel(message, context)
        body = message.write(fields)
        return self._framing.wrap(body) if self._framing else body

    def reply(self, frame: bytes, context: Context = UPLINK) -> bytes | None:
        """Return the downlink that the layout states as the answer to a frame."""
        values = self.decode(frame, context)
        message = self._by_name[str(values.get("message", self.messages[0].name))]
        if message.table.reply is None:
            return None
        answer = self._by_name[message.table.reply]
        way = Context(direction=Direction.DOWNLINK, port=answer.table.port)
        return self.encode({**values, "message": answer.name}, way)

    def framer(self) -> Framer | None:
        """Return a cutter of the stream, where the layout states its framing."""
        return self._framing.framer(self._binary) if self._framing else None

    def _travels(self, message: Message, context: Context) -> bool:
        """Return whether a message travels this way and, where both are known, by this port."""
        table = message.table
        return table.direction is context.direction and (
            table.port is None or context.port in (None, table.port)
        )

    def _check_travel(self, message: Message, context: Context) -> None:
        if not self._travels(message, context):
            way = f"{context.direction} of port {context.port}"
            raise FrameError(self.title, f"{message.name} is no {way}")


class TextLayoutCodec(LayoutCodec):
    """The same for frames of text or JSON."""

    is_text: ClassVar[bool] = True


def layout_codec(title: str, layout: LayoutTable) -> LayoutCodec:
    """Return the codec of a layout; raise `LayoutError` where it cannot be one."""
    made = LayoutCodec if layout.form is Form.BINARY else TextLayoutCodec
    return made(title, layout)


def _textual(title: str, layout: LayoutTable) -> tuple[Message, ...]:
    if layout.form is Form.TEXT:
        return tuple(
            TextMessage(title, name, table, layout.text) for name, table in layout.messages.items()
        )
    return tuple(JsonMessage(title, name, table) for name, table in layout.messages.items())


def _check_told_apart(messages: tuple[Message, ...]) -> None:
    """Refuse messages that no reader can tell apart."""
    for one, other in combinations(messages, 2):
        if one.table.direction is not other.table.direction:
            continue
        ports = {one.table.port, other.table.port}
        if len(ports) == 2 and None not in ports:
            continue
        shared = one.marks.keys() & other.marks.keys()
        if not any(one.marks[place] != other.marks[place] for place in shared):
            reason = (
                f"cannot be told from {one.name}: give both a constant in the same place, "
                "or a port each"
            )
            raise LayoutError(f"messages.{other.name}", reason)


def _check_replies(messages: Mapping[str, Message]) -> None:
    """Refuse a reply that nobody sends down, or that says what its message does not."""
    for name, message in messages.items():
        wanted = message.table.reply
        if wanted is None:
            continue
        key = f"messages.{name}.reply"
        answer = messages.get(wanted)
        if answer is None or answer.table.direction is not Direction.DOWNLINK:
            raise LayoutError(key, f"there is no downlink {wanted!r} in the layout")
        if message.table.direction is Direction.DOWNLINK:
            raise LayoutError(key, "stands at a downlink, which nobody answers")
        optional = {field.name for field in answer.table.fields if field.optional}
        known = {edges.name for edges in message.edges} | optional
        unknown = [edges.name for edges in answer.edges if edges.name not in known]
        if unknown:
            raise LayoutError(key, f"{wanted} also says {', '.join(unknown)}, {name} does not")

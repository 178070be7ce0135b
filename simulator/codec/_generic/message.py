"""What every form of message offers, and the row of a table for each of its fields."""

from typing import NamedTuple, Protocol

from simulator.codec._fields import Fields
from simulator.codec._generic.edges import Edges
from simulator.codec._generic.tables import MessageTable
from simulator.frame import Value


class Row(NamedTuple):
    """One field as people read it."""

    message: str
    at: str
    size: str
    field: str
    meaning: str


class Message(Protocol):
    """One kind of message, both ways. `marks` tell it from others: place to constant."""

    @property
    def name(self) -> str:
        """Return the name that the layout gives it."""
        ...

    @property
    def table(self) -> MessageTable:
        """Return the table it was made from."""
        ...

    @property
    def marks(self) -> dict[str, str]:
        """Return the constants that every such message has, by their places."""
        ...

    @property
    def edges(self) -> tuple[Edges, ...]:
        """Return the borders of each named value."""
        ...

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the fields as people read them, in order."""
        ...

    def fits(self, body: bytes) -> bool:
        """Return whether the constants are those of this message."""
        ...

    def read(self, body: bytes) -> dict[str, Value]:
        """Return the values of a message; raise `FrameError` if it is none."""
        ...

    def write(self, fields: Fields) -> bytes:
        """Return the message that says the values."""
        ...

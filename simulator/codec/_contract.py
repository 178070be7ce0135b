"""What a codec is: native bytes to named values and back, with no state, clock or chance.

A protocol is one module of this package, named as its vector file, with one object `CODEC`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import ClassVar, Protocol

from simulator.errors import InputError
from simulator.frame import Direction, Value

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Context:
    """What travels beside the bytes of a frame.

    `port` is the LoRaWAN FPort; `received_s` the time of reception (seconds since 1970) from which
    relative native times are completed; `address` the BLE advertiser; `key` the AES or bind key.
    """

    direction: Direction = Direction.UPLINK
    port: int | None = None
    received_s: float | None = None
    address: str | None = None
    key: bytes | None = None


UPLINK = Context()


class FrameError(InputError):
    """The bytes are no frame of this protocol, or the values cannot be put into one.

    `codec` names the protocol, `reason` says what is wrong and where in the frame.
    """

    def __init__(self, codec: str, reason: str) -> None:
        super().__init__(f"{codec}: {reason}")
        self.codec = codec
        self.reason = reason


class Framer(Protocol):
    """Cuts a byte stream into frames; fed in any portions it finds the same frames."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and return the frames that are now complete."""
        ...

    @property
    def discarded(self) -> int:
        """Return how many bytes so far belonged to no frame."""
        ...

    @property
    def pending(self) -> int:
        """Return how many bytes wait for the rest of their frame."""
        ...


class Codec(ABC):
    """One native protocol, both ways."""

    name: ClassVar[str]
    is_text: ClassVar[bool] = False  # frames are printable text rather than bytes

    @abstractmethod
    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of a frame; raise `FrameError` if it is none."""

    @abstractmethod
    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame that says these values; raise `FrameError` if none can."""

    def encode_many(
        self, values: Mapping[str, Sequence[Value]], contexts: Sequence[Context]
    ) -> list[bytes]:
        """Return what `encode` returns for each of many frames: a column a value, a row a frame."""
        columns = values.values()
        rows = zip(*columns, strict=True) if columns else repeat((), len(contexts))
        told = (dict(zip(values, row, strict=True)) for row in rows)
        return [self.encode(one, context) for one, context in zip(told, contexts, strict=True)]

    def decode_many(
        self, frames: Sequence[bytes], contexts: Iterable[Context]
    ) -> list[dict[str, Value] | None]:
        """Return what `decode` returns for each of many frames; None for those that are none."""
        values: list[dict[str, Value] | None] = []
        for frame, context in zip(frames, contexts, strict=True):
            try:
                values.append(self.decode(frame, context))
            except FrameError:
                values.append(None)
        return values

    def decode_alike(self, frames: Sequence[bytes]) -> dict[str, Sequence[Value]] | None:
        """Return the values of many frames, a column a value, where all say the same things.

        None where they do not, or where a codec has no quick way to see it: decode each then.
        """
        del frames
        return None

    def reply(self, frame: bytes, context: Context = UPLINK) -> bytes | None:
        """Return what the server answers to this very frame, or None where it says nothing."""
        del frame, context
        return None

    def framer(self) -> Framer | None:
        """Return a cutter for a byte stream of this protocol; None where frames come whole."""
        return None

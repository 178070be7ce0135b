"""What a device makes of the bytes that the server sends: the reply it waits for, or another.

A device knows the reply that its firmware expects to a frame; so does the codec. Bytes that are
that reply settle the frame. Replies that tell the time are compared without it. SIA DC-09 has three
answers: ACK settles, DUH settles but says that nothing was understood, NAK asks for the right time.
"""

from dataclasses import dataclass
from enum import StrEnum

from simulator.codec import Codec, Context, FrameError, Values
from simulator.frame import Direction, Value

_MOST_WAITING = 256
_LONGEST = 8192
_LATER_S = 12_345_678.9  # differs in every part of a date and of a time of day


class Verdict(StrEnum):
    """What a reply means to the device."""

    EXPECTED = "expected"
    REFUSED = "refused"
    NOT_UNDERSTOOD = "not_understood"
    WRONG_TIME = "wrong_time"
    OTHER = "other"  # a command, or a reply that nobody waits for


_TOKENS = {"DUH": Verdict.NOT_UNDERSTOOD, "NAK": Verdict.WRONG_TIME}


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the server: its bytes, and the frame that it answers (None for OTHER)."""

    verdict: Verdict
    payload: bytes
    key: int | None = None


class Dialogue:
    """One device's side of a line. Mutable: frames wait for their replies, bytes for the rest."""

    __slots__ = ("_buffer", "_codec", "_expected", "_key", "_timed", "discarded")

    def __init__(self, codec: Codec, key: bytes | None = None) -> None:
        self._codec = codec
        self._key = key
        self._expected: dict[int, bytes] = {}
        self._timed: dict[int, bytes] = {}  # the same replies at another time, where that matters
        self._buffer = b""
        self.discarded = 0  # bytes that made no sense

    def say(self, key: int, frame: bytes, received_s: float) -> bool:
        """Take note of a frame that is sent; return whether the device now waits for a reply.

        `received_s` is when the server has it, in seconds since 1970: some replies tell the time.
        """
        reply = self._reply(frame, Context(received_s=received_s, key=self._key))
        if reply is not None and _refusal(self._read(reply)) is Verdict.WRONG_TIME:
            # the device believes in its own clock
            reply = self._reply(frame, Context(key=self._key))
        if reply is None or len(self._expected) >= _MOST_WAITING:
            return False
        self._expected[key] = reply
        later = self._reply(frame, Context(received_s=received_s + _LATER_S, key=self._key))
        if later is not None and later != reply and _refusal(self._read(later)) is None:
            self._timed[key] = later
        return True

    def corrected(self, frame: bytes, refusal: bytes) -> bytes | None:
        """Return a frame with the time that a refusal tells; None if it cannot be written so."""
        context = Context(key=self._key)
        try:
            time = self._codec.decode(refusal, self._downlink)["time"]
            values = {**self._codec.decode(frame, context), "time": time}
            return self._codec.encode(values, context)
        except (FrameError, KeyError):
            return None

    def _reply(self, frame: bytes, context: Context) -> bytes | None:
        try:
            return self._codec.reply(frame, context)
        except FrameError:
            return None  # a frame broken on purpose: nobody answers it

    def forget(self, key: int) -> None:
        """Wait for a reply no longer."""
        self._expected.pop(key, None)
        self._timed.pop(key, None)

    def hang_up(self) -> None:
        """Forget what belongs to a connection that is no more."""
        self._expected.clear()
        self._timed.clear()
        self._buffer = b""

    def hear(self, data: bytes) -> list[Heard]:
        """Take the next bytes of a stream and return the messages that are now complete."""
        self._buffer += data
        heard: list[Heard] = []
        while self._buffer:
            message = self._next()
            if not message:
                break
            heard += message
        if len(self._buffer) > _LONGEST:
            self.discarded += len(self._buffer)
            self._buffer = b""
        return heard

    def hear_datagram(self, data: bytes) -> list[Heard]:
        """Take a datagram, which holds one message."""
        self._buffer = b""
        return [self._judged(data)]

    def _next(self) -> list[Heard]:
        """Return what the buffer begins with; nothing while it may still become a reply."""
        for reply in self._expected.values():
            if self._buffer.startswith(reply):
                self._buffer = self._buffer[len(reply) :]
                return [self._judged(reply)]
        if any(reply.startswith(self._buffer) for reply in self._expected.values()):
            return []
        if self._read(self._buffer) is not None:
            whole, self._buffer = self._buffer, b""
            return [self._judged(whole)]
        return [self._judged(frame) for frame in self._cut()]

    def _cut(self) -> list[bytes]:
        """Take whole frames off the buffer, as the protocol cuts its streams."""
        framer = self._codec.framer()
        if framer is None:
            return []
        frames = framer.feed(self._buffer)
        self.discarded += framer.discarded
        self._buffer = self._buffer[framer.discarded + sum(map(len, frames)) :]
        return frames

    @property
    def _downlink(self) -> Context:
        return Context(direction=Direction.DOWNLINK, key=self._key)

    def _read(self, message: bytes) -> Values | None:
        try:
            return self._codec.decode(message, self._downlink)
        except FrameError:
            return None

    def _judged(self, message: bytes) -> Heard:
        said = self._read(message)
        key = next((k for k, reply in self._expected.items() if reply == message), None)
        if key is None and said is not None:
            key = self._same(said)
        if key is not None:
            self.forget(key)
            return Heard(_refusal(said) or Verdict.EXPECTED, message, key)
        return self._otherwise(message, said)

    def _same(self, said: Values) -> int | None:
        """Return the frame whose reply says the same, but for the time."""
        for key, reply in self._expected.items():
            expected, other = self._read(reply), self._read(self._timed.get(key, reply))
            if expected and other and _agree(dict(said), dict(expected), dict(other)):
                return key
        return None

    def _otherwise(self, message: bytes, said: Values | None) -> Heard:
        """Return a message that no frame expects: a refusal answers the oldest that waits."""
        refusal = _refusal(said)
        if not self._expected or refusal is None:
            return Heard(Verdict.OTHER, message)
        key = self._answered(said or {})
        self.forget(key)
        return Heard(refusal, message, key)

    def _answered(self, said: Values) -> int:
        """Return the frame of the same sequence as a refusal, else the oldest that waits."""
        for key, reply in self._expected.items():
            expected = self._read(reply) or {}
            if expected.get("sequence") == said.get("sequence"):
                return key
        return next(iter(self._expected))


def _refusal(said: Values | None) -> Verdict | None:
    """Return what a message refuses, if it refuses something."""
    if said is None:
        return None
    if said.get("is_accepted") is False:
        return Verdict.REFUSED
    return _TOKENS.get(str(said.get("token", "")).removeprefix("*"))


def _agree(said: Value, expected: Value, later: Value) -> bool:
    """Return whether a value is the expected one in all that does not change with the time."""
    if isinstance(said, dict) and isinstance(expected, dict) and isinstance(later, dict):
        is_alike = said.keys() == expected.keys() == later.keys()
        return is_alike and all(_agree(said[k], expected[k], later[k]) for k in said)
    if isinstance(said, list) and isinstance(expected, list) and isinstance(later, list):
        is_alike = len(said) == len(expected) == len(later)
        return is_alike and all(map(_agree, said, expected, later))
    return said == expected or (expected != later and type(said) is type(expected))

"""One message of one device, from when it is due until its fate is known."""

from typing import Protocol

from msgspec import Struct

from simulator.aura import Response, TransportError
from simulator.load.connection import Reply
from simulator.load.schedule import CANCEL, MOVE, PRESS

_FRESH_S = {PRESS: 60.0, CANCEL: 120.0, MOVE: 20.0}
_OTHER_FRESH_S = 20.0


def fresh_s(code: int) -> float:
    """Return after how many seconds a message would do harm or no good: as a run has it."""
    return _FRESH_S.get(code, _OTHER_FRESH_S)


class Ends(Protocol):
    """Who is told what became of a message. Times are those of the monotonic clock."""

    def end(self, message: "Message", status: int, now: float) -> None:
        """Take note that AURA took a message that tells nothing of a callout."""
        ...

    def end_important(self, message: "Message", response: Response, now: float) -> None:
        """Take note that AURA took a press or a cancel."""
        ...

    def try_again(self, message: "Message", outcome: Response | TransportError) -> None:
        """Take note that the first attempt was no success."""
        ...

    def too_late(self, message: "Message", now: float) -> None:
        """Take note that a message was dropped, for it must not be sent any more."""
        ...


class Message(Struct, gc=False):
    """An errand for a pool. Mutable, and cheap to make: a test makes one for each message."""

    ends: Ends
    device: int
    code: int
    due: float
    taken: float
    head: bytes
    body: bytes
    press: str | None  # the one that it belongs to
    sent: float = 0.0
    flushed: float = 0.0
    attempts: int = 1
    is_prompt: bool = False  # it is due whenever it is sent

    def answered(self, status: int, reply: Reply, now: float) -> None:
        """Take the answer to the first attempt."""
        if self.is_prompt:
            self.due = self.taken = self.sent
        if self.press is None and 200 <= status < 300:
            self.ends.end(self, status, now)
        elif 200 <= status < 300:
            self.ends.end_important(self, reply.response(), now)
        else:
            self.ends.try_again(self, reply.response())

    def failed(self, error: TransportError, now: float) -> None:
        """Take note that the first attempt has no answer."""
        del now
        self.ends.try_again(self, error)

    def is_late(self, now: float) -> bool:
        """Drop the message if it has waited for so long that it must not be sent."""
        if now - self.due <= fresh_s(self.code):
            return False
        self.ends.too_late(self, now)
        return True

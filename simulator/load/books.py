"""The books of a shard: a row for every message, and the diary of presses and cancels."""

from collections.abc import Callable, Sequence

from simulator.clock import monotonic_s
from simulator.load.bodies import Speaker
from simulator.load.diary import Diary
from simulator.load.message import Message
from simulator.load.rows import CALLOUT, ROW, UNFINISHED
from simulator.load.schedule import PRESS

ROWS = 4096 * ROW.size  # bytes of rows that are handed over at the latest
_FEW = 64 * ROW.size
_OFTEN_S = 0.1
_ROUNDED_S = 1e-6  # times in the journal are to the microsecond
pack = ROW.pack


class Books:
    """Writes down what became of messages; `on_rows` and the diary take it, many at a time."""

    def __init__(
        self,
        on_rows: Callable[[bytes], None],
        diary: Diary,
        speakers: Sequence[Speaker],
    ) -> None:
        self.rows = bytearray()  # always the same, so that the hot path may write into it
        self.start_s = 0.0
        self._on_rows = on_rows
        self._diary = diary
        self._speakers = speakers
        self._handed_s = 0.0

    @property
    def told_s(self) -> float:
        """Return the run time up to which all records were handed over."""
        return max(0.0, self._diary.told_s)

    def begin(self, start_s: float) -> None:
        """Begin at a time of the monotonic clock."""
        self.start_s = self._diary.start_s = start_s

    def opened(self, device: int, code: int, due: float) -> str | None:
        """Write that a press or a cancel is due; return the name of its press, if it has one."""
        return self._diary.begin(self._speakers[device].name, device, code, due - self.start_s)

    def row(self, message: Message, status: int, done: float, attempts: int = 1) -> None:
        """Write what became of a message; `done` is 0 for one that has not ended."""
        self.rows += pack(
            message.due, message.taken, message.sent, message.flushed, done, message.code, status,
            attempts,
        )  # fmt: skip

    def answered(self, message: Message, callout: int | None, status: int, now: float) -> None:
        """Write that AURA took a message that may tell of a callout."""
        name = self._speakers[message.device].name
        self._diary.answered(message, name, callout, status, now - self.start_s)
        self.row(message, status, now, message.attempts + (CALLOUT if callout is not None else 0))

    def failed(self, message: Message, status: int, reason: str, now: float) -> None:
        """Write that a message was given up."""
        name = self._speakers[message.device].name
        self._diary.failed(message, name, status, reason, now - self.start_s)
        self.row(message, status, now, message.attempts)

    def dropped(self, message: Message, code: int, now: float) -> None:
        """Write that a message was never sent."""
        message.sent = message.flushed = 0.0
        message.attempts = 1
        self.failed(message, code, "", now)

    def unfinished(self, message: Message) -> None:
        """Write that the test ended while a message was on its way."""
        if message.press is not None and message.code == PRESS:
            name = self._speakers[message.device].name
            self._diary.unfinished(message.press, name, monotonic_s() - self.start_s)
        self.row(message, UNFINISHED, 0.0, message.attempts)

    def hand_over(self, told_s: float) -> None:
        """Give away rows and records so far; none to come will be of a run time before this."""
        self._handed_s = monotonic_s()
        if self.rows:
            self._on_rows(bytes(self.rows))
            self.rows.clear()
        self._diary.flush(told_s - _ROUNDED_S)

    @property
    def is_worth_it(self) -> bool:
        """Return whether there is enough to hand over, where there is time for it."""
        return len(self.rows) >= _FEW or monotonic_s() - self._handed_s > _OFTEN_S

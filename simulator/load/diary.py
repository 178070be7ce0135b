"""The journal of a load test: every press and every cancel, and what became of them.

The other messages are counted in the result, not written down: at some ten thousand a second nobody
reads them, and the ledger does not need them.
"""

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

import msgspec

from simulator.journal import (
    Answered,
    CalloutClosed,
    EventSent,
    Failed,
    Pressed,
    Record,
    Regretted,
    Unfinished,
)
from simulator.load.lines import callout_of, pack
from simulator.load.rows import DROPS, reason_of
from simulator.load.schedule import CANCEL, KINDS, PRESS

if TYPE_CHECKING:
    from simulator.load.message import Message

_BATCH = 64 * 1024


class Diary:
    """Writes records as lines; `on_lines` takes frames of them (see `simulator.load.lines`).

    `start_s` is set when the test begins: messages carry times of the monotonic clock. `told_s` is
    the time of the run up to which everything was handed over.
    """

    def __init__(self, on_lines: Callable[[bytes], None]) -> None:
        self.start_s = 0.0
        self.told_s = -inf
        self._on_lines = on_lines
        self._encode_into = msgspec.json.Encoder().encode_into
        self._buffer = bytearray()
        self._times: list[float] = []
        self._callouts: list[int] = []
        self._presses: dict[int, int] = {}

    def write(self, record: Record) -> None:
        """Write one record."""
        self._encode_into(record, self._buffer, -1)
        self._buffer += b"\n"
        self._times.append(record.t)
        self._callouts.append(callout_of(record))
        if len(self._buffer) > _BATCH:
            self.flush(self.told_s)

    def flush(self, told_s: float) -> None:
        """Hand over what was written; no record from now on will be of a time before `told_s`."""
        self.told_s = max(self.told_s, told_s)
        if self._buffer:
            self._on_lines(pack(self.told_s, self._times, self._callouts, self._buffer))
            self._buffer = bytearray()
            self._times, self._callouts = [], []

    def begin(self, name: str, device: int, code: int, due_s: float) -> str | None:
        """Write that a press or a cancel is due; return the name of the press it belongs to."""
        number = self._presses.get(device, 0) + (code == PRESS)
        self._presses[device] = number
        if not number:
            return None
        press = f"{name}#{number}"
        t = round(due_s, 6)
        if code == PRESS:
            self.write(Pressed(t=t, press=press, device=name, gesture="press"))
        else:
            self.write(Regretted(t=t, press=press, device=name, by="native"))
        kind = KINDS[code].value
        label = f"{press}:{kind}"
        self.write(EventSent(t=t, device=name, message=label, kind=kind, press=press))
        return press

    def answered(
        self, message: "Message", name: str, callout: int | None, status: int, now: float
    ) -> None:
        """Write that AURA took a message."""
        if message.press is None:
            return
        kind = KINDS[message.code].value
        t = round(now, 6)
        self.write(
            Answered(
                t=t,
                device=name,
                message=f"{message.press}:{kind}",
                kind=kind,
                status=status,
                press=message.press,
                callout=callout,
                attempts=message.attempts,
                took_s=round(now + self.start_s - message.due, 6),
            )
        )
        if message.code == CANCEL and callout is not None:
            self.write(CalloutClosed(t=t, device=name, callout=callout, by="cancel"))

    def unfinished(self, press: str, name: str, now: float) -> None:
        """Write that the test ended while a press was on its way."""
        self.write(Unfinished(t=round(now, 6), press=press, device=name, where="target"))

    def failed(self, message: "Message", name: str, code: int, reason: str, now: float) -> None:
        """Write that a message was given up, and why."""
        if message.press is None:
            return
        kind = KINDS[message.code].value
        self.write(
            Failed(
                t=round(now, 6),
                device=name,
                message=f"{message.press}:{kind}",
                kind=kind,
                reason=reason or reason_of(code),
                status=code if code > 0 else None,
                press=message.press,
                attempts=0 if code in DROPS else message.attempts,
            )
        )

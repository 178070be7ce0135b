"""The story of one press as its records tell it, and the class that follows from the story."""

from simulator.journal import (
    Answered,
    EventSent,
    FaultApplied,
    FrameSent,
    OnAir,
    Pressed,
    Received,
    Silent,
    Unfinished,
)
from simulator.report.entries import LedgerEntry, Outcome, Place, Stages

_PRESS = "press"
_RULES = ("quota", "duty")  # what the words of a radio that may not send have in common
_Verdict = tuple[Outcome, Place | None, str]


class Story:
    """What is known of one press so far. Slotted and mutable: a ledger has one for each press."""

    __slots__ = (
        "answer_s",
        "arrival_s",
        "arrival_seq",
        "attempts",
        "callout",
        "copies",
        "device",
        "event_s",
        "failure",
        "faults",
        "flying",
        "frame_s",
        "loss",
        "mutation",
        "needed",
        "opened",
        "pending",
        "press",
        "pressed_s",
        "refusal",
        "regretted",
        "requests",
        "seqs",
        "silence",
        "taken_back",
        "unfinished",
        "wordless",
    )

    def __init__(self, record: Pressed) -> None:
        self.press = record.press
        self.device = record.device
        self.pressed_s = record.t
        self.seqs: tuple[int, ...] = ()  # the frames that say the press
        self.attempts = 0
        self.needed = 0  # how many of the attempts it took until one arrived
        self.copies = 0  # the most copies of one frame that the air made
        self.flying = 0  # copies that are to arrive
        self.frame_s: float | None = None
        self.arrival_s: float | None = None
        self.arrival_seq: int | None = None
        self.event_s: float | None = None
        self.answer_s: float | None = None
        self.pending = False  # AURA has been asked and has not answered
        self.requests = 0
        self.callout: int | None = None
        self.opened: tuple[int, ...] = ()
        self.regretted = False
        self.taken_back = False
        self.silence: str | None = None
        self.loss: str | None = None
        self.mutation: str | None = None  # what was done on purpose to a frame that says it
        self.faults: tuple[str, ...] = ()  # those that did something to it, by name
        self.refusal: str | None = None
        self.failure: str | None = None
        self.wordless: str | None = None  # an answer that names no callout
        self.unfinished: str | None = None

    def sent(self, record: FrameSent) -> None:
        """Take a frame of the press; frames of its positions and its cancel do not count."""
        if record.kind != _PRESS:
            return
        if record.seq not in self.seqs:
            self.seqs += (record.seq,)
        self.attempts += 1
        if self.arrival_s is None:
            self.mutation = record.mutation or self.mutation
        if self.frame_s is None:
            self.frame_s = record.t

    def flew(self, record: OnAir) -> None:
        """Take what the air does with a frame of the press."""
        if record.seq not in self.seqs:
            return
        self.flying += record.copies
        self.copies = max(self.copies, record.copies)
        self.loss = record.lost

    def arrived(self, record: Received) -> None:
        """Take the gateway's reading of a frame."""
        says_press = _PRESS in record.means and record.dropped is None
        if record.seq in self.seqs:
            self.flying -= 1
            if not says_press and self.arrival_s is None:
                self.refusal = record.dropped or _misread(record.means)
        if says_press and self.arrival_s is None:
            self.arrival_s = record.t
            self.arrival_seq = record.seq
            self.needed = self.attempts

    def asked(self, record: EventSent) -> None:
        """Take the device event of the press."""
        if record.kind == _PRESS and self.answer_s is None:
            self.event_s = record.t
            self.pending = True

    def answered(self, record: Answered, *, opens: bool) -> None:
        """Take AURA's answer; `opens` says that no earlier press brought this callout."""
        self.pending = False
        if self.answer_s is None:
            self.requests += record.attempts
        if record.callout is None:
            self.wordless = f"answered {record.status} without a callout"
            return
        if self.answer_s is None:
            self.answer_s = record.t
            self.callout = record.callout
        if opens:
            self.opened += (record.callout,)

    def failed(self, reason: str, attempts: int) -> None:
        """Take the final refusal of the press's device event."""
        self.pending = False
        self.failure = reason
        if self.answer_s is None:
            self.requests += attempts

    def faulted(self, record: FaultApplied) -> None:
        """Take that a fault did something to the press or one of its frames."""
        if record.fault not in self.faults:
            self.faults += (record.fault,)

    def silenced(self, record: Silent) -> None:
        """Take why the device did not speak."""
        self.silence = record.reason

    def left(self, record: Unfinished) -> None:
        """Take where the end of the run found the press."""
        self.unfinished = record.where

    def entry(self, *, has_ended: bool) -> LedgerEntry:
        """Return the press accounted for; `has_ended` says that the journal has its last record."""
        outcome, where, detail = self._judge(has_ended)
        if self.mutation:
            detail = f"{detail}; {self.mutation}".removeprefix("; ")
        if faults := [name for name in self.faults if f"({name})" not in detail]:
            detail = f"{detail}; with {', '.join(faults)}".removeprefix("; ")
        return LedgerEntry(
            press=self.press,
            device=self.device,
            at_s=self.pressed_s,
            outcome=outcome,
            where=where,
            detail=detail,
            callout=self.callout,
            stages=self._stages(),
            attempts=self.attempts,
            requests=self.requests,
            regretted=self.regretted,
        )

    def _judge(self, has_ended: bool) -> _Verdict:
        if len(self.opened) > 1:
            return Outcome.DOUBLED, *self._doubling()
        if self.regretted and self.taken_back:
            missing = self.callout is None
            _, where, detail = self._missing(has_ended) if missing else (None, None, "")
            return Outcome.CANCELLED, where, detail
        if self.callout is None:
            return self._missing(has_ended)
        if self.needed > 1 or self.requests > 1 or self._came_by_another_frame:
            return Outcome.RETRIED, None, self._effort()
        return (Outcome.DELIVERED if self.opened else Outcome.MERGED), None, ""

    @property
    def _came_by_another_frame(self) -> bool:
        return bool(self.seqs) and self.arrival_seq not in (None, self.seqs[0])

    def _effort(self) -> str:
        return f"frames: {max(1, self.needed)}, requests: {self.requests}"

    def _doubling(self) -> tuple[Place, str]:
        """Return who said it twice: AURA's client, the device, the air, or else the gateway."""
        named = "callouts " + ", ".join(map(str, self.opened))
        if self.requests > 1:
            return Place.TARGET, f"{named}; a request was repeated"
        if self.attempts > 1:
            return Place.DEVICE, f"{named}; the device sent again"
        if self.copies > 1:
            return Place.AIR, f"{named}; {self.copies} copies of one frame"
        return Place.GATEWAY, f"{named}; one frame was told twice"

    def _missing(self, has_ended: bool) -> _Verdict:
        """Return why the press has no callout: by the furthest stage that it reached."""
        known = self._known_loss()
        if known:
            return Outcome.LOST, *known
        if self.unfinished is not None:
            return Outcome.LOST, Place.RUN_ENDED, self.unfinished
        if not has_ended:
            return Outcome.LOST, Place.JOURNAL_ENDED, f"last seen: {self._last_seen}"
        return Outcome.UNEXPLAINED, None, f"last seen: {self._last_seen}"

    def _known_loss(self) -> tuple[Place, str] | None:
        if self.pending:
            return None
        said = self.failure or self.wordless
        if said:
            return Place.TARGET, said
        if self.unfinished is not None or self.arrival_s is not None or self.flying > 0:
            return None
        if self.refusal:
            return Place.GATEWAY, self.refusal
        if self.loss:
            ruled = any(word in self.loss for word in _RULES)
            return (Place.QUOTA if ruled else Place.AIR), self.loss
        return (Place.DEVICE, self.silence) if self.silence else None

    @property
    def _last_seen(self) -> str:
        if self.pending:
            return "device event sent to AURA"
        if self.arrival_s is not None:
            return "frame at the gateway"
        if self.flying > 0:
            return "frame in the air"
        return "frame given to the radio" if self.frame_s is not None else "finger on the button"

    def _stages(self) -> Stages:
        event_s = self.event_s if self.answer_s is not None else None
        return Stages(
            _span(self.pressed_s, self.frame_s),
            _span(self.frame_s, self.arrival_s),
            _span(self.arrival_s, event_s),
            _span(event_s, self.answer_s),
            _span(self.pressed_s, self.answer_s),
        )


def _span(begin_s: float | None, end_s: float | None) -> float | None:
    return None if begin_s is None or end_s is None else round(end_s - begin_s, 6)


def _misread(means: list[str]) -> str:
    return f"read as {', '.join(means)}" if means else "read as nothing"

"""The frames of one unit: numbered when first sent, sent again, kept, and told in time order."""

from bisect import insort
from collections.abc import Mapping
from typing import NamedTuple

from simulator.device.defects import SOUND, Defects
from simulator.device.facts import counted
from simulator.device.speech import NO_RADIO, Line, Radio
from simulator.device.stimuli import NEVER
from simulator.frame import Frame, Kind, Value

_OF_PEOPLE = (Kind.PRESS, Kind.CANCEL)


class Record(NamedTuple):
    """What happened at a time, ready to be said."""

    at_s: float
    line: Line
    facts: Mapping[str, Value]
    press: str | None


class Letter:
    """A record on its way. Slotted and mutable: its number and bytes come when it is sent."""

    __slots__ = ("attempts", "payload", "port", "record", "reply", "sequence", "was_kept")

    def __init__(self, record: Record) -> None:
        self.record = record
        self.sequence = -1
        self.attempts = 0
        self.payload = b""
        self.port = record.line.port
        self.was_kept = False
        self.reply: bytes | None = None  # the only answer that settles it, where one does


def _age(letter: Letter) -> float:
    return letter.record.at_s


class Outbox:
    """The outbox of one unit. Slotted and mutable; what is seldom used is made when it is."""

    __slots__ = ("_kept", "_name", "_radio", "_waiting", "defects", "epoch_s", "last_s", "sequence")

    def __init__(self, name: str, radio: Radio = NO_RADIO, epoch_s: float = 0.0) -> None:
        self._name = name
        self.epoch_s = epoch_s
        self._radio = radio
        self._waiting: dict[int, Letter] | None = None
        self._kept: list[Letter] | None = None
        self.defects: Defects = SOUND
        self.sequence = 0
        self.last_s = -NEVER  # when the unit last spoke

    def send(self, now: float, letter: Letter) -> Frame:
        """Give a letter to the radio; its bytes stay the same until it is kept."""
        line = letter.record.line
        if letter.sequence < 0:
            letter.sequence = self.sequence
            self.sequence += 1
        if not letter.payload:
            facts = letter.record.facts
            if line.counts:
                facts = {**facts, **self._counted(letter.sequence, now, line.counts)}
            letter.payload = line.payload(facts, self._radio, is_stored=letter.was_kept)
            letter.port = line.port_of(is_stored=letter.was_kept)
        letter.attempts += 1
        self.last_s = now
        return Frame(
            self._name,
            letter.sequence,
            line.kind,
            letter.payload,
            now,
            letter.record.press,
            letter.port,
            letter.attempts,
            self._radio.address,
            line.asks_reply,
        )

    def wait_for(self, letter: Letter) -> None:
        """Expect an answer to a letter."""
        if self._waiting is None:
            self._waiting = {}
        self._waiting[letter.sequence] = letter

    def settle(self, sequence: int, payload: bytes) -> bool:
        """Take an answer; return whether it settles a letter."""
        letter = self._waiting.get(sequence) if self._waiting else None
        if letter is None or (letter.reply is not None and letter.reply != payload):
            return False
        del self._waiting[sequence]  # type: ignore[union-attr]  # it is in there
        return True

    def overdue(self, sequence: int) -> Letter | None:
        """Take out a letter that has waited too long; None if it was settled."""
        return self._waiting.pop(sequence, None) if self._waiting else None

    def keep(self, letter: Letter, room: int) -> Letter | None:
        """Keep a letter for later; return the one that falls out when there is no room.

        Presses and cancels fall out last, and of the others the oldest falls first.
        """
        if self._kept is None:
            self._kept = []
        letter.was_kept = True
        letter.payload = b""
        insort(self._kept, letter, key=_age)
        if len(self._kept) <= room:
            return None
        kinds = enumerate(kept.record.line.kind for kept in self._kept)
        idle = (i for i, kind in kinds if kind not in _OF_PEOPLE)
        return self._kept.pop(next(idle, 0))

    def oldest(self) -> Letter | None:
        """Take out the oldest letter that was kept."""
        return self._kept.pop(0) if self._kept else None

    def is_waiting_for(self, sequence: int) -> bool:
        """Return whether a letter of this number waits for an answer."""
        return self._waiting is not None and sequence in self._waiting

    @property
    def has_kept(self) -> bool:
        """Return whether letters wait for better times."""
        return bool(self._kept)

    @property
    def unsaid(self) -> list[str]:
        """Return the presses whose press or cancel is kept, or may have to be sent again."""
        if not self._waiting and not self._kept:
            return []
        return self._presses(*_OF_PEOPLE)

    @property
    def unpressed(self) -> list[str]:
        """Return the presses that are kept, or may have to be sent again."""
        return self._presses(Kind.PRESS)

    @property
    def unheard(self) -> list[str]:
        """Return the presses that wait for an answer: a restart forgets that they were sent."""
        waiting = (letter.record for letter in (self._waiting or {}).values())
        return [one.press for one in waiting if one.press and one.line.kind is Kind.PRESS]

    def clear(self) -> None:
        """Forget every letter."""
        self._waiting = self._kept = None

    def restart(self, *, keeps_count: bool) -> None:
        """Forget what waits for an answer; what is kept in the store stays there."""
        self._waiting = None
        if not keeps_count:
            self.sequence = 0
            for letter in self._kept or ():
                letter.sequence = -1

    def _counted(self, sequence: int, now: float, needed: frozenset[str]) -> dict[str, Value]:
        """Return what the unit says of the number and the time of a frame."""
        defects = self.defects
        told = defects.number(sequence) if defects.number else sequence
        return counted(told, self.epoch_s + defects.clock_error_s + now, needed)

    def _presses(self, *kinds: Kind) -> list[str]:
        letters = [*(self._waiting or {}).values(), *(self._kept or ())]
        records = (letter.record for letter in letters if letter.record.line.kind in kinds)
        return list(dict.fromkeys(record.press for record in records if record.press))

"""Carries the frames of idle devices as columns: read, understood, told and written down together.

This is for models whose frames mean the same whatever came before: no rule looks back, nothing is
told apart by repetition, nobody answers, and the event is built from the values of the frame. Their
frames fall into a few groups that the rules cannot tell apart; a group is one event, many times.
The others go one by one (`simulator.gateway.express`), as does a group in which anything is odd.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.codec import Codec, Context
from simulator.draws import Floats, picked, rounded
from simulator.frame import Kind, Value
from simulator.gateway.events import health_percent, message_type
from simulator.gateway.express import AT_ONCE, refusal
from simulator.gateway.reader import looks_back
from simulator.journal import Answered, Columns, EventSent, Failed, Received, Record, Same
from simulator.profile import Profile, codec_of, meanings

_LOCATED = (Kind.PRESS, Kind.MOVE)
_NEWS = (Kind.PRESS, Kind.CANCEL)
Held = Mapping[str, Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Cargo:
    """Frames of one kind of one model that arrived, each of another unit or a copy; a row each."""

    at_s: Floats
    slots: NDArray[np.intp]
    names: Sequence[str]
    sequence: Sequence[int]
    payloads: Sequence[bytes]
    device_ids: Sequence[str]
    port: int | None
    addresses: Sequence[str | None]

    def take(self, rows: Sequence[int]) -> "Cargo":
        """Return some of the frames."""
        if len(rows) == len(self.names):
            return self
        which = np.array(rows)
        return Cargo(
            self.at_s[which],
            self.slots[which],
            picked(self.names, which),
            picked(self.sequence, which),
            picked(self.payloads, which),
            picked(self.device_ids, which),
            self.port,
            picked(self.addresses, which),
        )


class Answers(Protocol):
    """What came of many events of one kind: one status, and why each was refused."""

    @property
    def status(self) -> int:
        """Return the status of all."""
        ...

    @property
    def details(self) -> Sequence[str] | None:
        """Return why each was refused, if they were."""
        ...

    @property
    def battery_pct(self) -> Sequence[int] | None:
        """Return the battery level that each told, if they did."""
        ...


class Tell(Protocol):
    """Tells AURA of many events; returns None where they must be told one by one."""

    def __call__(
        self, profile: Profile, number: int, device_ids: Sequence[str], held: Held
    ) -> Answers | None: ...


class Delivered(Protocol):
    """Is told what AURA heard: health, and positions that a later message may need."""

    def healthy(self, cargo: Cargo, answers: Answers) -> None:
        """Take note of events that AURA took."""
        ...

    def located(self, cargo: Cargo, at_s: Floats, values: Held) -> None:
        """Take note of positions that were told."""
        ...


def is_freight(profile: Profile) -> bool:
    """Return whether frames of a model may be carried together."""
    codec = codec_of(profile)
    return (
        profile.aura.payload != "sigfox"
        and not looks_back(profile)
        and not profile.dedup
        and not profile.commands
        and profile.identity.key is None
        and type(codec).reply is Codec.reply
    )


class Freight:
    """Carries frames of one model."""

    def __init__(
        self,
        profile: Profile,
        epoch_s: float,
        write: Callable[[type[Record], Columns], None],
        tell: Tell,
    ) -> None:
        self._profile = profile
        self._codec = codec_of(profile)
        self._epoch_s = epoch_s
        self._write = write
        self._tell = tell
        self._deciding = sorted({name for rule in profile.meaning for name in rule.when})

    def carry(self, cargo: Cargo, delivered: Delivered) -> list[int]:
        """Carry frames; return the rows of those that must be carried one by one."""
        alike = self._codec.decode_alike(cargo.payloads)
        if alike is not None and self._is_one(alike) and self._carry_alike(cargo, alike, delivered):
            return []
        values = self._codec.decode_many(cargo.payloads, self._contexts(cargo))
        left = [row for row, told in enumerate(values) if told is None]
        groups: dict[object, list[int]] = defaultdict(list)
        for row, told in enumerate(values):
            if told is not None:
                groups[self._group(told)].append(row)
        for rows in groups.values():
            some = [told for row in rows if (told := values[row]) is not None]
            held = {name: [one[name] for one in some] for name in some[0]}
            if not self._carry_alike(cargo.take(rows), held, delivered):
                left += rows
        return sorted(left)

    def _contexts(self, cargo: Cargo) -> Iterator[Context]:
        for at_s, address in zip(cargo.at_s.tolist(), cargo.addresses, strict=True):
            yield Context(port=cargo.port, received_s=self._epoch_s + at_s, address=address)

    def _group(self, told: Mapping[str, Value]) -> object:
        """Return what the rules, and the shape of the values, tell frames apart by."""
        found = [told.get(name) for name in self._deciding]
        return (*told, *[(type(value), repr(value)) for value in found])

    def _is_one(self, held: Held) -> bool:
        """Return whether the rules cannot tell frames apart."""
        return all(len(set(map(repr, held.get(name, ("",))))) == 1 for name in self._deciding)

    def _carry_alike(self, cargo: Cargo, held: Held, delivered: Delivered) -> bool:
        """Carry frames that mean the same; return false where they must go one by one."""
        first = {name: column[0] for name, column in held.items()}
        kinds = meanings(self._profile, first, None, is_open=False)
        is_located = any(kind in _LOCATED for kind in kinds)
        if not set(kinds).isdisjoint(_NEWS) or (is_located and not _is_placed(held)):
            return False
        shipments = [self._ship(kind, cargo, held) for kind in kinds]
        if any(answers is None for _, answers in shipments):
            return False
        self._write(
            Received,
            {
                "t": cargo.at_s,
                "device": cargo.names,
                "seq": cargo.sequence,
                "means": Same([kind.value for kind in kinds]),
                "latitude": _degrees(held, "latitude"),
                "longitude": _degrees(held, "longitude"),
            },
        )
        for kind, answers in shipments:
            assert answers is not None  # noqa: S101 - looked at above
            located_s = rounded(cargo.at_s, 3) if kind in _LOCATED else None
            self._write_down(kind, cargo, located_s, answers)
            if located_s is not None:
                delivered.located(cargo, located_s, held)
            if answers.status == 200:
                delivered.healthy(cargo, answers)
        return True

    def _ship(self, kind: Kind, cargo: Cargo, held: Held) -> tuple[Kind, Answers | None]:
        body: Held
        if kind is Kind.MOVE:
            names = {"latitude": "latitude", "longitude": "longitude", "accuracy": "accuracy_m"}
            body = {ours: held[theirs] for ours, theirs in names.items() if theirs in held}
        else:
            percent = health_percent(self._profile, held)
            body = {} if percent is None else {"battery": percent}
        number = message_type(self._profile.aura, kind)
        return kind, self._tell(self._profile, number, cargo.device_ids, body)

    def _write_down(
        self, kind: Kind, cargo: Cargo, located_s: Floats | None, answers: Answers
    ) -> None:
        word = kind.value
        told = zip(cargo.names, cargo.sequence, strict=True)
        common: Columns = {
            "t": cargo.at_s,
            "device": cargo.names,
            "message": [f"{name}:{sequence}:{word}" for name, sequence in told],
            "kind": Same(word),
        }
        where = {} if located_s is None else {"located_s": located_s}
        self._write(EventSent, {**common, "seq": cargo.sequence, **where})
        ended = {**common, "status": Same(answers.status)}
        if answers.details is None:
            self._write(Answered, {**ended, "took_s": Same(AT_ONCE)})
        else:
            self._write(Failed, {**ended, "reason": _reasons(answers.status, answers.details)})


def _reasons(status: int, details: Sequence[str]) -> list[str]:
    """Return what the journal says of refusals."""
    before, _, after = refusal(status, _HERE).partition(_HERE)
    return [f"{before}{detail.rstrip('.')}{after}" for detail in details]


_HERE = "\0"


def _is_placed(held: Held) -> bool:
    """Return whether all values say where, and none of them when: no order to be kept."""
    places = held.get("latitude"), held.get("longitude"), held.get("accuracy_m", ())
    is_told = places[0] is not None and places[1] is not None and "time" not in held
    return is_told and not any(value is None for place in places for value in place or ())


def _degrees(held: Held, name: str) -> Sequence[object] | Same:
    values = held.get(name, ())
    kinds = set(map(type, values))
    if kinds == {float}:
        return values
    return Same(None) if kinds - {float, int} or not kinds else list(map(float, values))  # type: ignore[arg-type]  # numbers

"""A failing run is bisected to the fewest devices, presses, faults and seconds that still fail.

Each attempt is a run of its own, in virtual time wherever the run had the embedded AURA. What is
kept is one way to fail, the gravest that the run has shown; other failures may come and go.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from math import ceil

import msgspec

from simulator.clock import VIRTUAL, Duration
from simulator.errors import InputError, UnavailableError
from simulator.faults import AnyFault
from simulator.journal import FrameSent, Pressed, Record
from simulator.report.words import count
from simulator.rerun.ddmin import fewest, least, minimal
from simulator.rerun.symptoms import Looking, Seen, Symptom, symptoms_of
from simulator.run import Planned, Run, RunSettings
from simulator.run.life import LifeError

_MARGINS_S = (1.0, 10.0, 60.0, 300.0)
_SHORTEST_S = 0.5


class NothingFailsError(InputError):
    """There is nothing to shrink: the run has not failed, or does not fail again."""


class TooManyAttemptsError(Exception):
    """The attempts that were allowed are used up; what has been found so far stands."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a run is."""

    devices: int
    acts: int
    faults: int
    seconds: float

    def __str__(self) -> str:
        parts = [count(self.devices, "device"), count(self.acts, "act")]
        if self.faults:
            parts.append(count(self.faults, "fault"))
        return f"{', '.join(parts)}, {self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest run that was found, what it still shows, and what it took to find it."""

    settings: RunSettings
    symptom: Symptom
    size: Size
    attempts: int
    is_least: bool  # whether nothing more can be left out, as far as was looked


Tell = Callable[[str, RunSettings], None]


class Shrinker:
    """Shrinks one run. `attempts` bounds how often it is run; `tell` hears of each success."""

    def __init__(
        self,
        settings: RunSettings,
        symptom: Symptom,
        *,
        attempts: int = 500,
        tell: Tell = lambda _what, _settings: None,
    ) -> None:
        self._symptom = symptom
        self._most = attempts
        self._tell = tell
        self._known: dict[str, bool] = {}
        self.attempts = 0
        self.best = _rehearsed(settings)
        self.seen = symptom
        self._planned: tuple[Planned, ...] = ()

    def shrink(self, suspects: Sequence[str]) -> Shrunk:
        """Return the smallest run that fails; `suspects` are the devices, the likeliest first.

        Raises NothingFailsError where the run does not fail again.
        """
        is_least = False
        with suppress(TooManyAttemptsError):
            self._devices(suspects)
            before = None
            while before != self.best:  # what was needed for one thing may go when that has gone
                before = self.best
                self._acts()
                self._devices(self._acting_first())
                self._faults()
                self._plain()
                self._time()
            is_least = True
        return Shrunk(self.best, self.seen, self._size(), self.attempts, is_least)

    def _size(self) -> Size:
        acts = len(self._planned if self.best.acts is None else self.best.acts)
        return Size(self.best.devices, acts, len(self.best.life.faults), self.best.for_s)

    def _devices(self, suspects: Sequence[str]) -> None:
        start = self.best

        def fails(devices: Sequence[str]) -> bool:
            return bool(devices) and self._fails("devices", _only(start, devices))

        kept = fewest(suspects, fails)
        if not self._fails("devices", _only(start, kept)):
            message = (
                f"The run does not fail again as it did: {self._symptom.name}. "
                "Its profiles or aurasim have changed since, or chance from outside took part."
            )
            raise NothingFailsError(message)

    def _acting_first(self) -> list[str]:
        acting = dict.fromkeys(act.device for act in self.best.acts or ())
        return [*acting, *(name for name, _ in _units(self.best) if name not in acting)]

    def _acts(self) -> None:
        """Name the acts one by one, and leave out what is not needed."""
        named = self.best if self.best.acts else replace(self.best, acts=self._planned)
        if not self._fails("acts", named):
            return  # other than acts are at work: they stay as they are drawn
        acts = named.acts or ()
        minimal(acts, lambda some: self._fails("acts", replace(named, acts=tuple(some))))

    def _faults(self) -> None:
        life = self.best.life
        if life.faults:
            start = self.best
            minimal(
                life.faults,
                lambda some: self._fails(
                    "faults", replace(start, life=replace(life, faults=tuple(some)))
                ),
            )

    def _plain(self) -> None:
        """Take back what makes a run special, one thing after the other."""
        usual = RunSettings(mix=self.best.mix)
        for name in ("mutate", "cold_start", "life", "people", "close_after_s", "drain_s", "place"):
            if getattr(self.best, name) != getattr(usual, name):
                self._fails(name, _fitted(self.best, **{name: getattr(usual, name)}))

    def _time(self) -> None:
        """Let the acts begin at once and follow each other closely; end when it has failed."""
        self._end()
        acts = self.best.acts
        if acts:
            early_s = acts[0].at_s - _SHORTEST_S
            if early_s > _SHORTEST_S:
                shifted = tuple(replace(act, at_s=act.at_s - early_s) for act in acts)
                sooner = _sooner(self.best, early_s)
                if not self._fails("begins at once", replace(sooner, acts=shifted)):
                    self._fails("begins at once", replace(self.best, acts=shifted))
        self._gaps()
        self._spans()
        self._end()

    def _gaps(self) -> None:
        """Shorten each pause between acts, as far as it fails."""
        for at in range(1, len(self.best.acts or ())):
            acts = self.best.acts or ()
            gap_s = acts[at].at_s - acts[at - 1].at_s
            if gap_s > _SHORTEST_S:
                least(_SHORTEST_S, gap_s, partial(self._pauses, self.best, at, gap_s))

    def _pauses(self, settings: RunSettings, at: int, gap_s: float, length_s: float) -> bool:
        return self._fails("pauses", _closed_up(settings, at, gap_s - length_s))

    def _end(self) -> None:
        """End the run soon after it has failed, or after the last act."""
        last_s = max((act.at_s for act in self.best.acts or ()), default=0.0)
        for begin_s in dict.fromkeys((last_s, self.seen.at_s)):
            for margin_s in _MARGINS_S:
                ends_s = float(round(begin_s + margin_s + 0.5))
                if ends_s < self.best.for_s and self._ends(ends_s):
                    return
        if last_s + 1.0 < self.best.for_s:
            least(last_s + 1.0, self.best.for_s, self._ends)

    def _ends(self, at_s: float) -> bool:
        return self._fails("ends", _fitted(self.best, for_s=float(ceil(at_s))))

    def _spans(self) -> None:
        """Let each fault last as short as it may."""
        for at, fault in enumerate(self.best.life.faults):
            if fault.to_s is not None and fault.repeat_s is None:
                low_s = fault.from_s + _SHORTEST_S
                least(low_s, fault.to_s, partial(self._lasts_to, self.best, at))

    def _lasts_to(self, settings: RunSettings, at: int, to_s: float) -> bool:
        faults = list(settings.life.faults)
        faults[at] = msgspec.structs.replace(faults[at], to_s=Duration(to_s))
        life = replace(settings.life, faults=tuple(faults))
        return self._fails("faults last", replace(settings, life=life))

    def _fails(self, what: str, settings: RunSettings) -> bool:
        """Return whether a run still fails; if so, it is the best so far."""
        key = repr(settings)
        if key not in self._known:
            if self.attempts >= self._most:
                raise TooManyAttemptsError
            self.attempts += 1
            try:
                seen, planned = shows(settings, self._symptom.name)
            except KeyboardInterrupt:
                if self.seen is self._symptom:
                    raise
                raise TooManyAttemptsError from None  # what has been found stands
            self._known[key] = seen is not None
            if seen is not None:
                self.seen, self._planned = seen, planned
        if self._known[key] and settings != self.best:
            self.best = settings
            self._tell(what, settings)
        return self._known[key]


def shows(settings: RunSettings, wanted: str) -> tuple[Symptom | None, tuple[Planned, ...]]:
    """Run, and return what is looked for if it is seen, and what the people were to do.

    Raises KeyboardInterrupt where Ctrl-C ended the run.
    """
    journal = Looking(wanted)
    run = Run(settings, journal)
    with suppress(Seen, UnavailableError):  # a run in which nothing is linked shows nothing else
        if run.execute().reason == "interrupted":
            raise KeyboardInterrupt
    ledger = journal.ledger.finish()
    return next(iter(symptoms_of(ledger, wanted)), None), run.planned()


def suspects_of(records: Iterable[Record], symptom: Symptom) -> list[str]:
    """Return the devices of a run: those that the evidence names, then who acted shortly before."""
    active: dict[str, float] = {}
    for record in records:
        device = getattr(record, "device", "")
        if not device:
            continue
        since_s = symptom.at_s - record.t
        weight_s = 0.0 if isinstance(record, Pressed) else 1e6
        if isinstance(record, Pressed | FrameSent) and since_s >= 0:
            active[device] = min(active.get(device, 1e12), since_s + weight_s)
        else:
            active.setdefault(device, 1e12)
    rest = sorted(active, key=lambda device: (active[device], device))
    named = [device for device in symptom.devices if device in active]
    return list(dict.fromkeys([*named, *rest]))


def _rehearsed(settings: RunSettings) -> RunSettings:
    """Return a run as it is repeated: in virtual time, where AURA is our own."""
    if settings.target == "sandbox":
        return replace(settings, clock=VIRTUAL)
    return settings


def _units(settings: RunSettings) -> list[tuple[str, int]]:
    return [(f"{name}/{n}", n) for name in settings.mix for n in settings.numbers(name)]


def _only(settings: RunSettings, devices: Iterable[str]) -> RunSettings:
    """Return a run of some of its devices, with the acts of their people."""
    wanted = set(devices)
    units: dict[str, tuple[int, ...]] = {}
    for name in settings.mix:
        numbers = tuple(n for n in settings.numbers(name) if f"{name}/{n}" in wanted)
        if numbers:
            units[name] = numbers
    mix = {name: max(numbers) for name, numbers in units.items()}
    acts = settings.acts
    if acts is not None:
        acts = tuple(act for act in acts if act.device in wanted)
    return _fitted(settings, mix=mix, units=units, acts=acts)


def _fitted(settings: RunSettings, **changes: object) -> RunSettings:
    """Return changed settings, without the faults and the like that do not fit them any more."""
    while True:
        try:
            return replace(settings, **changes)  # type: ignore[arg-type] # the names are fields
        except LifeError as error:
            found = re.match(r"(\w+)\[(\d+)\]", error.key)
            if found is None:
                raise
            life = changes.get("life", settings.life)
            entries = list(getattr(life, found[1]))
            at = int(found[2])
            mix = changes.get("mix", settings.mix)
            entries[at : at + 1] = _still_named(entries[at], error.key, tuple(mix))  # type: ignore[arg-type]
            changes["life"] = replace(life, **{found[1]: tuple(entries)})  # type: ignore[type-var]


def _still_named(entry: AnyFault, key: str, models: Sequence[str]) -> list[AnyFault]:
    """Return a fault or the like with the names that still mean a device; none without any."""
    named = tuple(
        pattern
        for pattern in entry.devices
        if any(fnmatchcase(model, pattern.partition("/")[0]) for model in models)
    )
    if not key.endswith("devices") or not named or named == entry.devices:
        return []
    return [msgspec.structs.replace(entry, devices=named)]


def _sooner(settings: RunSettings, by_s: float) -> RunSettings:
    """Let the faults of a run come so much sooner."""

    def moved(at_s: float) -> Duration:
        return Duration(max(0.0, at_s - by_s))

    faults = tuple(
        msgspec.structs.replace(
            fault,
            from_s=moved(fault.from_s),
            to_s=None if fault.to_s is None else Duration(moved(fault.to_s) or _SHORTEST_S),
        )
        for fault in settings.life.faults
    )
    return replace(settings, life=replace(settings.life, faults=faults))


def _closed_up(settings: RunSettings, at: int, by_s: float) -> RunSettings:
    """Let the acts from one on come so much sooner."""
    acts = settings.acts or ()
    moved = tuple(replace(act, at_s=act.at_s - by_s) for act in acts[at:])
    return replace(settings, acts=(*acts[:at], *moved))

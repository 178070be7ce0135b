"""What fails in a run, by name, and who was there when it did."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from simulator.errors import InputError
from simulator.journal import DeviceLinked, Journal, Record
from simulator.report import Breach, Invariant, Ledger, Outcome

_DEVICE = re.compile(r"\bdevice=(\S+)")
_REFUSED = "a device was refused"
_BAD = tuple(outcome for outcome in Outcome if outcome.is_failure)
_FINE = {outcome.value for outcome in Outcome if not outcome.is_failure}


class Seen(Exception):  # noqa: N818 - no error: it ends a run that has shown what it was to show
    """What was looked for has happened; the rest of the run would tell nothing new."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """One way to fail, when it was first seen, and the devices that the evidence names."""

    name: str
    at_s: float
    devices: tuple[str, ...] = ()
    told: str = ""

    @property
    def is_failure(self) -> bool:
        """Return whether it fails a run, and not only stands in its ledger."""
        return self.name not in _FINE


def names() -> tuple[str, ...]:
    """Return all that can be looked for: what fails a run, and every other class of presses."""
    promises = [promise.value for promise in Invariant]
    return (*promises, *(outcome.value for outcome in Outcome), _REFUSED)


def symptoms_of(ledger: Ledger, like: str | None = None) -> tuple[Symptom, ...]:
    """Return what fails in a run, the gravest first: broken promises, then presses, then links.

    `like` names one thing to look for instead, which need not fail a run; see `names`.
    """
    if like is not None and like not in names():
        known = ", ".join(names())
        message = f"'{like}' is nothing that a run can show. Say one of: {known}."
        raise InputError(message)
    found = [*map(_of_breach, ledger.breaches), *_of_presses(ledger, like)]
    if ledger.counts.refused_devices:
        found.append(Symptom(_REFUSED, 0.0))
    first: dict[str, Symptom] = {}
    for one in found:
        first.setdefault(one.name, one)
    return tuple(one for one in first.values() if like is None or one.name == like)


def _of_presses(ledger: Ledger, like: str | None) -> Iterable[Symptom]:
    wanted = _BAD if like is None else (like,)
    for entry in ledger.entries:
        if entry.outcome in wanted:
            told = f"{entry.press} {entry.outcome}: {entry.detail}"
            yield Symptom(entry.outcome.value, entry.at_s, (entry.device,), told)


def _of_breach(breach: Breach) -> Symptom:
    named = [device for line in breach.trace for device in _DEVICE.findall(line)]
    devices = tuple(dict.fromkeys([breach.device, *named]))
    return Symptom(breach.invariant.value, breach.t, tuple(filter(None, devices)), str(breach))


class Looking:
    """A journal that keeps nothing but its ledger, and ends a run as soon as a promise is broken.

    `linked` tells whether the run has come as far as having a device.
    """

    def __init__(self, wanted: str, also: Journal | None = None) -> None:
        self.ledger = Ledger()
        self.is_linked = False
        self.last_s = 0.0
        self._promise = next((one for one in Invariant if one.value == wanted), None)
        self._also = also

    def write(self, record: Record) -> None:
        """Account for one record; raise `Seen` when what is looked for is there."""
        self.last_s = record.t
        if isinstance(record, DeviceLinked):
            self.is_linked = True
        self.ledger.add(record)
        if self._also:
            self._also.write(record)
        elif self._promise and self.ledger.watch.broken[self._promise]:
            raise Seen

    def flush(self) -> None:
        """Do nothing: nothing is kept."""

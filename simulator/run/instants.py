"""The order of a journal: by time, and within an instant by the place of the device in the fleet.

What happens to two devices at the same instant has no order of its own. Giving it one makes the
journal of a fleet the same whether one process runs it or many.
"""

from collections.abc import Mapping
from typing import Final

from simulator.journal import Journal, Record, RunEnded
from simulator.profile import load
from simulator.run.settings import RunSettings
from simulator.sandbox import customer_of

WHOLE_RUN: Final = -1
"""The rank of what concerns no device: it is a fact of the whole run."""

_MOST_HELD = 1 << 16  # records of one instant that are put into order; a fleet is linked in order


class Ranks:
    """Where the devices of a run stand in its fleet, counted from 0."""

    def __init__(self, settings: RunSettings) -> None:
        self.devices = settings.devices
        self._begins: dict[str, int] = {}
        self._numbers: dict[str, Mapping[int, int] | None] = {}
        begins = 0
        for model in settings.mix:
            numbers = settings.numbers(model)
            is_plain = isinstance(numbers, range)
            name = load(model).name  # a model may be named by its file
            self._begins[name] = begins - (1 if is_plain else 0)
            self._numbers[name] = None if is_plain else {n: i for i, n in enumerate(numbers)}
            begins += len(numbers)

    def of(self, device: str | None, callout: int | None = None) -> int:
        """Return the place of a device, or of the one whose callout it is."""
        if device is None:
            return WHOLE_RUN if callout is None else customer_of(callout, self.devices)
        model, _, number = device.rpartition("/")
        begins = self._begins.get(model)
        if begins is None or not number.isdecimal():
            return WHOLE_RUN
        places = self._numbers[model]
        return begins + (int(number) if places is None else places.get(int(number), 0))


class Instants:
    """A journal that hands on records in order; `settle` it at the end."""

    def __init__(self, journal: Journal, ranks: Ranks, *, keeps_end: bool = True) -> None:
        self._journal = journal
        self._ranks = ranks
        self._keeps_end = keeps_end
        self._held: list[Record] = []
        self._at_s = 0.0

    def write(self, record: Record) -> None:
        """Append one record; it is handed on when its instant is over."""
        if record.t != self._at_s or len(self._held) >= _MOST_HELD:
            self.settle()
            self._at_s = record.t
        self._held.append(record)

    def flush(self) -> None:
        """Make what was handed on readable; the present instant is not over."""
        self._journal.flush()

    def settle(self) -> None:
        """Hand on the records of this instant."""
        held, self._held = self._held, []
        if len(held) > 1 and len({getattr(record, "device", None) for record in held}) > 1:
            held.sort(key=self._rank)
        for record in held:
            if self._keeps_end or not isinstance(record, RunEnded):
                self._journal.write(record)

    def _rank(self, record: Record) -> int:
        if isinstance(record, RunEnded):
            return self._ranks.devices
        return self._ranks.of(getattr(record, "device", None), getattr(record, "callout", None))

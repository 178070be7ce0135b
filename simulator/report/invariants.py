"""Watches the promises of a run over its records, as they come or from an old journal."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from simulator.journal import (
    Answered,
    CalloutClosed,
    DeviceLinked,
    EventSent,
    Failed,
    FaultApplied,
    FrameSent,
    LinkRefused,
    Notified,
    OnAir,
    PowerChanged,
    Pressed,
    Received,
    Record,
    Replied,
    RunEnded,
    RunResumed,
    RunStarted,
    Silent,
    Unfinished,
)
from simulator.report.breach import Breach, Invariant, line
from simulator.report.rules import (
    CalloutRules,
    FrameRules,
    MessageRules,
    OnceRules,
    PlaceRules,
    WebhookRules,
)

BUDGET_S = 60.0
KEPT = 50  # breaches of one promise that are told in full; all are counted

_Hear: TypeAlias = Callable[[Any], None]


class Watch:
    """Checks every promise over a stream of records. Feed it, then `finish` it.

    `broken` counts the breaches of each promise; `breaches` holds the first of them in full.
    """

    def __init__(self, budget_s: float = BUDGET_S) -> None:
        self.broken: Counter[Invariant] = Counter()
        self.breaches: list[Breach] = []
        self._latest: Record | None = None
        self._callouts = CalloutRules(self._take)
        self._messages = MessageRules(self._take, budget_s)
        self._webhooks = WebhookRules(self._take)
        self._once = OnceRules(self._take)
        self._ears = _ears(
            (
                FrameRules(self._take),
                self._messages,
                self._callouts,
                PlaceRules(self._take),
                self._once,
                self._webhooks,
            )
        )

    @property
    def has_ended(self) -> bool:
        """Return whether the run has its last record."""
        return self._once.ended is not None

    def add(self, record: Record) -> None:
        """Take one record."""
        latest = self._latest
        if latest is not None and record.t < latest.t:
            self._turn_back(latest, record)
        self._latest = record
        if self._once.ended is not None and not isinstance(record, RunResumed):
            self._once.after_end(record)
        for hear in self._ears.get(type(record), ()):
            hear(record)

    def finish(self) -> tuple[Breach, ...]:
        """Judge what the end of the journal leaves open; return the breaches in order of time."""
        self._messages.finish(self._latest.t if self._latest else 0.0)
        self._callouts.finish()
        self._webhooks.finish()
        self.breaches.sort(key=lambda breach: breach.t)
        return tuple(self.breaches)

    def _take(self, breach: Breach) -> None:
        self.broken[breach.invariant] += 1
        if self.broken[breach.invariant] <= KEPT:
            self.breaches.append(breach)

    def _turn_back(self, latest: Record, record: Record) -> None:
        device = getattr(record, "device", "")
        message = f"from {latest.t:.3f} s back to {record.t:.3f} s"
        trace = line(latest), line(record)
        self._take(Breach(Invariant.TIME, record.t, device, message, trace))


_HEARS: dict[type[Record], tuple[str, ...]] = {
    RunStarted: ("begun",),
    RunResumed: ("resumed",),
    RunEnded: ("end",),
    DeviceLinked: ("linked",),
    LinkRefused: ("refused",),
    Pressed: ("pressed",),
    FaultApplied: ("faulted",),
    PowerChanged: ("powered",),
    Silent: ("silent",),
    FrameSent: ("sent",),
    OnAir: ("flew",),
    Received: ("received",),
    Replied: ("replied",),
    EventSent: ("asked",),
    Notified: ("notified",),
    Answered: ("answered",),
    Failed: ("failed",),
    CalloutClosed: ("closed",),
    Unfinished: ("left",),
}
"""What a family of rules calls its hearing of each type of records."""


def _ears(families: Sequence[object]) -> dict[type, tuple[_Hear, ...]]:
    """Return who hears which records, in the order of the families."""
    return {
        kind: tuple(
            getattr(family, name) for name in names for family in families if hasattr(family, name)
        )
        for kind, names in _HEARS.items()
    }


def check(records: Iterable[Record], *, budget_s: float = BUDGET_S) -> tuple[Breach, ...]:
    """Return the broken promises of a whole journal, each with the records that show it.

    `budget_s` is how long a press that arrived may take to its callout. Of one promise no more
    than the first fifty breaches are told.
    """
    watch = Watch(budget_s)
    for record in records:
        watch.add(record)
    return watch.finish()

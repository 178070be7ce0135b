"""What must hold in every run, and how a breach of it is told: with the records concerned."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from simulator.journal import Record


class Invariant(StrEnum):
    """A promise that is watched over every run."""

    TIME = "run time never runs backwards"
    BUDGET = "a press that arrives yields a callout in time, or an explained failure"
    ONE_OPEN = "a customer never has two open callouts"
    ONE_CUSTOMER = "a callout is never shared by two customers"
    OWN_CANCEL = "a cancel never closes another device's callout"
    REPORT_OPENS = "a battery report never opens a callout"
    ENDED_JOIN = "a press never joins a callout that had ended before it was sent"
    OVERTAKING = "a cancel never overtakes its press"
    SEQUENCE = "a device's sequence numbers repeat in resends only"
    EMPTY = "nothing is heard of a device whose battery is empty"
    REFUSED = "a device that AURA refused takes no part"
    UNSENT = "nothing arrives that was not sent"
    COPIES = "nothing arrives more often than it was in the air"
    UNASKED = "nothing is answered that was not asked"
    UNWANTED = "no callout is opened that no press asked for"
    LOCATED = "location time never runs backwards"
    PLACE = "no position lies far from where the device is"
    ONCE = "a press happens once"
    LINKED = "a device is linked once, under a serial of its own"
    ENDED = "nothing happens after the end of a run"


@dataclass(frozen=True, slots=True)
class Breach:
    """One promise broken once. `trace` holds the records that show it, in order, a line each."""

    invariant: Invariant
    t: float
    device: str
    message: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        lines = (f"{self.invariant}: {self.message}", *(f"  {line}" for line in self.trace))
        return "\n".join(lines)


def line(record: Record) -> str:
    """Return a record as one line of text; control characters in names are escaped."""
    fields: dict[str, object] = msgspec.to_builtins(record)
    kind, t = fields.pop("type"), fields.pop("t")
    told = " ".join(f"{name}={_plain(value)}" for name, value in fields.items())
    return f"{t:.3f} s  {kind}  {told}"


def _plain(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text[1:-1] if isinstance(value, str) else text

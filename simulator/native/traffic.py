"""What passes through the reference middleware: counted, and told to whoever looks on."""

from collections import Counter
from collections.abc import Callable

from simulator.journal import Answered, EventSent, Failed, Received, Record

_TOLD = ("press", "cancel")


class Traffic:
    """A journal that keeps numbers only. Mutable: it is counted up."""

    def __init__(self, tell: Callable[[str], None] = lambda _: None) -> None:
        self.counts: Counter[str] = Counter()
        self._tell = tell

    def write(self, record: Record) -> None:
        """Count a record, and tell of it where a person would want to know."""
        match record:
            case Received():
                self.counts["frames dropped" if record.dropped else "frames read"] += 1
                if record.dropped and record.dropped != "repetition":
                    self._tell(f"{record.device}: dropped, {record.dropped}")
            case EventSent():
                self.counts["events sent"] += 1
            case Answered():
                self.counts["events answered"] += 1
                if record.kind in _TOLD:
                    self._tell(f"{record.device}: {record.kind}, callout {record.callout}")
            case Failed():
                self.counts["events failed"] += 1
                self._tell(f"{record.device}: {record.kind} failed, {record.reason}")
            case _:
                pass

    def flush(self) -> None:
        """Do nothing: there is nothing to be kept."""

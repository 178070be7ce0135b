"""What a killed run in real time has done, read from its journal, and the run that goes on."""

from collections import Counter
from collections.abc import Callable

from simulator.errors import InputError
from simulator.journal import (
    DeviceLinked,
    FileJournal,
    FrameSent,
    JournalForm,
    LinkRefused,
    Pressed,
    Regretted,
)
from simulator.report import Ledger, Place
from simulator.rerun.written import Written
from simulator.run import Progress, RunResult
from simulator.run.continuing import ContinuedRun, Past


class CannotGoOnError(InputError):
    """A run in real time that cannot be taken up again."""


def go_on(
    written: Written, on_progress: Callable[[Progress], None] = lambda _: None
) -> tuple[RunResult, int]:
    """Let a run in real time go on; return how it ended, and how many records came to it."""
    if written.form is not JournalForm.LINES:
        message = "A run in real time goes on from a journal of lines only, which is kept up to it."
        raise CannotGoOnError(message)
    native = written.settings.native
    if native is not None and native.via:
        message = (
            f"{native.left_by} It cannot go on: what stands at its other end has heard part of it, "
            "and would take the rest for another run. Run it anew with --via "
            f"{native.via} --port {native.port}."
        )
        raise CannotGoOnError(message)
    if native is not None:
        message = (
            "A run that delivers natively cannot go on: the middleware has lost its connections, "
            "and what it makes of new ones would not be this run. Run it anew."
        )
        raise CannotGoOnError(message)
    past = past_of(written)
    with FileJournal(written.folder, keep=written.facts) as journal:
        result = ContinuedRun(written.settings, journal, past, on_progress).execute()
        return result, journal.count


def past_of(written: Written) -> Past:
    """Read what has been done."""
    ledger = Ledger()
    linked: set[str] = set()
    presses: Counter[str] = Counter()
    regrets: Counter[str] = Counter()
    sequences: dict[str, int] = {}
    set_up_s = 0.0
    for record in written.read():
        ledger.add(record)
        match record:
            case DeviceLinked() | LinkRefused() if record.device not in linked:
                linked.add(record.device)
                set_up_s = record.t
            case Pressed():
                presses[record.device] += 1
            case Regretted():
                regrets[record.device] += 1
            case FrameSent():
                sequences[record.device] = max(record.seq, sequences.get(record.device, 0))
    is_set_up = len(linked) >= written.settings.devices
    return Past(
        at_s=written.last_s,
        began_s=set_up_s if is_set_up else None,
        presses=presses,
        regrets=regrets,
        sequences=sequences,
        unfinished=_unfinished(ledger),
    )


def _unfinished(ledger: Ledger) -> tuple[tuple[str, str], ...]:
    """Return the presses of which the journal does not say what became of them."""
    entries = ledger.finish().entries
    return tuple((e.press, e.device) for e in entries if e.where is Place.JOURNAL_ENDED)

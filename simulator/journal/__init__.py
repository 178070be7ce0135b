"""The journal of a run: append-only, typed, versioned.

Every arrow of the pipeline writes one record; reports, ledger and replay are functions of the
journal alone. Times `t` are seconds of the run; the first record says when the run began.
"""

from simulator.journal.errors import JournalError, JournalUnwritableError
from simulator.journal.forms import JournalForm, form_of, journal_folder, open_journal, read_journal
from simulator.journal.journal import Journal, MemoryJournal
from simulator.journal.lines import FILE_NAME, FileJournal, journal_path
from simulator.journal.many import Columns, ColumnsJournal, Same, records
from simulator.journal.records import (
    FORMAT,
    Answered,
    CalloutClosed,
    Controlled,
    DeviceLinked,
    EventSent,
    Exchanged,
    Failed,
    FaultApplied,
    FaultPlanned,
    FrameSent,
    LinkChanged,
    LinkRefused,
    Notified,
    OnAir,
    PowerChanged,
    Pressed,
    Received,
    Record,
    Regretted,
    Replied,
    RunEnded,
    RunResumed,
    RunStarted,
    Silent,
    Unfinished,
)

__all__ = [
    "FILE_NAME",
    "FORMAT",
    "Answered",
    "CalloutClosed",
    "Columns",
    "ColumnsJournal",
    "Controlled",
    "DeviceLinked",
    "EventSent",
    "Exchanged",
    "Failed",
    "FaultApplied",
    "FaultPlanned",
    "FileJournal",
    "FrameSent",
    "Journal",
    "JournalError",
    "JournalForm",
    "JournalUnwritableError",
    "LinkChanged",
    "LinkRefused",
    "MemoryJournal",
    "Notified",
    "OnAir",
    "PowerChanged",
    "Pressed",
    "Received",
    "Record",
    "Regretted",
    "Replied",
    "RunEnded",
    "RunResumed",
    "RunStarted",
    "Same",
    "Silent",
    "Unfinished",
    "form_of",
    "journal_folder",
    "journal_path",
    "open_journal",
    "read_journal",
    "records",
]

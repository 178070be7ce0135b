"""A small fleet with faults, run through a virtual while."""

from collections.abc import Sequence

import msgspec

from simulator.clock import read_duration
from simulator.device import People
from simulator.faults import AnyFault
from simulator.journal import FaultApplied, FrameSent, MemoryJournal, Record
from simulator.run import Run, RunSettings
from simulator.run.life import Life


def fault(kind: str, **keys: object) -> AnyFault:
    """Return a fault as a run file would say it."""
    table = {"kind": kind} | {name.rstrip("_"): value for name, value in keys.items()}
    made: AnyFault = msgspec.convert(table, AnyFault, dec_hook=read_duration)
    return made


def ran(*faults: AnyFault, mix: dict[str, int] | None = None, **settings: object) -> list[Record]:
    """Return the journal of a run with faults."""
    told: dict[str, object] = {
        "mix": mix or {"eview-ev07b": 2, "milesight-ws101": 2},
        "for_s": 7200.0,
        "people": People(presses=2.0, cancel_share=0.0, impatient_share=0.0),
        "life": Life(faults=faults),
    }
    journal = MemoryJournal()
    Run(RunSettings(**told | settings), journal).execute()  # type: ignore[arg-type]
    return journal.records


def strikes(records: Sequence[Record]) -> list[FaultApplied]:
    """Return what faults did."""
    return [record for record in records if isinstance(record, FaultApplied)]


def frames(records: Sequence[Record], device: str = "") -> list[FrameSent]:
    """Return the frames of a device, or of all."""
    sent = (record for record in records if isinstance(record, FrameSent))
    return [record for record in sent if record.device.startswith(device)]

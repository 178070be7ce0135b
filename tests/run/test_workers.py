"""A run in many processes: the same journal, clear failures, nothing lost."""

from pathlib import Path

import pytest

from simulator.device import People
from simulator.journal import FileJournal
from simulator.run import Run, RunSettings, run_shared

MIX = {"milesight-ws101": 5, "simplepack-plus": 3, "eview-ev07b": 4, "sensecap-t1000": 3}


def settings(out: Path, **more: object) -> RunSettings:
    """Return a run with many presses."""
    given = {"mix": MIX, "for_s": 20_000.0, "people": People(presses=2.0), **more}
    return RunSettings(out=out, **given)  # type: ignore[arg-type]


def journal(out: Path) -> bytes:
    """Return the lines of a run."""
    return (out / "journal.ndjson").read_bytes()


def alone(out: Path, **more: object) -> bytes:
    """Return the lines of a run in this process."""
    told = settings(out, **more)
    with FileJournal(out) as lines:
        Run(told, lines).execute()
    return journal(out)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_any_number_of_workers_writes_the_same_bytes(tmp_path: Path, workers: int) -> None:
    """Press by press, callout by callout, webhook by webhook."""
    expected = alone(tmp_path / "alone")
    result = run_shared(settings(tmp_path / "many"), workers)

    assert journal(tmp_path / "many") == expected
    assert (result.reason, result.devices) == ("finished", 15)
    assert expected.count(b'"type":"closed"') > 5
    assert expected.count(b'"type":"webhook"') > 5
    assert not (tmp_path / "many" / "shards").exists()

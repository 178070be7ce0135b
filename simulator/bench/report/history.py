"""The record of each unit: one line a session, kept by serial number."""

import re
from pathlib import Path

import msgspec
from msgspec import Struct

from simulator.bench.acceptance import BenchRecord, Verdict
from simulator.errors import InputError, UnavailableError


class HistoryLine(Struct, frozen=True, kw_only=True):
    """One session of a unit: when, how it ended, and the worst of each measurement."""

    started: str
    verdict: Verdict
    firmware: str = ""
    worst: dict[str, float] = {}
    session: str = ""


def append_history(folder: Path, record: BenchRecord, session: Path) -> Path:
    """Append a session to the record of its unit; return the file."""
    path = history_path(folder, record.identity.profile, record.identity.serial)
    worst = {row.name: row.worst for row in record.measurements if row.worst is not None}
    line = HistoryLine(
        started=record.started,
        verdict=record.verdict,
        firmware=record.identity.firmware,
        worst=worst,
        session=session.name,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
    except OSError as error:
        message = (
            f"The record {path} cannot be written: {error.strerror}. Name a folder with --out."
        )
        raise UnavailableError(message) from error
    return path


def read_history(folder: Path, profile: str, serial: str) -> list[HistoryLine]:
    """Return the sessions of a unit so far, the oldest first; a torn last line is left out."""
    path = history_path(folder, profile, serial)
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            found.append(msgspec.json.decode(line, type=HistoryLine))
        except msgspec.MsgspecError as error:
            message = f"{path}:{number}: is no line of a unit's record: {error}"
            raise InputError(message) from error
    return found


def history_path(folder: Path, profile: str, serial: str) -> Path:
    """Return where the record of a unit is; its serial may hold any character."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", serial) or "unknown"
    return folder / "units" / f"{profile}-{plain}.ndjson"

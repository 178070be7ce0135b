"""When the sandbox was last compared with a real AURA, and what came of it."""

from pathlib import Path

import msgspec
from msgspec import Struct

from simulator.aura.state import StateError, made, state_folder
from simulator.clock import epoch_s

_FORMAT = 1
_DAY_S = 86400.0


class Comparison(Struct, frozen=True, kw_only=True):
    """One comparison: with what, when (ISO 8601), of which version, and how many differences."""

    format: int = _FORMAT
    target: str
    tier: str
    at: str
    version: str
    steps: int
    differences: int


def keep(comparison: Comparison, folder: Path | None = None) -> Path:
    """Write a comparison in place of the last one; raise StateError."""
    path = _path(folder)
    made(path.parent)
    try:
        fresh = path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(comparison) + b"\n")
        fresh.replace(path)
    except OSError as error:
        raise StateError(path, error.strerror or str(error)) from error
    return path


def last_comparison(folder: Path | None = None) -> Comparison | None:
    """Return the last comparison that can be read."""
    try:
        found = msgspec.json.decode(_path(folder).read_bytes(), type=Comparison)
        epoch_s(found.at)
    except (OSError, ValueError):
        return None
    return found if found.format == _FORMAT else None


def told(now_s: float, folder: Path | None = None) -> str:
    """Return a sentence on how old the last comparison is."""
    last = last_comparison(folder)
    if last is None:
        return "Never compared with a real AURA: aurasim drift --b staging"
    days = int(max(0.0, now_s - epoch_s(last.at)) // _DAY_S)
    age = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
    return (
        f"Last compared with {last.target} {age} ({last.at[:10]}): "
        f"{last.differences} differences in {last.steps} steps"
    )


def _path(folder: Path | None) -> Path:
    return (folder or state_folder()) / "drift.json"

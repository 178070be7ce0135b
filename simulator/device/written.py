"""What a table of a run file says, written back: for the journal, and to repeat a run."""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from simulator.clock import Duration


def written(table: Struct, duration: Callable[[Duration], object]) -> dict[str, object]:
    """Return a table as plain values, its durations as `duration` writes them.

    What is not there is left out. Defaults are not: msgspec knows them by identity, which does not
    survive the way to another process.
    """

    def write(value: object) -> object:
        if isinstance(value, Duration):
            return duration(value)
        raise NotImplementedError

    told = _said(msgspec.to_builtins(table, enc_hook=write))
    assert isinstance(told, dict)  # noqa: S101 - a table is one
    return told


def _said(value: object) -> object:
    if isinstance(value, dict):
        return {key: _said(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_said(one) for one in value]
    return value

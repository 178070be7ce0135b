"""What tables of a run file say in short, written out in full before it is read into types."""

import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from simulator.device.ways import WayFileError, read_area, read_way
from simulator.errors import InputError

_T = TypeVar("_T")


class ShortcutError(InputError):
    """A table names something that does not exist; `key` is where."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


@cache
def shipped_personas() -> Mapping[str, Mapping[str, object]]:
    """Return the personas that ship, by name."""
    text = files("simulator.device").joinpath("personas.toml").read_text("utf-8")
    return tomllib.loads(text)


def written_out(table: dict[str, object], folder: Path) -> dict[str, object]:
    """Return the table of a run file with personas, ways and areas in full.

    Files are looked for beside the run file. Raises `ShortcutError`.
    """
    return {
        name: [_entry(name, one, at, folder) for at, one in enumerate(value)]
        if isinstance(value, list)
        else _areas(value, name, folder)
        for name, value in table.items()
    }


def _entry(name: str, table: object, at: int, folder: Path) -> object:
    key = f"{name}[{at}]"
    if name == "personas":
        table = _persona(table, at)
    if name == "routes":
        table = _route(table, key, folder)
    return _areas(table, key, folder)


def _route(table: object, key: str, folder: Path) -> object:
    """Return a route with the waypoints of its file."""
    if not isinstance(table, dict) or not isinstance(table.get("file"), str):
        return table
    way = _read(read_way, folder / table["file"], f"{key}.file")
    rest = {name: value for name, value in table.items() if name != "file"}
    return {"waypoints": list(way.waypoints), "times_s": list(way.times_s), **rest}


def _areas(value: object, key: str, folder: Path) -> object:
    """Return a value in which every area that names a file has the polygon of the file."""
    if isinstance(value, list):
        return [_areas(one, f"{key}[{at}]", folder) for at, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if set(value) == {"file"} and isinstance(value["file"], str):
        return {"polygon": list(_read(read_area, folder / value["file"], key))}
    return {name: _areas(one, f"{key}.{name}", folder) for name, one in value.items()}


def _read(read: Callable[[Path], _T], path: Path, key: str) -> _T:
    try:
        return read(path)
    except WayFileError as error:
        raise ShortcutError(key, str(error)) from error


def _persona(table: object, at: int) -> object:
    if not isinstance(table, dict) or "like" not in table:
        return table
    like = table["like"]
    shipped = shipped_personas()
    if not isinstance(like, str) or like not in shipped:
        near = get_close_matches(str(like), list(shipped), n=1, cutoff=0.3)
        hint = f"the nearest is {near[0]}; " if near else ""
        reason = f"there is no persona '{like}'; {hint}there are {', '.join(shipped)}"
        raise ShortcutError(f"personas[{at}].like", reason)
    rest = {name: value for name, value in table.items() if name != "like"}
    return {"name": like, **shipped[like], **rest}

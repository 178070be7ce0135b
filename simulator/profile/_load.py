"""Reads profiles and says exactly what is wrong with a bad one: file, line, key, reason.

Profiles are looked for in the folders of `AURASIM_PROFILES` (a path list), in `./profiles`, and
among those that ship; the first of a name wins.
"""

import os
import re
import tomllib
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import msgspec

from simulator.errors import InputError
from simulator.outside import text_of, toml_of
from simulator.profile._contradictions import contradictions
from simulator.profile._model import Profile

_SHIPPED = Path(__file__).parents[1] / "_profiles"
_CHECKOUT = Path(__file__).parents[2] / "profiles"


class ProfileError(InputError):
    """A profile cannot be used: where (`path`, `line`, `key`) and why (`reason`)."""

    def __init__(self, path: str, line: int | None, key: str, reason: str) -> None:
        place = f"{path}:{line}" if line else path
        super().__init__(f"{place}: {key + ': ' if key else ''}{reason}")
        self.path = path
        self.line = line
        self.key = key
        self.reason = reason


def folders() -> tuple[Path, ...]:
    """Return the folders that profiles are looked for in, first the ones that win."""
    named = [Path(p) for p in os.environ.get("AURASIM_PROFILES", "").split(os.pathsep) if p]
    shipped = _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT
    return tuple(f for f in (*named, Path("profiles"), shipped) if f.is_dir())


def _files() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.toml")):
            found.setdefault(path.stem, path)
    return found


def profile_names() -> tuple[str, ...]:
    """Return the names of all profiles, sorted."""
    return tuple(sorted(_files()))


def profiles() -> tuple[Profile, ...]:
    """Return all profiles, sorted by name."""
    return tuple(load(name) for name in profile_names())


def load(name: str) -> Profile:
    """Return a profile by name, or by the path of its file."""
    if name.endswith(".toml"):
        return read(Path(name))
    files = _files()
    if name not in files:
        nearest = get_close_matches(name, sorted(files), n=3, cutoff=0.3)
        hint = f" Nearest: {', '.join(nearest)}." if nearest else ""
        reason = f"There is no profile of this name.{hint} `aurasim profiles list` names them all."
        raise ProfileError(name, None, "", reason)
    return _cached(files[name].resolve(), files[name].stat().st_mtime_ns)


@cache
def _cached(path: Path, _changed_ns: int) -> Profile:
    return read(path)


def read(path: Path) -> Profile:
    """Read one profile file; raise `ProfileError` for anything that is not as it should be."""
    try:
        text = text_of(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(str(path), None, "", f"cannot be read: {error}") from error
    try:
        table = toml_of(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise ProfileError(str(path), line, "", f"is not valid TOML: {error}") from error
    try:
        profile = msgspec.convert(table, Profile, strict=True)
    except msgspec.ValidationError as error:
        key, reason = _refused(table, error)
        raise ProfileError(str(path), line_of(text, key), key, reason) from error
    for key, reason in contradictions(profile, table):
        raise ProfileError(str(path), line_of(text, key), key, reason)
    return msgspec.structs.replace(profile, path=str(path))


def _refused(table: dict[str, object], error: msgspec.ValidationError) -> tuple[str, str]:
    """Return key and reason of a refusal; which of several named tables it was is found out."""
    reason, _, key = str(error).partition(" - at `$")
    key = key.rstrip("`").lstrip(".")
    path, found, _ = key.partition("[...]")
    inner: object = table
    for name in path.split("."):
        inner = inner.get(name) if isinstance(inner, dict) else None
    if not found or not isinstance(inner, dict) or len(inner) < 2:
        only = next(iter(inner), "") if isinstance(inner, dict) else ""
        return key.replace("[...]", f".{only}", 1), reason
    for name in inner:
        try:
            msgspec.convert(_without_others(table, path.split("."), name), Profile, strict=True)
        except msgspec.ValidationError as again:
            return _refused(_without_others(table, path.split("."), name), again)
    return key, reason


def _without_others(table: dict[str, object], path: list[str], name: str) -> dict[str, object]:
    """Return the whole with one entry only in the table at a path."""
    inner = table[path[0]]
    assert isinstance(inner, dict)  # noqa: S101 - the caller has walked this path
    rest = _without_others(inner, path[1:], name) if path[1:] else {name: inner[name]}
    return {**table, path[0]: rest}


def line_of(text: str, key: str) -> int | None:
    """Return the line of a TOML text on which a dotted key (or its nearest table) is written."""
    wanted = [part.split("[")[0] for part in key.split(".") if part]
    table: list[str] = []
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?\s*([\w.\"-]+)\s*\]\]?", line)
        setting = re.match(r"\s*([\w.\"-]+)\s*=", line)
        if header:
            table = header[1].replace('"', "").split(".")
            here = table
        elif setting:
            here = table + setting[1].replace('"', "").split(".")
        else:
            continue
        depth = next((i for i, (a, b) in enumerate(zip(here, wanted, strict=False)) if a != b), -1)
        depth = min(len(here), len(wanted)) if depth < 0 else depth
        if depth == len(here) and depth and (best is None or depth > best[0]):
            best = (depth, number)
    return _entry_line(text, best[1], key) if best else None


def _entry_line(text: str, line: int, key: str) -> int:
    """Return the line of an entry of a list of tables that is written a table a line."""
    found = re.search(r"\[(\d+)\](?!.*\[)", key)
    if not found or not re.search(r"=\s*\[\s*$", text.splitlines()[line - 1]):
        return line
    entries = [
        number
        for number, entry in enumerate(text.splitlines()[line:], line + 1)
        if entry.lstrip().startswith("{")
    ]
    wanted = int(found[1])
    return entries[wanted] if wanted < len(entries) else line

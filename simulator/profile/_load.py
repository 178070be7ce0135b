"""Reads profiles and says exactly what is wrong with a bad one: file, line, key, reason.

Profiles are looked for in the folders of `AURASIM_PROFILES` (a path list), in `./profiles`, and
among those that ship; the first of a name wins.
"""

import os
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from simulator.codec import UnknownCodecError, codec
from simulator.errors import InputError
from simulator.frame import Kind
from simulator.profile._facts import FACTS, facts_named
from simulator.profile._model import CancelSource, Origin, Profile

_SHIPPED = Path(__file__).parents[1] / "_profiles"
_CHECKOUT = Path(__file__).parents[2] / "profiles"
_EXPLAINED = ("behaviour", "battery", "motion", "link")


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
        known = ", ".join(sorted(files)) or "none found"
        raise ProfileError(name, None, "", f"There is no profile of this name. Known: {known}.")
    return _cached(files[name].resolve(), files[name].stat().st_mtime_ns)


@cache
def _cached(path: Path, _changed_ns: int) -> Profile:
    return read(path)


def read(path: Path) -> Profile:
    """Read one profile file; raise `ProfileError` for anything that is not as it should be."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(str(path), None, "", f"cannot be read: {error}") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise ProfileError(str(path), line, "", f"is not valid TOML: {error}") from error
    try:
        profile = msgspec.convert(table, Profile, strict=True)
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at `$")
        key = key.rstrip("`").lstrip(".")
        raise ProfileError(str(path), line_of(text, key), key, reason) from error
    for key, reason in _contradictions(profile, table):
        raise ProfileError(str(path), line_of(text, key), key, reason)
    return msgspec.structs.replace(profile, path=str(path))


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
    return best[1] if best else None


def _contradictions(profile: Profile, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield what the types cannot see: (key, reason)."""
    yield from _unknown_names(profile)
    yield from _bad_identity(profile)
    yield from _bad_behaviour(profile)
    yield from _unexplained(profile, table)


def _unknown_names(profile: Profile) -> Iterator[tuple[str, str]]:
    try:
        codec(profile.codec)
    except UnknownCodecError as error:
        yield "codec", str(error)
    if Kind.PRESS not in profile.frames:
        yield "frames", "A profile needs [frames.press]: what the device sends for help."
    for kind, template in profile.frames.items():
        for name in sorted(facts_named(template.values) - set(FACTS)):
            reason = f"names ${name}, which is no fact. Known: {', '.join(FACTS)}"
            yield f"frames.{kind}.values", reason


def _bad_identity(profile: Profile) -> Iterator[tuple[str, str]]:
    identity = profile.identity
    patterns = {"serial": identity.serial, "device_id.pattern": identity.device_id.pattern or ""}
    for key, pattern in patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"identity.{key}", f"is not a regular expression: {error}"
            return
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(identity.units) if name == ""]
        serial = identity.serial_of(1)
    except (ValueError, LookupError) as error:
        yield "identity.units", f"cannot be filled with a unit number: {error}"
        return
    if len(fields) != 1:
        yield "identity.units", "needs exactly one {} for the unit number, such as AB{:08d}"
    elif not profile.matches(serial):
        yield "identity.units", f"makes {serial!r}, which identity.serial does not match"
    elif not identity.device_id.derive(serial):
        yield "identity.device_id", f"derives nothing from {serial!r}"


def _bad_behaviour(profile: Profile) -> Iterator[tuple[str, str]]:
    behaviour = profile.behaviour
    if not behaviour.gestures:
        yield "behaviour.gestures", "needs at least one gesture that calls for help"
    if behaviour.cancel_source is CancelSource.NATIVE and Kind.CANCEL not in profile.frames:
        yield "behaviour.cancel_source", "is native, but there is no [frames.cancel]"
    needed = {
        "login": (behaviour.login, (Kind.LOGIN,)),
        "report_s": (behaviour.report_s, (Kind.BATTERY, Kind.HEARTBEAT)),
        "position_s": (behaviour.position_s, (Kind.MOVE,)),
        "sos_position_s": (behaviour.sos_position_s, (Kind.MOVE,)),
    }
    for key, (wanted, kinds) in needed.items():
        if wanted and not any(kind in profile.frames for kind in kinds):
            tables = " or ".join(f"[frames.{kind}]" for kind in kinds)
            yield f"behaviour.{key}", f"needs {tables}, which the profile does not have"
    battery = profile.battery
    if battery.full_mv <= battery.empty_mv:
        yield "battery.full_mv", "must be above battery.empty_mv"
    if battery.initial_percent[0] > battery.initial_percent[1]:
        yield "battery.initial_percent", "is [lowest, highest], in that order"
    low, high = profile.link.delay_s
    if low > high:
        yield "link.delay_s", "is [shortest, longest], in that order"


def _unexplained(profile: Profile, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    origins = tuple(origin.value for origin in Origin)
    for part in _EXPLAINED:
        stated = table.get(part, {})
        keys = set(stated) if isinstance(stated, dict) else set()
        explained = profile.provenance.get(part, {})
        for key in sorted(keys - set(explained) - {"network"}):
            yield f"{part}.{key}", f"has no origin: say it under [provenance.{part}]"
        for key, text in explained.items():
            if key not in keys:
                yield f"provenance.{part}.{key}", f"explains nothing: [{part}] has no {key}"
            elif not text.startswith(origins):
                yield f"provenance.{part}.{key}", f"must start with one of {', '.join(origins)}"

"""Whom a fault concerns: by name, share and place; and which faults contradict each other."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from itertools import combinations

from simulator.device import Firmware, Position
from simulator.device.area import are_apart
from simulator.errors import InputError
from simulator.faults.fault import Fault
from simulator.rng import Rng


class FaultError(InputError):
    """A fault cannot be: `index` is its place among those that were given, `key` what is wrong."""

    def __init__(self, reason: str, index: int = 0, key: str = "") -> None:
        super().__init__(reason)
        self.index = index
        self.key = key


def concerns(fault: Fault, unit: Firmware, rng: Rng) -> bool:
    """Return whether a fault is one of a unit's: named, and drawn into the share."""
    if fault.devices and not any(names(one, unit.name) for one in fault.devices):
        return False
    return fault.share >= 1.0 or rng.stream(unit.key, f"fault {fault.title}").at(0) < fault.share


def names(pattern: str, device: str) -> bool:
    """Return whether a pattern names a device: the device, its profile, or with wildcards."""
    profile, _, _ = device.rpartition("/")
    return fnmatchcase(device, pattern) or fnmatchcase(profile, pattern)


def is_there(fault: Fault, position: Position) -> bool:
    """Return whether a device at a position is where the fault is."""
    return fault.area is None or fault.area.contains(position) != fault.outside


def check(faults: Sequence[Fault], profiles: Iterable[str], for_s: float) -> None:
    """Refuse faults of nobody, after the end, of one name, or that contradict each other.

    Raises `FaultError`. Faults of different kinds add up; two of one kind on the same devices at
    the same time would leave open which of them holds.
    """
    known = list(profiles)
    for index, fault in enumerate(faults):
        check_names(fault.devices, known, index)
        if fault.from_s >= for_s:
            message = (
                f"'{fault.title}' begins after {fault.from_s:g} s, when the run is over. Let it "
                f"begin earlier, or the run last longer than {for_s:g} s"
            )
            raise FaultError(message, index, "from")
    for (_, one), (index, other) in combinations(enumerate(faults), 2):
        clash(one, other, for_s, index)


def clash(one: Fault, other: Fault, for_s: float = float("inf"), index: int = 0) -> None:
    """Refuse the second of two faults where they contradict each other; raise `FaultError`."""
    if one.kind == other.kind and _overlap(one, other, for_s) and _share_devices(one, other):
        message = (
            f"two faults of kind {one.kind} overlap on the same devices: '{one.title}' and "
            f"'{other.title}'. Give them other devices, areas or times, or make them one"
        )
        raise FaultError(message, index, "kind")
    if one.title == other.title:
        message = f"two faults are called '{one.title}'. Give the second one a name of its own"
        raise FaultError(message, index, "name")


def check_names(patterns: Iterable[str], known: Sequence[str], index: int = 0) -> None:
    """Refuse what names no device of any of these profiles; raise `FaultError`."""
    for one in patterns:
        profile = one.rpartition("/")[0] or one
        if not any(fnmatchcase(name, profile) or fnmatchcase(name, one) for name in known):
            near = get_close_matches(profile, known, n=1, cutoff=0.3)
            hint = f" Nearest: {near[0]}." if near else ""
            message = f"'{one}' names no device of the mix.{hint}"
            raise FaultError(message, index, "devices")


def _overlap(one: Fault, other: Fault, for_s: float) -> bool:
    """Return whether two faults are ever there at once: looked at wherever one of them begins."""
    return _meets(one, other, for_s) or _meets(other, one, for_s)


def _meets(one: Fault, other: Fault, for_s: float, most: int = 2000) -> bool:
    at_s: float = one.from_s
    for _ in range(most):
        if at_s >= for_s:
            return False
        if one.is_on(at_s) and other.is_on(at_s):
            return True
        at_s = one.changes_after(at_s)
    return False


def _share_devices(one: Fault, other: Fault) -> bool:
    are_inside = not (one.outside or other.outside)
    if one.area and other.area and are_inside and are_apart(one.area, other.area):
        return False
    if one.area and other.area == one.area and one.outside != other.outside:
        return False
    pairs = ((a, b) for a in one.devices or ("*",) for b in other.devices or ("*",))
    return any(names(a, b) or names(b, a) or _stem(a) == _stem(b) for a, b in pairs)


def _stem(pattern: str) -> str:
    """Return the profile of a pattern where it names all its units, else the pattern itself."""
    return pattern.removesuffix("/*")

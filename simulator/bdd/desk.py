"""What steps ask of a unit that may stand on the desk; it imports neither pyserial nor bleak."""

import pytest

from simulator.fleet import Unit


def is_on_desk(unit: Unit) -> bool:
    """Return whether a unit is a real or an emulated one, and no model."""
    return bool(getattr(unit.firmware, "is_on_desk", False))


def need_virtual(unit: Unit, what: str) -> None:
    """Skip the scenario where a unit on the desk would have to do what only a model can."""
    if is_on_desk(unit):
        pytest.skip(f"a unit on the desk cannot be made to {what}")


def carried_by_hand(unit: Unit) -> bool:
    """Have a person carry a unit on the desk around; return whether it is one."""
    walk = getattr(unit.firmware, "walk", None) if is_on_desk(unit) else None
    if walk is not None:
        walk()
    return walk is not None

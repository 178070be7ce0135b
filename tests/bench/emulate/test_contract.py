"""Which units there are, and what is refused before anything starts."""

import pytest

from simulator.bench.emulate import KINDS, emulated
from simulator.errors import InputError


def test_unknown_unit_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="avr, microbit, ble-avr, ble-button"):
        emulated("toaster")


@pytest.mark.parametrize("kind", KINDS)
def test_serial_that_the_profile_does_not_know_is_refused(kind: str) -> None:
    with pytest.raises(InputError, match="'not one' is no serial of"):
        emulated(kind, "not one")

"""What the emulated units need of the machine: tests skip with the command that would help."""

from collections.abc import Callable

import pytest

from simulator.bench.emulate.contract import EmulatorMissingError
from simulator.bench.emulate.needs import require


@pytest.fixture(scope="session")
def needs() -> Callable[..., None]:
    """Skip the test where this machine lacks a part of the bench."""

    def check(*parts: str) -> None:
        try:
            require("of this test", *parts)
        except EmulatorMissingError as error:
            pytest.skip(str(error))

    return check

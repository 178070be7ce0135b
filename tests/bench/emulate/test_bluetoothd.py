"""The scenarios of BLE on genuine bluetoothd; `scripts/test-bluetoothd` runs them.

One guest serves them all, in one event loop. A guest that hangs ends at the limit of the script.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from simulator.bench.emulate.air import Air
from simulator.bench.emulate.contract import EmulatorMissingError
from simulator.bench.emulate.guest import bluetoothd_in
from simulator.bench.links import SYSTEM
from tests.bench.emulate.near import SCENARIOS, Near, pairing_asks_for_consent_and_encrypts

WANTED = "AURASIM_BLUETOOTHD"
pytestmark = [
    pytest.mark.bluetoothd,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(WANTED not in os.environ, reason="boots a guest: scripts/test-bluetoothd"),
    pytest.mark.xdist_group("bluetoothd"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def near() -> AsyncIterator[Near]:
    """One Linux machine with Bluetooth for all."""
    air = Air()
    try:
        async with bluetoothd_in(air) as environment:
            with pytest.MonkeyPatch.context() as patch:
                for name, value in environment.items():
                    patch.setenv(name, value)
                yield Near(air, SYSTEM, environment)
    except EmulatorMissingError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    "scenario",
    [*SCENARIOS, pairing_asks_for_consent_and_encrypts],
    ids=lambda scenario: scenario.__name__,
)
async def test_scenario(near: Near, scenario: Callable[[Near], Awaitable[None]]) -> None:
    await scenario(near)

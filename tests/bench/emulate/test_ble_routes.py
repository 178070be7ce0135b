"""The scenarios of BLE on two kinds of Bluetooth that need no kernel."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from simulator.bench.emulate.air import OUR_ADDRESS, Air, bluez_in
from simulator.bench.links import SYSTEM, LinkError
from simulator.bench.links.agent import pairing_agent
from simulator.bench.links.dongle import radio_of
from tests.bench.emulate.near import SCENARIOS, Near, pairing_asks_for_consent_and_encrypts


@pytest.fixture(params=["bluez", "bumble"])
async def near(
    request: pytest.FixtureRequest,
    needs: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Near]:
    needs("avr")
    air = Air()
    if request.param == "bumble":
        central = air.device("aurasim", OUR_ADDRESS)
        await central.power_on()
        yield Near(air, radio_of(central))
        await central.power_off()
        return
    needs("ble")
    async with bluez_in(air) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield Near(air, SYSTEM, environment)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_scenario(near: Near, scenario: Callable[[Near], Awaitable[None]]) -> None:
    await scenario(near)


@pytest.mark.parametrize("near", ["bluez"], indirect=True)
async def test_pairing(near: Near) -> None:
    await pairing_asks_for_consent_and_encrypts(near)


async def test_agent_without_bluez_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")

    with pytest.raises(LinkError, match="no agent for pairing"):
        async with pairing_agent(OUR_ADDRESS):
            pass

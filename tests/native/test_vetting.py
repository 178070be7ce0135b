"""The names of native endpoints are judged by what they lead to."""

import socket

import pytest

from simulator.aura import RefusedTargetError
from simulator.aura import resolving as resolving_module
from simulator.native import Delivery, vet
from simulator.profile import load

LAB = "middleware.example"


def leads_to(monkeypatch: pytest.MonkeyPatch, address: str, canonical: str = "") -> None:
    """Let every name lead to one address; production's to another."""

    async def look_up(
        host: str, port: int, family: int
    ) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        del family
        at = "203.0.113.7" if host.endswith("aura.services") else address
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, canonical, (at, port))]

    init = resolving_module.GuardedResolver.__init__
    monkeypatch.setattr(init, "__defaults__", (look_up,))


def delivery(host: str) -> Delivery:
    return Delivery.parse([f"tcp://{host}:7001"], allowed=[LAB])


@pytest.mark.parametrize(
    ("host", "address", "canonical"),
    [
        (LAB, "203.0.113.7", ""),
        (LAB, "198.51.100.1", "panic.aura.services"),
        ("localhost", "198.51.100.1", ""),
    ],
)
async def test_endpoint_that_leads_astray_is_refused(
    monkeypatch: pytest.MonkeyPatch, host: str, address: str, canonical: str
) -> None:
    leads_to(monkeypatch, address, canonical)

    with pytest.raises(RefusedTargetError):
        await vet(delivery(host), [load("gt06")])


@pytest.mark.parametrize(("host", "address"), [(LAB, "198.51.100.1"), ("localhost", "127.0.0.1")])
async def test_endpoint_that_is_what_it_says_passes(
    monkeypatch: pytest.MonkeyPatch, host: str, address: str
) -> None:
    leads_to(monkeypatch, address)

    await vet(delivery(host), [load("gt06")])

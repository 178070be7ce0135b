"""Both sides of a comparison: a sandbox of its own in this process, or a target over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass

import simpy

from simulator.aura import (
    AsyncTransport,
    Credentials,
    Request,
    Response,
    Secret,
    Session,
    Tier,
)
from simulator.clock import iso, wall_s
from simulator.drift.conversations import CONVERSATIONS
from simulator.drift.playing import Heard, play
from simulator.drift.steps import Json
from simulator.profile import Profile
from simulator.rng import Rng, mix
from simulator.run.reaching import door, reach

_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Side:
    """One side: its name, how real it is, and what was heard."""

    name: str
    tier: Tier
    heard: list[Heard]
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Speaker:
    transport: AsyncTransport
    credentials: Credentials


class _InProcess:
    """The embedded sandbox as an asynchronous transport."""

    def __init__(self) -> None:
        from simulator.sandbox import Sandbox

        self._sandbox = Sandbox(simpy.Environment(), wall_s())
        demo = self._sandbox.demo
        self.credentials = Credentials(demo.client_id, Secret(demo.client_secret))

    async def send(self, request: Request) -> Response:
        """Return the answer."""
        return self._sandbox.handle(request)


async def hear(name: str, profile: Profile, allowed: tuple[str, ...] = ()) -> Side:
    """Have all conversations with one side, and end there what they opened."""
    if name == "sandbox":
        inside = _InProcess()
        heard = await _all(_Speaker(inside, inside.credentials), profile)
        return Side(name, Tier.SANDBOX, heard)
    target, credentials = door(name, allowed)
    async with reach(target, credentials) as reached:
        heard = await _all(_Speaker(reached.transport, credentials), profile)
    return Side(target.origin + target.prefix, target.tier, heard, tuple(reached.left))


async def _all(speaker: _Speaker, profile: Profile) -> list[Heard]:
    heard: list[Heard] = []
    session = Session(speaker.credentials, wall_s, Rng(0).stream(0, "retry"))
    for number, conversation in enumerate(CONVERSATIONS):
        heard += await play(conversation, session, speaker.transport, given(profile, number))
    return heard


def given(profile: Profile, number: int) -> Mapping[str, Json]:
    """Return what conversation `number` is told: names nobody has, by the time of day."""
    now_s = wall_s()
    spread = mix(int(now_s * 1000)) % 10**8
    unit = spread % 10**6 + number
    return {
        "mobile": f"+278{(spread + 2 * number) % 10**8:08d}",
        "other_mobile": f"+278{(spread + 2 * number + 1) % 10**8:08d}",
        "serial": profile.identity.serial_of(unit),
        "supplier": profile.aura.supplier,
        "device_type": profile.aura.device_type_id,
        "reference": f"drift-{spread}-{number}",
        "from": iso(now_s - 60.0),
        "to": iso(now_s + 7 * _DAY_S),
    }

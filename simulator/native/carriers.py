"""The carriers of a run: one for each endpoint and envelope that its profiles need."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from simulator.native.endpoint import Delivery, Endpoint
from simulator.native.envelopes import TOPICS, envelope
from simulator.native.parcel import Carrier, ClosableCarrier, Desk
from simulator.native.post import PostCarrier
from simulator.native.publish import PublishCarrier
from simulator.native.tracker import TcpCarrier, UdpCarrier
from simulator.profile import Profile
from simulator.rng import Rng

_Closable = PostCarrier | TcpCarrier | UdpCarrier | PublishCarrier


class Equipped(Desk, Protocol):
    """A desk that hands frames to carriers, which are given by profile."""

    carriers: dict[str, Carrier]


class Carriers:
    """Makes carriers as a delivery says, and closes them. `speed` is run seconds a second."""

    def __init__(self, delivery: Delivery, tasks: asyncio.TaskGroup, *, speed: float = 1.0) -> None:
        self._delivery = delivery
        self._tasks = tasks
        self._speed = speed
        self._made: dict[tuple[Endpoint, str], _Closable] = {}
        self._wire: ClosableCarrier | None = None

    def equip(self, outside: Equipped, profiles: Sequence[Profile]) -> None:
        """Give an outside its carriers; raise DeliveryError where a profile has none."""
        self._delivery.check(profiles)
        if self._delivery.wire is not None:
            self._wire = self._delivery.wire.carrier(outside, self._tasks, profiles)
            outside.carriers |= {profile.name: self._wire for profile in profiles}
            return
        for profile in profiles:
            outside.carriers[profile.name] = self._carrier(profile, outside)

    async def close(self) -> None:
        """Hang up and close, without waiting for what is on its way."""
        for carrier in self._made.values():
            await carrier.close()
        if self._wire is not None:
            await self._wire.close()

    def _carrier(self, profile: Profile, desk: Desk) -> Carrier:
        endpoint = self._delivery.endpoint(profile)
        name = self._delivery.envelope_name(profile)
        key = endpoint, "" if endpoint.scheme in ("tcp", "udp") else name
        if key not in self._made:
            self._made[key] = self._make(endpoint, name, desk)
        return self._made[key]

    def _make(self, endpoint: Endpoint, name: str, desk: Desk) -> _Closable:
        match endpoint.scheme:
            case "tcp":
                return TcpCarrier(
                    endpoint, desk, self._tasks, segments=self._delivery.segments, speed=self._speed
                )
            case "udp":
                return UdpCarrier(endpoint, desk, self._tasks)
            case "mqtt":
                return PublishCarrier(
                    endpoint,
                    TOPICS[name],
                    desk,
                    self._tasks,
                    chance=Rng(0).stream(0, "mqtt"),
                    speed=self._speed,
                )
        return PostCarrier(endpoint, envelope(name), desk, self._tasks)

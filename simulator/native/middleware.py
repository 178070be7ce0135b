"""The reference middleware: knows devices by what networks and frames call them.

It hands every frame to the built-in gateway, the one that virtual and real units have in common,
and gives the gateway's reply back to whoever brought the frame.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import simpy

from simulator.aura.types import CustomerId
from simulator.clock import Pacer
from simulator.codec import Context, FrameError
from simulator.device import Position
from simulator.frame import Frame, Kind
from simulator.gateway import Gateway, LinkedDevice
from simulator.link import CoarsePosition
from simulator.native.addresses import Unit, identity_in, unit_of
from simulator.profile import Profile, codec_of

_MOST_WAITING = 10_000
_MOST_DEVICES = 1_000_000
_UNKNOWN_CUSTOMER = CustomerId(0)  # AURA knows whose device it is; this gateway never asks

Answer = Callable[[bytes | None], None]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A frame as it was received; without `address` the frame says itself whose it is."""

    profile: Profile
    payload: bytes
    address: str = ""
    sequence: int | None = None
    port: int | None = None
    position: CoarsePosition | None = None
    asks_reply: bool = False


class Middleware:
    """Takes frames for a gateway. `site` is where devices are that never say their position."""

    def __init__(
        self, env: simpy.Environment, pacer: Pacer, gateway: Gateway, *, site: Position
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._env = env
        self._pacer = pacer
        self._gateway = gateway
        self._site = site
        self._devices: dict[tuple[str, str], LinkedDevice] = {}
        self._sequences: Counter[str] = Counter()
        self._waiting = 0

    def identify(self, sighting: Sighting) -> str | None:
        """Return what the frame calls its device: needed once on a connection that has not said."""
        if sighting.address:
            return sighting.address
        try:
            context = Context(port=sighting.port)
            return identity_in(codec_of(sighting.profile).decode(sighting.payload, context))
        except FrameError:
            return None

    def take(self, sighting: Sighting, answer: Answer) -> None:
        """Hand a frame to the gateway at the present moment; `answer` is called with the reply."""
        if self._waiting >= _MOST_WAITING:
            self.counts["overflows"] += 1
            answer(None)
            return
        self._waiting += 1

        def receive() -> None:
            self._waiting -= 1
            answer(self._received(sighting))

        self._pacer.post(receive)

    def _received(self, sighting: Sighting) -> bytes | None:
        device = self._device(sighting)
        if device is None:
            self.counts["strangers"] += 1
            return None
        self.counts["frames"] += 1
        self._sequences[device.name] += 1
        sequence = sighting.sequence
        frame = Frame(
            device=device.name,
            sequence=self._sequences[device.name] if sequence is None else sequence,
            kind=Kind.OTHER,  # what it means is for the gateway to find out
            payload=sighting.payload,
            at_s=self._env.now,
            port=sighting.port,
            asks_reply=sighting.asks_reply,
        )
        return self._gateway.receive(device.name, frame, sighting.position)

    def _device(self, sighting: Sighting) -> LinkedDevice | None:
        """Return the device that is called so; one that was never seen before is made known."""
        profile = sighting.profile
        address = self.identify(sighting)
        if address is None:
            return None
        key = profile.name, address
        if key not in self._devices:
            unit = unit_of(profile, address)
            if unit is None or len(self._devices) >= _MOST_DEVICES:
                return None
            self._devices[key] = self._known(profile, unit)
        return self._devices[key]

    def _known(self, profile: Profile, unit: Unit) -> LinkedDevice:
        device = LinkedDevice(
            name=f"{profile.name}/{unit.name}",
            profile=profile,
            device_id=unit.device_id,
            customer=_UNKNOWN_CUSTOMER,
            fixed=self._site,
            key=unit.key,
        )
        self._gateway.add(device)
        return device


def chosen(profiles: Sequence[Profile], address: str, model: str) -> Profile | None:
    """Return whose message this is: the model that the network names, else the one that fits."""
    named = [profile for profile in profiles if profile.name == model]
    fitting = [profile for profile in profiles if unit_of(profile, address) is not None]
    found = named or fitting
    return found[0] if len(found) == 1 else None

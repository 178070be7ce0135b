"""AURA's side of a bench session: one pipeline in real time, for frames that a real device sent.

Gateway, client and journal are those of a fleet's run. What is added is the time of each stage, by
the clock that frames are stamped with on arrival.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import simpy

from simulator.aura import (
    AsyncClient,
    Target,
)
from simulator.aura.calls import callouts, customers, devices, subscriptions
from simulator.aura.calls.subscriptions import NewSubscription
from simulator.aura.types import Callout, CalloutId, CustomerId, DeviceLink
from simulator.bench.ear import HeardFrame
from simulator.bench.told import Told
from simulator.clock import Pacer, monotonic_s, wall_s
from simulator.device import Place, Position
from simulator.frame import Frame, Kind
from simulator.gateway import Courier, Gateway, LinkedDevice
from simulator.journal import (
    Answered,
    DeviceLinked,
    EventSent,
    Failed,
    FrameSent,
    LinkChanged,
    OnAir,
    Pressed,
    Regretted,
    RunEnded,
)
from simulator.profile import Profile
from simulator.rng import mix

_SUBSCRIBED_S = 86400.0
_FOREVER = float("inf")
_QUIET_S = 5.0
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Stage:
    """What became of one frame at AURA, in `monotonic_s`; None for what did not come to pass."""

    press: str | None
    kind: str
    heard_s: float
    sent_s: float | None = None
    answered_s: float | None = None
    callout: int | None = None
    failure: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class AuraLink:
    """A link that AURA has already: whose the device is, and what it is called there."""

    customer: CustomerId
    device_id: str


class Desk:
    """One pipeline; link a device, then let it receive what the device says."""

    def __init__(
        self,
        env: simpy.Environment,
        pacer: Pacer,
        told: Told,
        *,
        client: AsyncClient,
        courier: Courier,
        target: Target,
        epoch_s: float,
    ) -> None:
        self.told = told
        self.client = client
        self.target = target
        self.epoch_s = epoch_s
        self._env = env
        self._pacer = pacer
        self._gateway = Gateway(env, told, courier, epoch_s)
        self._presses = 0
        self._link: DeviceLink
        self._is_ours = True
        self.linked: LinkedDevice | None = None

    async def adopt(
        self, profile: Profile, serial: str, link: AuraLink, key: bytes | None = None
    ) -> LinkedDevice:
        """Use a link that AURA has already; it is left as it is. Raises AuraError without it."""
        await self.client.call(callouts.of_customer(link.customer))
        self._is_ours = False
        self._link = DeviceLink(0, link.customer, link.device_id)
        return self._join(profile, serial, self._link, key)

    async def link(self, profile: Profile, serial: str, key: bytes | None = None) -> LinkedDevice:
        """Make a customer, link the device to it; raise AuraError where AURA does not agree."""
        types = await self.client.call(subscriptions.types())
        now_s = wall_s()
        term = NewSubscription(types[0].id if types else 1, now_s - 60.0, now_s + _SUBSCRIBED_S)
        number = mix(int(now_s * 1000)) % 10**9
        person = customers.Profile(name="Bench", surname=profile.title, mobile=f"+27{number:09d}")
        customer = await self.client.call(customers.create(person, term))
        template = profile.aura
        made = await self.client.call(
            devices.link(
                customer.id,
                serial,
                template.supplier,
                alias=f"bench {serial}",
                device_type_id=template.device_type_id,
            )
        )
        self._link = made
        return self._join(profile, serial, made, key)

    def _join(
        self, profile: Profile, serial: str, link: DeviceLink, key: bytes | None
    ) -> LinkedDevice:
        """Let the gateway take the frames of a linked device."""
        place = Place()
        home = Position(place.latitude, place.longitude)
        name = f"{profile.name}/{serial}"
        customer = link.customer_id or CustomerId(0)
        self.linked = LinkedDevice(name, profile, link.device_id, customer, home, key=key)
        self._gateway.add(self.linked)
        self.told.write(
            DeviceLinked(
                t=self._pacer.now(),
                device=name,
                profile=profile.name,
                serial=serial,
                device_id=link.device_id,
                customer=customer,
                latitude=home.latitude,
                longitude=home.longitude,
            )
        )
        return self.linked

    def next_press(self) -> str:
        """Return the name of the next press."""
        self._presses += 1
        return f"{self._device.name}#{self._presses}"

    def pressed(self, press: str, gesture: str) -> None:
        """Take note that a finger is on the button."""
        record = Pressed(
            t=self._pacer.now(), press=press, device=self._device.name, gesture=gesture
        )
        self.told.write(record)

    def link_changed(self, *, is_up: bool, reason: str = "") -> None:
        """Take note that the wire or the connection to the unit went, or came back."""
        if self.linked is not None:
            name = self.linked.name
            self.told.write(
                LinkChanged(t=self._pacer.now(), device=name, is_up=is_up, reason=reason)
            )

    def regretted(self, press: str, by: str) -> None:
        """Take note that a press is taken back."""
        self.told.write(
            Regretted(t=self._pacer.now(), press=press, device=self._device.name, by=by)
        )

    def receive(
        self, heard: HeardFrame, press: str | None, answer: Callable[[bytes], object]
    ) -> None:
        """Let the gateway take a frame at once; its reply for the device goes to `answer`."""
        device = self._device.name
        kind = heard.kinds[0] if heard.kinds else Kind.OTHER
        frame = Frame(
            device,
            heard.number,
            kind,
            heard.payload,
            self._pacer.now(),
            press=press,
            address=heard.address,
        )

        def happen() -> None:
            now = self._env.now
            self.told.write(
                FrameSent(
                    t=now,
                    device=device,
                    seq=frame.sequence,
                    kind=kind.value,
                    hex=frame.payload.hex(),
                    press=press,
                )
            )
            self.told.write(OnAir(t=now, device=device, seq=frame.sequence, press=press, copies=1))
            reply = self._gateway.receive(device, frame, None)
            if reply:
                answer(reply)

        self._pacer.post(happen)

    def cancel_by_operator(self, press: str) -> None:
        """Cancel the callout of a press by the API, as an operator who was called does."""
        device = self._device.name
        self._pacer.post(lambda: self._gateway.cancel(device, press))

    @property
    def callout(self) -> CalloutId | None:
        """Return the callout that the gateway takes to be open."""
        return self._device.callout

    async def open_callouts(self) -> list[Callout]:
        """Ask AURA which callouts of the customer are open."""
        found = await self.client.call(callouts.of_customer(self._device.customer))
        return [one for one in found if not one.is_closed]

    async def battery_at_aura(self) -> float | None:
        """Ask AURA which battery level it last heard of; None where it knows of none."""
        template = self._device.profile.aura
        asked = devices.update(
            self._link, supplier=template.supplier, device_type_id=template.device_type_id
        )
        found = await self.client.call(asked)
        self._link = found or self._link
        return self._link.battery_percent

    def stage(self, number: int, kind: Kind, heard_s: float) -> Stage:
        """Return what became of a message of a frame that was heard."""
        name = f"{self._device.name}:{number}:{kind}"
        sent_s = answered_s = callout = status = None
        press, failure = None, ""
        for at_s, record in self.told.of(name):
            match record:
                case EventSent():
                    sent_s, press = at_s, record.press
                case Answered():
                    answered_s, callout, status = at_s, record.callout, record.status
                case Failed():
                    answered_s, failure, status = at_s, record.reason, record.status
        return Stage(press, kind.value, heard_s, sent_s, answered_s, callout, failure, status)

    def has_answer(self, number: int, kind: Kind) -> bool:
        """Return whether AURA has answered a message, or refused it."""
        name = f"{self._device.name}:{number}:{kind}"
        return any(isinstance(record, Answered | Failed) for _, record in self.told.of(name))

    async def tidy(self) -> list[str]:
        """Cancel what is open, unlink and delete; return what could not be."""
        if self.linked is None:
            return []
        await self._quiet()
        left = []
        try:
            for one in await self.open_callouts():
                await self.client.call(callouts.cancel(one.id))
            if self._is_ours:
                await self.client.call(devices.unlink(self.linked.device_id))
                await self.client.call(customers.delete(self.linked.customer))
        except OSError as error:  # UnavailableError: the target is gone
            left.append(str(error))
        return left

    async def _quiet(self) -> None:
        """Wait a moment for what is on its way to AURA: it is for a device that is still linked."""
        ends_s = monotonic_s() + _QUIET_S
        while not self._gateway.is_quiet and monotonic_s() < ends_s:  # noqa: ASYNC110 - no event
            await asyncio.sleep(_LOOK_S)

    def end(self, reason: str, detail: str | None = None) -> None:
        """Write the last record."""
        self.told.write(RunEnded(t=self._pacer.now(), reason=reason, detail=detail))

    @property
    def _device(self) -> LinkedDevice:
        if self.linked is None:
            raise AssertionError("no device is linked yet")
        return self.linked

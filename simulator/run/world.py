"""The pipeline put together: units, gateway and AURA on one environment, with one journal.

A run and a scenario both live in a world; it knows how to bring a unit into it, linked to a
customer of its own, and how to leave AURA as it was found.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Protocol

import simpy

from simulator.aura import AuraError
from simulator.aura.calls import callouts, customers, devices, subscriptions
from simulator.aura.calls.subscriptions import NewSubscription
from simulator.aura.types import CalloutId, CustomerId
from simulator.device import Firmware, Place, Speech
from simulator.errors import UnavailableError
from simulator.faults import Fault, FaultPlan, concerns
from simulator.fleet import Fleet, Outside, Unit
from simulator.gateway import Courier, Gateway, LinkedDevice
from simulator.journal import DeviceLinked, Journal, Unfinished
from simulator.link import link_of
from simulator.profile import Profile
from simulator.rng import Rng, mix

Steps = Generator[simpy.Event, object, None]
_SUBSCRIBED_S = 366 * 86400.0


class Delivery(Outside, Protocol):
    """How frames reach AURA: through the built-in gateway, or natively through another one."""

    on_opened: Callable[[LinkedDevice, CalloutId], None] | None

    def add(self, device: LinkedDevice) -> None:
        """Accept the frames of a linked device."""
        ...

    def closed(self, device: str, callout: CalloutId, by: str) -> None:
        """Take note that a callout of a device is over."""
        ...

    @property
    def is_quiet(self) -> bool:
        """Return whether no press is on its way."""
        ...

    @property
    def open_callouts(self) -> list[tuple[str, CalloutId]]:
        """Return (device, callout) of all that are open as far as is known."""
        ...

    def unfinished(self) -> Iterator[tuple[str, str, str]]:
        """Yield what is on its way: (press, device, where)."""
        ...


class World:
    """One pipeline. `epoch_s` is the time of day, in seconds since 1970, at run time 0."""

    def __init__(
        self,
        env: simpy.Environment,
        journal: Journal,
        courier: Courier,
        *,
        rng: Rng,
        epoch_s: float,
        place: Place,
        delivery: Delivery | None = None,
    ) -> None:
        self.env = env
        self.journal = journal
        self.courier = courier
        self.rng = rng
        self.epoch_s = epoch_s
        self.gateway = delivery or Gateway(env, journal, courier, epoch_s)
        self.fleet = Fleet(env, journal, self.gateway)
        self.faults = FaultPlan(rng, journal.write)
        self._place = place
        self._speeches: dict[str, Speech] = {}
        self._type_id: int | None = None
        self.first_index = 0  # the place of the first unit, where this world has a shard of a fleet

    def unit(self, profile: Profile, number: int) -> Unit:
        """Make unit `number` of a model; it is not linked yet, and switched off."""
        speech = self._speeches.setdefault(profile.name, Speech(profile))
        firmware = Firmware(speech, number, self.rng, place=self._place, epoch_s=self.epoch_s)
        radio = self.faults.equip(firmware, link_of(profile, firmware.key, self.rng), self.env.now)
        unit = Unit(self.first_index + len(self.fleet), firmware, radio)
        self.fleet.add(unit)
        return unit

    def link(self, unit: Unit) -> Steps:
        """Make a customer with a subscription for a unit, and link the unit to it at AURA.

        Raises AuraError where AURA does not agree.
        """
        firmware = unit.firmware
        subscription = yield from self._subscription()
        person = customers.Profile(
            name="Test", surname=firmware.profile.title, mobile=self._mobile(unit)
        )
        customer, _ = yield from self.courier.perform(customers.create(person, subscription))
        template = firmware.profile.aura
        asked = devices.link(
            customer.id,
            firmware.serial,
            template.supplier,
            alias=unit.name,
            device_type_id=template.device_type_id,
        )
        link, _ = yield from self.courier.perform(asked)
        self.join(unit, customer.id, link.device_id, mobile=person.mobile or "")

    def join(self, unit: Unit, customer: CustomerId, device_id: str, *, mobile: str = "") -> None:
        """Let a unit that AURA has linked to a customer take part."""
        firmware = unit.firmware
        self.gateway.add(
            LinkedDevice(
                unit.name,
                firmware.profile,
                device_id,
                customer,
                firmware.home,
                key=firmware.radio.key,
                mobile=mobile,
            )
        )
        self.journal.write(
            DeviceLinked(
                t=self.env.now,
                device=unit.name,
                profile=firmware.profile.name,
                serial=firmware.serial,
                device_id=device_id,
                customer=customer,
                latitude=round(firmware.home.latitude, 6),
                longitude=round(firmware.home.longitude, 6),
            )
        )

    def begin_faults(self, faults: Iterable[Fault]) -> None:
        """Plan the faults of a run; their times count from now."""
        self.faults.begin(faults, self.env.now)
        self._equip_all()

    def break_(self, fault: Fault, by: str) -> Fault:
        """Let one more fault come, whose times count from now; raise `FaultError`."""
        planned = self.faults.add(fault, self.env.now, by)
        self._equip_all(planned)
        return planned

    def mend(self, title: str, by: str) -> Fault:
        """Let a fault end; raise `NoSuchFaultError`."""
        fault = self.faults.remove(title, self.env.now, by)
        self._equip_all(fault)
        return fault

    def _equip_all(self, changed: Fault | None = None) -> None:
        """Let every unit know the faults that there are; wake those that a change concerns."""
        for unit in self.fleet.units:
            unit.link = self.faults.equip(unit.firmware, unit.link, self.env.now)
            if changed and unit.firmware.is_on and concerns(changed, unit.firmware, self.rng):
                self.fleet.stimulate(unit)

    @property
    def is_quiet(self) -> bool:
        """Return whether nothing that a person began is still on its way."""
        return self.fleet.is_quiet and self.gateway.is_quiet

    def note_unfinished(self) -> None:
        """Write down every press that is still on its way."""
        left = dict.fromkeys([*self.fleet.unfinished(), *self.gateway.unfinished()])
        for press, device, where in left:
            self.journal.write(Unfinished(t=self.env.now, press=press, device=device, where=where))

    def tidy(self) -> Steps:
        """Cancel what is known to be open, so that nobody drives to a simulation.

        The rest, and what fails here, is ended by the open list (`simulator.run.reaching`).
        """
        for device, callout in self.gateway.open_callouts:
            try:
                yield from self.courier.perform(callouts.cancel(callout))
            except UnavailableError:
                return  # nobody answers: what is open stays on the open list, which is ended last
            except AuraError:
                continue
            self.gateway.closed(device, callout, "tidying")

    def _subscription(self) -> Generator[simpy.Event, object, NewSubscription]:
        """Return a subscription of the first type the target offers, good for a year."""
        if self._type_id is None:
            types, _ = yield from self.courier.perform(subscriptions.types())
            self._type_id = types[0].id if types else 1
        now = self.epoch_s + self.env.now
        return NewSubscription(self._type_id, now - 60.0, now + _SUBSCRIBED_S)

    def _mobile(self, unit: Unit) -> str:
        """Return a number that no other unit has, nor a unit of a run begun at another time."""
        spread = mix(int(self.epoch_s * 1000))
        return f"+27{(spread + unit.index) % 10**9:09d}"

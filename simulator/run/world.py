"""The pipeline put together: units, gateway and AURA on one environment, with one journal.

A run and a scenario both live in a world; it knows how to bring a unit into it, linked to a
customer of its own, and how to leave AURA as it was found.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Protocol

import simpy

from simulator.aura import AuraError
from simulator.aura.calls import callouts, customers, devices, subscriptions
from simulator.aura.calls.subscriptions import NewSubscription
from simulator.aura.types import CalloutId, CustomerId
from simulator.device import Firmware, Place, Speech
from simulator.errors import UnavailableError
from simulator.faults import Fault, FaultPlan, concerns
from simulator.fleet import Crowd, Fleet, Outside, Unit
from simulator.gateway import Courier, Gateway, LinkedDevice
from simulator.journal import DeviceLinked, Journal, Unfinished
from simulator.link import link_of
from simulator.profile import Profile
from simulator.rng import Rng, mix
from simulator.run.crowds import Crowds

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
        self._made = 0
        self.first_index = 0  # the place of the first unit, where this world has a shard of a fleet
        self.crowds: Crowds | None = None  # where idle units are put away
        self.before_link: Callable[[int], None] = lambda _: None  # told the place of a unit

    def unit(self, profile: Profile, number: int) -> Unit:
        """Make unit `number` of a model; it is not linked yet, and switched off."""
        unit = self.make(profile, number, self.next_index())
        self.fleet.add(unit)
        return unit

    def next_index(self) -> int:
        """Return the place in the fleet of the unit that is made next, and count it."""
        self._made += 1
        return self.first_index + self._made - 1

    def speech(self, profile: Profile) -> Speech:
        """Return what a model can say."""
        speech = self._speeches.get(profile.name)
        if speech is None:
            speech = self._speeches[profile.name] = Speech(profile)
        return speech

    def crowd(self, profile: Profile, numbers: Sequence[int]) -> Crowd:
        """Return room for idle units of a model."""
        place, epoch_s = self._place, self.epoch_s
        return Crowd(self.speech(profile), numbers, self.rng, place=place, epoch_s=epoch_s)

    def make(self, profile: Profile, number: int, index: int) -> Unit:
        """Make a unit that is in no fleet yet."""
        speech = self.speech(profile)
        firmware = Firmware(speech, number, self.rng, place=self._place, epoch_s=self.epoch_s)
        radio = self.faults.equip(firmware, link_of(profile, firmware.key, self.rng), self.env.now)
        return Unit(index, firmware, radio)

    def link(self, unit: Unit) -> Steps:
        """Make a customer with a subscription for a unit, and link the unit to it at AURA.

        Raises AuraError where AURA does not agree.
        """
        self.before_link(unit.index)
        customer, device_id, mobile = yield from self.make_known(unit, since_s=self.env.now)
        self.join(unit, customer, device_id, mobile=mobile)

    def make_known(
        self, unit: Unit, *, since_s: float
    ) -> Generator[simpy.Event, object, tuple[CustomerId, str, str]]:
        """Make a unit and its customer known to AURA; return its customer, its id and his number.

        The subscription begins at a run time.
        """
        firmware = unit.firmware
        subscription = yield from self._subscription(since_s)
        mobile = self.mobile(unit.index)
        person = customers.Profile(name="Test", surname=firmware.profile.title, mobile=mobile)
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
        return customer.id, link.device_id, mobile

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
        self.tell_of(unit, customer, device_id)

    def tell_of(self, unit: Unit, customer: CustomerId, device_id: str) -> None:
        """Write down that a unit takes part."""
        firmware = unit.firmware
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
        is_quiet = self.crowds.is_quiet if self.crowds else True
        return is_quiet and self.fleet.is_quiet and self.gateway.is_quiet

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

    def _subscription(self, since_s: float) -> Generator[simpy.Event, object, NewSubscription]:
        """Return a subscription of the first type the target offers, good for a year."""
        if self._type_id is None:
            types, _ = yield from self.courier.perform(subscriptions.types())
            self._type_id = types[0].id if types else 1
        since = self.epoch_s + since_s
        return NewSubscription(self._type_id, since - 60.0, since + _SUBSCRIBED_S)

    def mobile(self, index: int) -> str:
        """Return a number that no other unit has, nor a unit of a run begun at another time."""
        spread = mix(int(self.epoch_s * 1000))
        return f"+27{(spread + index) % 10**9:09d}"

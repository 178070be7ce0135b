"""Sees to the units of crowds at the embedded AURA: it hears of a unit when that is first fetched.

A million customers need no rows before somebody calls for help. A unit that is fetched is linked as
if it had been in the beginning, under the ids that it would have had then.
"""

from collections.abc import Generator

import simpy

from simulator.aura.types import CustomerId
from simulator.fleet import Crowd, Unit
from simulator.gateway import LinkedDevice
from simulator.run.world import World
from simulator.sandbox import FIRST_CUSTOMER, Door, Tenant


class SandboxClerk:
    """The clerk of a run against the embedded AURA."""

    def __init__(self, world: World, tenant: Tenant, door: Door) -> None:
        self._world = world
        self._tenant = tenant
        self._door = door

    def linked(self, crowd: Crowd, slot: int, index: int) -> LinkedDevice:
        """Return what the gateway knows of a unit that AURA has not heard of yet."""
        identity, number = crowd.profile.identity, crowd.numbers[slot]
        serial = identity.serial_of(number)
        return LinkedDevice(
            crowd.name(slot),
            crowd.profile,
            identity.device_id.derive(serial),
            CustomerId(FIRST_CUSTOMER + index),
            crowd.home(slot),
            key=identity.key_of(number),
            mobile=self._world.mobile(index),
        )

    def link(self, unit: Unit, linked: LinkedDevice) -> None:
        """Link a unit at AURA as it would have been in the beginning."""
        self._tenant.begin_ids_at(unit.index)
        customer, device_id, _ = at_once(self._world.make_known(unit, since_s=0.0))
        if (customer, device_id) != (linked.customer, linked.device_id):
            message = f"AURA knows {unit.name} as {device_id} of customer {customer}."
            raise LookupError(message)

    def note(self, linked: LinkedDevice, level_pct: int | None, at_s: float) -> None:
        """Write the newest health of a unit, told at a run time, to what AURA knows of it."""
        type_id = linked.profile.aura.device_type_id
        self._door.note(type_id, linked.device_id, level_pct, self._world.epoch_s + at_s)


Known = tuple[CustomerId, str, str]
"""A unit at AURA: its customer, the id of its link, and the customer's mobile number."""


def at_once(steps: Generator[simpy.Event, object, Known]) -> Known:
    """Return what a conversation comes to, whose answers are there as soon as they are asked."""
    try:
        event = next(steps)
        while True:
            event = steps.send(event.value)
    except StopIteration as done:
        known: Known = done.value
        return known

"""Makes a customer for each device of a load test and links the device to it, many at a time."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from simulator.aura import AsyncClient, AuraError
from simulator.aura.calls import customers, devices, subscriptions
from simulator.aura.calls.subscriptions import NewSubscription
from simulator.aura.types import CustomerId
from simulator.clock import wall_s
from simulator.errors import UnavailableError
from simulator.journal import DeviceLinked, LinkRefused, Record
from simulator.profile import Profile
from simulator.rng import mix

_AT_ONCE = 32
_SUBSCRIBED_S = 366 * 86400.0


class NothingLinkedError(UnavailableError):
    """The target accepted no device at all, so there is nothing to test."""


@dataclass(slots=True)
class Linked:
    """The devices of a test in the order of the mix; refused ones are "". Mutable while made."""

    device_ids: list[str] = field(default_factory=list)
    customers: list[int] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


async def link_all(
    client: AsyncClient,
    mix_of: list[tuple[Profile, int]],
    *,
    place: tuple[float, float],
    write: Callable[[Record], None],
    on_progress: Callable[[int], None] = lambda _: None,
) -> Linked:
    """Link every device of a mix; raises AuraError where the target fails altogether."""
    devices_in_all = sum(count for _, count in mix_of)
    linked = Linked([""] * devices_in_all, [0] * devices_in_all)
    units = _units(mix_of)
    types = await client.call(subscriptions.types())
    type_id = types[0].id if types else 1
    spread = mix(int(wall_s() * 1000))

    async def work() -> None:
        for at, profile, number in units:
            name = f"{profile.name}/{number}"
            try:
                mobile = f"+27{(spread + at) % 10**9:09d}"
                customer, device_id = await _link(client, profile, number, type_id, mobile)
            except AuraError as error:
                if isinstance(error, UnavailableError):
                    raise
                linked.refusals.append(str(error))
                write(LinkRefused(t=0.0, device=name, reason=str(error)))
                continue
            linked.device_ids[at] = device_id
            linked.customers[at] = customer
            on_progress(at + 1)
            write(
                DeviceLinked(
                    t=0.0,
                    device=name,
                    profile=profile.name,
                    serial=profile.identity.serial_of(number),
                    device_id=device_id,
                    customer=customer,
                    latitude=place[0],
                    longitude=place[1],
                )
            )

    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_AT_ONCE):
                tasks.create_task(work())
    except* AuraError as group:
        raise _first(group) from None
    if not any(linked.device_ids):
        said = linked.refusals[0] if linked.refusals else "none"
        message = f"None of the devices could be linked. The first refusal: {said}"
        raise NothingLinkedError(message)
    return linked


def taken(mix_of: list[tuple[Profile, int]]) -> list[str]:
    """Return the device ids of a mix that is taken as linked, by AURA's rule for each template."""
    return [
        profile.identity.device_id.derive(profile.identity.serial_of(number))
        for _, profile, number in _units(mix_of)
    ]


def _units(mix_of: list[tuple[Profile, int]]) -> Iterator[tuple[int, Profile, int]]:
    at = 0
    for profile, count in mix_of:
        for number in range(1, count + 1):
            yield at, profile, number
            at += 1


async def _link(
    client: AsyncClient, profile: Profile, number: int, type_id: int, mobile: str
) -> tuple[CustomerId, str]:
    now = wall_s()
    person = customers.Profile(name="Test", surname=profile.title, mobile=mobile)
    subscription = NewSubscription(type_id, now - 60.0, now + _SUBSCRIBED_S)
    customer = await client.call(customers.create(person, subscription))
    template = profile.aura
    asked = devices.link(
        customer.id,
        profile.identity.serial_of(number),
        template.supplier,
        alias=f"{profile.name}/{number}",
        device_type_id=template.device_type_id,
    )
    link = await client.call(asked)
    return customer.id, link.device_id


def _first(group: BaseExceptionGroup[AuraError]) -> AuraError:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first

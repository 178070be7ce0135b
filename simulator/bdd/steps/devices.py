"""Devices by their model: switched on, linked, and what AURA knows of their battery."""

from simulator.aura import Call
from simulator.aura.calls import devices
from simulator.aura.types import DeviceLink
from simulator.bdd.cast import Customer, Device
from simulator.bdd.declare import action, expectation
from simulator.bdd.expectation import Finding
from simulator.bdd.mistakes import StepUseError
from simulator.bdd.models import model_of
from simulator.bdd.scene import Scene
from simulator.bdd.steps.customers import new_customer
from simulator.device import Position
from simulator.device.ways import Timetable
from simulator.profile import Profile


def new_device(scene: Scene, profile: Profile, name: str = "") -> Device:
    """Make a unit of a model; it is not linked, and off.

    A name that is a model's and a number, such as `gt06/17`, is that unit and no other.
    """
    model, _, own = name.rpartition("/")
    is_own = model == profile.name and own.isdecimal() and int(own) > 0
    number = int(own) if is_own else scene.fresh_unit(profile.name)
    unit = scene.unit(profile, number)
    return scene.devices.add(name or unit.name, Device(name or unit.name, unit))


def link(scene: Scene, device: Device, owner: Customer) -> DeviceLink:
    """Link a device to a customer at AURA, let it take part, and switch it on."""
    made = scene.aura.call(link_call(device, owner))
    scene.leave(devices.unlink(made.device_id))
    device.customer, device.link = owner, made
    scene.world.join(device.unit, owner.id, made.device_id, mobile=owner.mobile)
    scene.world.fleet.switch_on(device.unit, cold=False)
    scene.run_for(0.0)
    return made


def link_call(device: Device, owner: Customer) -> Call[DeviceLink]:
    """Return the call that links a device to a customer."""
    template = device.profile.aura
    return devices.link(
        owner.id,
        device.unit.firmware.serial,
        template.supplier,
        alias=device.name,
        device_type_id=template.device_type_id,
    )


def place(device: Device, position: Position) -> None:
    """Put a device somewhere, where it stays until its person moves."""
    firmware = device.unit.firmware
    firmware.home = position
    firmware.carry(Timetable([(0.0, position)]))  # its position is a function of time alone


@action("{count} linked {profile}[ {name:text}][ of {customer}][ at {position}]")
def linked_device(  # noqa: PLR0917 - each is an optional part of the sentence
    scene: Scene,
    count: int,
    profile: str,
    name: str = "",
    customer: str = "",
    position: Position | None = None,
) -> None:
    """Make devices of a model, each linked to a customer, switched on, on a link without loss."""
    model = model_of(profile)
    if name and count != 1:
        message = f"{count} devices cannot all be named '{name}'. Make one, or leave the name away."
        raise StepUseError(message)
    for _ in range(count):
        device = new_device(scene, model, name)
        if position:
            place(device, position)
        owner = scene.customers.one(customer) if customer else None
        link(scene, device, owner or new_customer(scene, f"owner of {device.name}"))


@action("{count} unlinked {profile}[ {name:text}]")
def unlinked_device(scene: Scene, count: int, profile: str, name: str = "") -> None:
    """Make devices of a model that AURA knows nothing of."""
    for _ in range(count):
        new_device(scene, model_of(profile), name)


@action("{device} is linked to {customer}")
def is_linked(scene: Scene, device: str, customer: str) -> None:
    """Link devices that are not linked yet to a customer."""
    for one in scene.devices.many(device):
        link(scene, one, scene.customers.one(customer))


@action("{device} is unlinked")
def is_unlinked(scene: Scene, device: str) -> None:
    """Take the link away at AURA; the gateway still forwards what the device says."""
    for one in scene.devices.many(device):
        if one.link:
            scene.aura.call(devices.unlink(one.link.device_id))


@action("{device} is switched on")
def is_switched_on(scene: Scene, device: str) -> None:
    """Switch a device on that was off: it joins its network, logs in, begins to report."""
    for one in scene.devices.many(device):
        scene.world.fleet.switch_on(one.unit)
    scene.run_for(0.0)


@action("{device} is at {position}")
def is_at(scene: Scene, device: str, position: Position) -> None:
    """Put a device somewhere at once; it stays there until its person moves."""
    for one in scene.devices.many(device):
        place(one, position)


@expectation("AURA knows the battery of {device} at {percent}")
def battery_at_aura(scene: Scene, device: str, percent: float) -> Finding:
    """Look at the battery level of the device's link, as AURA last heard of it."""
    known = link_at_aura(scene, scene.devices.one(device)).battery_percent
    seen = "no battery level" if known is None else f"{known:g} %"
    return Finding(known == percent, seen, f"{percent:g} %")


def link_at_aura(scene: Scene, device: Device) -> DeviceLink:
    """Return what AURA has on a linked device; an update without changes is the way to ask."""
    if device.link is None:
        message = f"Device '{device.name}' is not linked. Link it in a Given."
        raise StepUseError(message)
    template = device.profile.aura
    call = devices.update(
        device.link, supplier=template.supplier, device_type_id=template.device_type_id
    )
    return scene.aura.call(call) or device.link


@action("the battery of {device} is at {percent}", "the battery of {device} falls to {percent}")
def drain(scene: Scene, device: str, percent: float) -> None:
    """Set the charge of the battery; the firmware notices at once, as it does when it wakes."""
    for one in scene.devices.many(device):
        one.unit.firmware.battery.drain_to(percent)
        scene.world.fleet.stimulate(one.unit)
    scene.run_for(0.0)

"""What people do with their devices: they press, hold, fall, walk, and change their mind."""

from itertools import pairwise

from simulator.bdd.cast import Device
from simulator.bdd.declare import action
from simulator.bdd.desk import carried_by_hand
from simulator.bdd.mistakes import unknown
from simulator.bdd.paths import Table, rows_of
from simulator.bdd.scene import Scene
from simulator.device import Code, Position, moved
from simulator.device.motion import distance_m
from simulator.device.ways import Timetable

_HEADINGS = {"north": (1, 0), "south": (-1, 0), "east": (0, 1), "west": (0, -1)}


def press(scene: Scene, device: Device, gesture: str = "") -> str:
    """Let the person of a device call for help; the gesture is the usual one if not said."""
    known = device.profile.behaviour.gestures
    if gesture and gesture not in known:
        raise unknown(f"gesture of the {device.profile.title}", gesture, known)
    name = scene.world.fleet.press(device.unit, gesture or known[0])
    device.presses.append(name)
    scene.run_for(0.0)
    return name


@action("{person} presses {device}")
def presses(scene: Scene, device: str) -> None:
    """Call for help in the way that is usual for the device; a second press is the same again."""
    for one in scene.devices.many(device):
        press(scene, one)


@action("{person} long-presses {device}")
def long_presses(scene: Scene, device: str) -> None:
    """Hold the button."""
    for one in scene.devices.many(device):
        press(scene, one, "long")


@action("{person} double-presses {device}")
def double_presses(scene: Scene, device: str) -> None:
    """Press the button twice in quick succession, where the device takes that for one gesture."""
    for one in scene.devices.many(device):
        press(scene, one, "double")


@action("{person} takes the press of {device} back")
def takes_back(scene: Scene, device: str) -> None:
    """Cancel in the way the device has: its own gesture, or a call to the operator."""
    for one in scene.devices.many(device):
        scene.world.fleet.regret(one.unit)
    scene.run_for(0.0)


@action("{person} takes the press of {device} back with the safe code")
def takes_back_by_code(scene: Scene, device: str) -> None:
    """Cancel in AURA's app, as the customer who knows the code."""
    for one in scene.devices.many(device):
        scene.world.fleet.regret(one.unit, Code.RIGHT)
    scene.run_for(0.0)


@action("{person} takes the press of {device} back with a wrong safe code")
def takes_back_under_duress(scene: Scene, device: str) -> None:
    """Cancel in AURA's app as somebody who is made to: help must still come."""
    for one in scene.devices.many(device):
        scene.world.fleet.regret(one.unit, Code.WRONG)
    scene.run_for(0.0)


@action("{person} walks/drives/runs {distance} {direction} at {speed}[ with {device}]")
def goes(
    scene: Scene,
    distance: float,
    direction: str,
    speed: float,
    device: str = "the device",
) -> None:
    """Set out with the device in a straight line; the journey takes its time while steps go on."""
    north, east = _HEADINGS[direction]
    for one in scene.devices.many(device):
        here = one.unit.firmware.position(scene.env.now)
        there = moved(here, north * distance, east * distance)
        send_along(scene, one, [here, there], speed)


def send_along(scene: Scene, device: Device, way: list[Position], speed_ms: float) -> None:
    """Let a device be carried along a way, from now on."""
    if carried_by_hand(device.unit):
        return
    stops, at_s = [(scene.env.now, way[0])], scene.env.now
    for one, other in pairwise(way):
        at_s += distance_m(one, other) / speed_ms
        stops.append((at_s, other))
    device.unit.firmware.carry(Timetable(stops))


@action("{person} walks/drives/runs at {speed} along:")
def goes_along(scene: Scene, speed: float, datatable: Table) -> None:
    """Set out with the device along places: a table with latitude and longitude."""
    rows = rows_of(datatable, "latitude", "longitude")
    places = [Position(float(latitude), float(longitude)) for latitude, longitude in rows]
    one = scene.devices.one("the device")
    send_along(scene, one, [one.unit.firmware.position(scene.env.now), *places], speed)


@action("{person} falls[ with {device}]")
def falls(scene: Scene, device: str = "the device") -> None:
    """Let the device notice a fall, where it can."""
    for one in scene.devices.many(device):
        press(scene, one, "fall")


@action("{person} uses the gesture {gesture:text} of {device}")
def uses_gesture(scene: Scene, gesture: str, device: str) -> None:
    """Call for help by one of the gestures that the device's profile names."""
    for one in scene.devices.many(device):
        press(scene, one, gesture)


@action("the people press {device} one after the other, {duration} apart")
def press_in_turn(scene: Scene, device: str, duration: float) -> None:
    """Let the people of several devices call for help, one each time."""
    for number, one in enumerate(scene.devices.many(device)):
        if number:
            scene.run_for(duration)
        press(scene, one)

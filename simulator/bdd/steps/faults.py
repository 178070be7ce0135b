"""What goes wrong: on the air, with the battery, between the gateway and AURA."""

from simulator.bdd.declare import action
from simulator.bdd.scene import Scene
from simulator.bdd.weather import Weather


def weather_of(scene: Scene, reference: str) -> list[Weather]:
    """Return the weather around devices; clear as long as nobody changes it."""
    found = []
    for device in scene.devices.many(reference):
        if not isinstance(device.unit.link, Weather):
            device.unit.link = Weather(device.unit.link)
        found.append(device.unit.link)
    return found


@action("{device} has no coverage for {duration}")
def no_coverage(scene: Scene, device: str, duration: float) -> None:
    """Lose all frames and replies of a device from now on for a while."""
    for weather in weather_of(scene, device):
        weather.covered_from_s = scene.env.now + duration


@action("the next frame of {device} is lost", "the next {count} frames of {device} are lost")
def frames_are_lost(scene: Scene, device: str, count: int = 1) -> None:
    """Lose so many frames on the air, and let the others pass."""
    for weather in weather_of(scene, device):
        weather.lose_next = count


@action("the frames of {device} arrive {duration} late")
def frames_are_late(scene: Scene, device: str, duration: float) -> None:
    """Delay every frame from now on, beyond what the network takes anyway."""
    for weather in weather_of(scene, device):
        weather.late_s = duration


@action("every frame of {device} arrives {count}")
def frames_are_repeated(scene: Scene, device: str, count: int) -> None:
    """Deliver every frame so many times (`twice`), as gateways and networks do at times."""
    for weather in weather_of(scene, device):
        weather.copies = count


@action("AURA is unreachable for {duration}")
def aura_is_unreachable(scene: Scene, duration: float) -> None:
    """Refuse the connections of the gateway for a while; what steps ask still gets through."""
    scene.upsets.unreachable_until_s = scene.env.now + duration


@action(
    "AURA answers {status} to the next request",
    "AURA answers {status} to the next {count} requests",
)
def aura_answers(scene: Scene, status: int, count: int = 1) -> None:
    """Give the gateway this status in place of AURA's answer, so many times."""
    scene.upsets.status = status
    scene.upsets.answers_left = count

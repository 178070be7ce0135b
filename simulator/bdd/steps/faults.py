"""What goes wrong: with devices and on the air, with the battery, between gateway and AURA."""

import msgspec

from simulator.bdd.declare import action, expectation
from simulator.bdd.expectation import Finding
from simulator.bdd.mistakes import StepUseError
from simulator.bdd.paths import Table, rows_of
from simulator.bdd.scene import Scene
from simulator.bdd.weather import Weather
from simulator.clock import read_duration
from simulator.errors import InputError
from simulator.faults import AnyFault
from simulator.journal import FaultApplied


def let_break(scene: Scene, reference: str, kind: str, keys: dict[str, object]) -> None:
    """Let a fault come to devices; raise `StepUseError` for one that cannot be."""
    for device in scene.devices.many(reference):
        name = device.unit.name
        table = {"kind": kind, "name": _title(kind, name), "devices": [name], **keys}
        try:
            fault = msgspec.convert(table, AnyFault, dec_hook=read_duration)
            scene.world.break_(fault, "scenario")
        except (InputError, msgspec.ValidationError) as error:
            message = f"The {kind} fault cannot be: {error}. The kinds and their keys are those of "
            raise StepUseError(f"{message}[[faults]]: aurasim run --reference.") from error
    scene.run_for(0.0)


@action("{device} has the {fault} fault[ for {duration}]")
def has_fault(scene: Scene, device: str, fault: str, duration: float | None = None) -> None:
    """Let something go wrong with a device or its link from now on, with its usual strength."""
    let_break(scene, device, fault, _lasting(duration))


@action("{device} has the {fault} fault[ for {duration}] with:")
def has_fault_with(
    scene: Scene, device: str, fault: str, datatable: Table, duration: float | None = None
) -> None:
    """Let something go wrong, with keys as in a run file: a table with key and value."""
    keys = {key: _value(text) for key, text in rows_of(datatable, "key", "value")}
    let_break(scene, device, fault, keys | _lasting(duration))


@action("the {fault} fault of {device} is over")
def fault_is_over(scene: Scene, fault: str, device: str) -> None:
    """Let a fault end that a step let come."""
    for one in scene.devices.many(device):
        try:
            scene.world.mend(_title(fault, one.unit.name), "scenario")
        except InputError as error:
            raise StepUseError(str(error)) from error
    scene.run_for(0.0)


@expectation("the {fault} fault has struck {device} {count}")
def has_struck(scene: Scene, fault: str, device: str, count: int) -> Finding:
    """Count what a fault did to a device: frames, presses, restarts, or that it began."""
    names = {one.unit.name for one in scene.devices.many(device)}
    told = [
        record.what
        for record in scene.journal.records
        if isinstance(record, FaultApplied) and record.device in names and record.kind == fault
    ]
    seen = f"{len(told)} times: {', '.join(dict.fromkeys(told)) or 'never'}"
    return Finding(len(told) == count, seen, f"{count} times")


def _title(kind: str, device: str) -> str:
    return f"{kind} of {device}"


def _lasting(duration: float | None) -> dict[str, object]:
    return {} if duration is None else {"to": f"{duration:f}s"}


def _value(text: str) -> object:
    """Read a value of a table: a number, a list of numbers, or a text such as a duration."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


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

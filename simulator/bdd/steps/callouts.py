"""Callouts as AURA shows them."""

from simulator.aura.calls import callouts
from simulator.aura.types import Callout, CalloutId
from simulator.bdd.declare import expectation
from simulator.bdd.expectation import Finding
from simulator.bdd.mistakes import StepUseError
from simulator.bdd.scene import Scene
from simulator.device import Position
from simulator.device.motion import distance_m
from simulator.journal import Answered

_ORDINALS = {"first": 0, "second": 1, "third": 2, "last": -1}


def callout_id(scene: Scene, reference: str) -> CalloutId | None:
    """Return the callout that `the callout` or `the first callout` means; None if not there yet."""
    word = reference.split()[1]
    known = scene.callouts
    index = _ORDINALS.get(word, -1)
    return known[index] if -len(known) <= index < len(known) else None


def callout_now(scene: Scene, reference: str) -> Callout | None:
    """Return a callout as AURA shows it now."""
    known = callout_id(scene, reference)
    return None if known is None else scene.aura.call(callouts.get(known))


def the_callout(scene: Scene, reference: str) -> CalloutId:
    """Return a callout that must be there; raise `StepUseError`."""
    known = callout_id(scene, reference)
    if known is None:
        message = f"{reference} does not exist yet. Wait for it with a Then before this step."
        raise StepUseError(message)
    return known


@expectation("{customer} has {count} open callout[s]")
def open_callouts(scene: Scene, customer: str, count: int) -> Finding:
    """Count what AURA lists as active for a customer."""
    found = scene.aura.call(callouts.of_customer(scene.customers.one(customer).id))
    listed = ", ".join(f"{one.id} ({one.status})" for one in found)
    seen = f"{len(found)} open callouts" + (f": {listed}" if listed else "")
    return Finding(len(found) == count, seen, f"{count} open callouts")


@expectation("{callout} is open")
def is_open(scene: Scene, callout: str) -> Finding:
    """Look whether AURA lists the callout as active."""
    return _is_active(scene, callout, is_wanted=True)


@expectation("{callout} is over")
def is_over(scene: Scene, callout: str) -> Finding:
    """Look whether AURA no longer lists the callout as active: cancelled or closed."""
    return _is_active(scene, callout, is_wanted=False)


@expectation("{callout} has the status {status:text}")
def has_status(scene: Scene, callout: str, status: str) -> Finding:
    """Compare AURA's free-form status text, whatever its casing."""
    found = callout_now(scene, callout)
    seen = found.status or "" if found else "no callout"
    return Finding(seen.casefold() == status.casefold(), f'"{seen}"', f'"{status}"')


@expectation("{callout} is within {distance} of {device}")
def is_near_device(scene: Scene, callout: str, distance: float, device: str) -> Finding:
    """Measure from AURA's position of the callout to where the device truly is."""
    true = scene.devices.one(device).unit.firmware.position(scene.env.now)
    return _is_near(scene, callout, distance, true)


@expectation("{callout} is within {distance} of {position}")
def is_near_place(scene: Scene, callout: str, distance: float, position: Position) -> Finding:
    """Measure from AURA's position of the callout to a place."""
    return _is_near(scene, callout, distance, position)


@expectation("the presses of {device} are answered with {count} callout[s]")
def answered_callouts(scene: Scene, device: str, count: int) -> Finding:
    """Count the different callouts that AURA named in its answers to the presses."""
    names = {one.unit.name for one in scene.devices.many(device)}
    answers = [r for r in scene.answers() if r.device in names and r.kind == "press"]
    found = dict.fromkeys(r.callout for r in answers)
    listed = ", ".join(_answer(r) for r in answers)
    seen = f"{len(found)} callouts in {len(answers)} answers" + (f": {listed}" if listed else "")
    return Finding(len(found) == count, seen, f"{count} callouts")


def _answer(record: Answered) -> str:
    return f"{record.press or 'a press'} -> {record.callout}"


def _is_active(scene: Scene, reference: str, *, is_wanted: bool) -> Finding:
    known = callout_id(scene, reference)
    expected = "open" if is_wanted else "over"
    if known is None:
        return Finding(False, "no callout yet", expected)
    is_open = known in {one.id for one in scene.aura.call(callouts.active())}
    status = scene.aura.call(callouts.get(known)).status
    seen = f'callout {known} is {"open" if is_open else "over"}, its status is "{status}"'
    return Finding(is_open == is_wanted, seen, expected)


def _is_near(scene: Scene, reference: str, within_m: float, place: Position) -> Finding:
    found = callout_now(scene, reference)
    expected = f"at most {within_m:g} m from {place.latitude:.5f}, {place.longitude:.5f}"
    if found is None or found.latitude is None or found.longitude is None:
        return Finding(False, "no position" if found else "no callout yet", expected)
    there = Position(found.latitude, found.longitude)
    away_m = distance_m(there, place)
    seen = f"{away_m:.0f} m away, at {there.latitude:.5f}, {there.longitude:.5f}"
    return Finding(away_m <= within_m, seen, expected)

"""What the integrator's app and its operator do through the API: call, move, cancel, chat."""

from simulator.aura.calls import callout_records, callouts
from simulator.aura.types import Classification
from simulator.aura.types import Position as AuraPosition
from simulator.bdd.declare import action, expectation
from simulator.bdd.expectation import Finding, one_of
from simulator.bdd.scene import Scene
from simulator.bdd.steps.callouts import callout_id, the_callout
from simulator.device import Position


@action("{customer} calls for help at {position}")
def calls_for_help(scene: Scene, customer: str, position: Position) -> None:
    """Create a TEST callout for a customer by the API, as an app does."""
    call = callouts.create(
        scene.customers.one(customer).id,
        AuraPosition(position.latitude, position.longitude),
        classification=Classification.TEST,
    )
    scene.note_callout(scene.aura.call(call).id)


@action("the app says that {callout} is at {position}")
def says_where(scene: Scene, callout: str, position: Position) -> None:
    """Update the location of a callout by the API, and read the callout back."""
    there = AuraPosition(position.latitude, position.longitude)
    told = scene.aura.call(callouts.update_and_return(the_callout(scene, callout), there))
    scene.remembered["location answer"] = "closed" if told.is_closed else "open"


@action("{customer} cancels {callout} with the right safe code")
def cancels(scene: Scene, customer: str, callout: str) -> None:
    """Cancel with the last four digits of the customer's mobile."""
    code = scene.customers.one(customer).safe_code
    scene.aura.call(callouts.cancel(the_callout(scene, callout), code))
    _forget(scene, callout)


@action("{customer} cancels {callout} with a wrong safe code")
def cancels_wrongly(scene: Scene, customer: str, callout: str) -> None:
    """Cancel with a code that is not the customer's, as under duress."""
    right = int(scene.customers.one(customer).safe_code)
    wrong = f"{(right + 1) % 10_000:04d}"
    scene.aura.call(callouts.cancel(the_callout(scene, callout), wrong))


@action("the operator cancels {callout}")
def operator_cancels(scene: Scene, callout: str) -> None:
    """Cancel without a safe code, from a trusted backend."""
    scene.aura.call(callouts.cancel(the_callout(scene, callout)))
    _forget(scene, callout)


@action("{customer} says {text} in {callout}")
def says(scene: Scene, customer: str, text: str, callout: str) -> None:
    """Write into the event stream of a callout."""
    del customer  # whoever it is, AURA is told that a customer speaks
    scene.aura.call(callout_records.send_event(the_callout(scene, callout), text))


@expectation("the app is told that the callout is {state:text}")
def told_state(scene: Scene, state: str) -> Finding:
    """Look at the answer to the latest location update: open, or closed (HTTP 285)."""
    seen = str(scene.remembered.get("location answer", "no location update"))
    return Finding(seen == state, seen, state)


@expectation("the events of {callout} contain {text}")
def events_contain(scene: Scene, callout: str, text: str) -> Finding:
    """Read the event stream of a callout and look for a text."""
    known = callout_id(scene, callout)
    said = scene.aura.call(callout_records.events(known)) if known is not None else []
    return one_of(text, [one.text or "" for one in said], "event")


def _forget(scene: Scene, reference: str) -> None:
    """Let the gateway know that a callout is cancelled, as its integrator would."""
    cancelled = the_callout(scene, reference)
    for device, known in scene.world.gateway.open_callouts:
        if known == cancelled:
            scene.world.gateway.closed(device, known, "cancel by the API")

"""The control room and its responders: AURA's side of a callout, which a sandbox lets one play."""

import msgspec

from simulator.bdd import raw_api
from simulator.bdd.declare import action
from simulator.bdd.scene import Scene
from simulator.bdd.steps.callouts import the_callout
from simulator.journal import CalloutClosed


def bring_to(scene: Scene, reference: str, state: str) -> None:
    """Bring a callout to a logical state through those before it."""
    callout = the_callout(scene, reference)
    body = msgspec.json.encode({"to": state})
    raw_api.control(scene, f"/callouts/{callout}/advance", body)
    if state == "closed":
        _tell_gateway(scene, callout)
    scene.run_for(0.0)


@action("the control room takes ownership of {callout}")
def owns(scene: Scene, callout: str) -> None:
    """Let a controller take the callout over."""
    bring_to(scene, callout, "owned")


@action("a responder is dispatched to {callout}")
def dispatched(scene: Scene, callout: str) -> None:
    """Let AURA dispatch by itself, with a time of arrival."""
    bring_to(scene, callout, "dispatched")


@action("the control room dispatches a responder to {callout} by hand")
def dispatched_by_hand(scene: Scene, callout: str) -> None:
    """Let a controller dispatch."""
    bring_to(scene, callout, "manually-dispatched")


@action("the responder arrives at {callout}")
def arrives(scene: Scene, callout: str) -> None:
    """Let the responder be on the scene."""
    bring_to(scene, callout, "on-scene")


@action("the responder completes {callout}")
def completes(scene: Scene, callout: str) -> None:
    """Let the responder be done."""
    bring_to(scene, callout, "completed")


@action("the control room closes {callout}")
def closes(scene: Scene, callout: str) -> None:
    """Close the callout, from whatever state it is in; the gateway is told."""
    bring_to(scene, callout, "closed")


def _tell_gateway(scene: Scene, callout: int) -> None:
    """Let the gateway know, as an integrator learns of it by webhook or by polling."""
    for device, known in scene.world.gateway.open_callouts:
        if known == callout:
            scene.world.gateway.closed(device, known, "control room")
            return
    first = next(iter(scene.devices), None)
    name = first.unit.name if first else ""
    closed = CalloutClosed(t=scene.env.now, device=name, callout=callout, by="control room")
    scene.journal.write(closed)

"""Webhooks that AURA sends to the integrator's server, which the scenario plays."""

from simulator.aura.calls import webhooks
from simulator.bdd.declare import action, expectation
from simulator.bdd.expectation import Finding
from simulator.bdd.paths import Table, compared, rows_of
from simulator.bdd.placeholders import filled
from simulator.bdd.scene import Scene
from simulator.bdd.webhooks import URL

_CALLOUT_EVENTS = (
    "NEW_CALLOUT",
    "CALLOUT_OWNED",
    "RESPONDER_ACKNOWLEDGED_CALLOUT",
    "RESPONDER_MANUALLY_DISPATCHED",
    "RESPONDER_ARRIVED_ON_SCENE",
    "RESPONDER_COMPLETED",
    "CALLOUT_EVENTS_CHANGED",
    "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER",
    "CALLOUT_NO_LONGER_REQUIRES_RESPONSE",
    "CALLOUT_CLOSED",
)


@action("webhooks are registered for every callout event")
def registered_for_all(scene: Scene) -> None:
    """Ask AURA to tell the scenario's server of all that happens to callouts."""
    _register(scene, _CALLOUT_EVENTS)


@action("webhooks are registered for {event}[ and {second:event}][ and {third:event}]")
def registered_for(scene: Scene, event: str, second: str = "", third: str = "") -> None:
    """Ask AURA to tell the scenario's server of some events, in place of those before."""
    _register(scene, tuple(name for name in (event, second, third) if name))


@action("our server answers {status} to webhooks")
def server_answers(scene: Scene, status: int) -> None:
    """Let the scenario's server answer so from now on; what it is sent still counts as arrived."""
    scene.stage.receiver.status = status


@expectation("the webhook {event} arrives {count}")
def arrives(scene: Scene, event: str, count: int) -> Finding:
    """Count the deliveries of an event; `never` is a count, and best followed by `for the next`."""
    names = [one.event for one in scene.webhooks]
    seen = f"{names.count(event)} of {event}; all there were: {', '.join(names) or 'none'}"
    met = names.count(event) == count
    return Finding(met, seen, f"{count} of {event}", event, tuple(names))


@expectation("these webhooks arrive in this order:")
def arrive_in_order(scene: Scene, datatable: Table) -> Finding:
    """Compare all deliveries so far with a table of one column, event."""
    wanted = [event for (event,) in rows_of(datatable, "event")]
    names = [one.event for one in scene.webhooks]
    return Finding(names == wanted, ", ".join(names) or "none", ", ".join(wanted))


@expectation("the last webhook {event} has:")
def last_has(scene: Scene, event: str, datatable: Table) -> Finding:
    """Compare fields of the body of the last delivery of an event: a table."""
    rows = [(path, filled(scene, value)) for path, value in rows_of(datatable, "field", "value")]
    found = [one for one in scene.webhooks if one.event == event]
    if not found:
        names = tuple(one.event for one in scene.webhooks)
        seen = f"no {event}; all there were: {', '.join(names) or 'none'}"
        return Finding(False, seen, event, event, names)
    return compared(found[-1].body, rows)


@expectation("the last webhook {event} carries the header {name:text} with {value:text}")
def carries_header(scene: Scene, event: str, name: str, value: str) -> Finding:
    """Look at a header of the last delivery of an event."""
    found = [one for one in scene.webhooks if one.event == event]
    seen = found[-1].headers.get(name.lower(), "no such header") if found else f"no {event}"
    return Finding(seen == value, f'"{seen}"', f'"{value}"')


def _register(scene: Scene, events: tuple[str, ...]) -> None:
    scene.need_receiver()
    scene.aura.call(webhooks.register(URL, events))

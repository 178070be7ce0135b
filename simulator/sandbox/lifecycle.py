"""How a callout moves through its states, and what AURA says and fires at each."""

from collections.abc import Mapping

from msgspec.structs import replace

from simulator.sandbox.refusal import RefusedError
from simulator.sandbox.rows import Callout, Position, State, Step
from simulator.sandbox.tenant import Tenant
from simulator.sandbox.webhooks import publish_callout

EVENT: Mapping[State, str] = {
    State.CREATED: "NEW_CALLOUT",
    State.OWNED: "CALLOUT_OWNED",
    State.DISPATCHED: "RESPONDER_ACKNOWLEDGED_CALLOUT",
    State.MANUALLY_DISPATCHED: "RESPONDER_MANUALLY_DISPATCHED",
    State.ON_SCENE: "RESPONDER_ARRIVED_ON_SCENE",
    State.COMPLETED: "RESPONDER_COMPLETED",
    State.SOFT_CANCELLED: "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER",
    State.STOOD_DOWN: "CALLOUT_NO_LONGER_REQUIRES_RESPONSE",
    State.CLOSED: "CALLOUT_CLOSED",
}
NEXT: Mapping[State, State] = {
    State.CREATED: State.DISPATCHED,
    State.OWNED: State.DISPATCHED,
    State.DISPATCHED: State.ON_SCENE,
    State.MANUALLY_DISPATCHED: State.ON_SCENE,
    State.ON_SCENE: State.COMPLETED,
    State.COMPLETED: State.CLOSED,
    State.SOFT_CANCELLED: State.CLOSED,
    State.STOOD_DOWN: State.CLOSED,
}
"""The Responder Simulator's next step from each state; nothing comes after closed."""
_FORWARD = (
    State.CREATED,
    State.OWNED,
    State.DISPATCHED,
    State.MANUALLY_DISPATCHED,
    State.ON_SCENE,
    State.COMPLETED,
    State.CLOSED,
)
RESPONDER = "Responder Sandbox 1"
SUPPLIER = "Sandbox Armed Response"
ETA_S = 480.0


def active_callout(
    tenant: Tenant, customer_id: int | None, location_id: int | None = None
) -> Callout | None:
    """Return the callout that is open for a customer, or for a fixed location of nobody's."""
    owner = ("customer", customer_id) if customer_id is not None else ("location", location_id)
    return tenant.active_callouts.first(owner)


def begin(tenant: Tenant, callout: Callout) -> Callout:
    """Keep a new callout and tell the world."""
    tenant.callouts.put(callout)
    publish_callout(tenant, EVENT[State.CREATED], callout)
    return callout


def enter(tenant: Tenant, callout: Callout, state: State) -> Callout:
    """Bring a callout to a state, whatever came before, and fire the state's webhook."""
    step = Step(state=state, at_s=tenant.now_s)
    changed = replace(callout, state=state, updated_s=step.at_s, history=(*callout.history, step))
    if state in (State.DISPATCHED, State.MANUALLY_DISPATCHED):
        changed = replace(
            changed, responder=RESPONDER, supplier=SUPPLIER, eta_s=tenant.now_s + ETA_S
        )
    tenant.callouts.put(changed)
    publish_callout(tenant, EVENT[state], changed)
    return changed


def step_on(tenant: Tenant, callout: Callout, steps: int = 1) -> Callout:
    """Take the next steps of the Responder Simulator, as many as there are left."""
    for _ in range(steps):
        if callout.state is State.CLOSED:
            break
        callout = enter(tenant, callout, NEXT[callout.state])
    return callout


def step_to(tenant: Tenant, callout: Callout, state: State) -> Callout:
    """Go to a named state through those between; refuse a way back."""
    if state in (State.OWNED, State.MANUALLY_DISPATCHED, State.SOFT_CANCELLED, State.STOOD_DOWN):
        _refuse_way_back(callout, state)
        return enter(tenant, callout, state)
    _refuse_way_back(callout, state)
    while callout.state is not state:
        callout = enter(tenant, callout, NEXT[callout.state])
    return callout


def _refuse_way_back(callout: Callout, state: State) -> None:
    if callout.state is State.CLOSED:
        raise RefusedError(400, f"Callout {callout.id} is already closed.")
    if callout.is_active and state not in _FORWARD:
        return
    is_ahead = callout.is_active and _FORWARD.index(state) > _FORWARD.index(callout.state)
    if not is_ahead and state is not State.CLOSED:
        message = f"Callout {callout.id} is {callout.state}; it cannot become {state}."
        raise RefusedError(400, message)


def stand_down(tenant: Tenant, callout: Callout) -> Callout:
    """Cancel without a code: help is no longer wanted; a cancelled callout stays as it is."""
    return enter(tenant, callout, State.STOOD_DOWN) if callout.is_active else callout


def relocate(tenant: Tenant, callout: Callout, position: Position) -> Callout:
    """Keep the newest position of a callout."""
    return tenant.callouts.put(replace(callout, position=position, updated_s=tenant.now_s))

"""The sandbox's Responder Simulator: AURA's side of a callout, outside AURA's API."""

from typing import Annotated

from msgspec import Meta, Struct

from simulator.sandbox.callout_views import NestedCallout, nested
from simulator.sandbox.lifecycle import NEXT, step_on, step_to
from simulator.sandbox.routes.callouts import asked_callout
from simulator.sandbox.routing import CONTROL, Call, Reply, Scope, body_route, route
from simulator.sandbox.rows import Callout, State, Step


class Advance(Struct, frozen=True, kw_only=True):
    """How far: so many steps (one if nothing is said), or to a named state."""

    steps: Annotated[int, Meta(ge=1, le=10)] = 1
    to: State | None = None


class ControlledCallout(Struct, frozen=True, kw_only=True, rename="camel"):
    """What the control room sees of a callout: also its logical state, duress and history."""

    state: State
    next_state: State | None
    is_active: bool
    is_duress: bool
    history: tuple[Step, ...]
    callout: NestedCallout


def advance_callout(call: Call, body: Advance) -> Reply:
    """Take a callout through dispatch, arrival, completion and closure."""
    callout = asked_callout(call)
    if body.to is not None:
        return _show(call, step_to(call.tenant, callout, body.to))
    return _show(call, step_on(call.tenant, callout, body.steps))


def control_callout(call: Call) -> Reply:
    """Return a callout as the control room sees it."""
    return _show(call, asked_callout(call))


def control_callouts(call: Call) -> Reply:
    """List all callouts, also the closed."""
    return Reply(200, [_view(call, callout) for callout in call.tenant.callouts])


def _view(call: Call, callout: Callout) -> ControlledCallout:
    return ControlledCallout(
        state=callout.state,
        next_state=NEXT.get(callout.state),
        is_active=callout.is_active,
        is_duress=callout.is_duress,
        history=callout.history,
        callout=nested(call.tenant, callout),
    )


def _show(call: Call, callout: Callout) -> Reply:
    return Reply(200, _view(call, callout))


_ONE = f"{CONTROL}/callouts/{{calloutId}}"
ROUTES = (
    route(
        "GET",
        f"{CONTROL}/callouts",
        control_callouts,
        answers={200: list[ControlledCallout]},
        scope=Scope.CONTROL,
    ),
    route(
        "GET",
        _ONE,
        control_callout,
        answers={200: ControlledCallout},
        refusals=(403, 404),
        scope=Scope.CONTROL,
    ),
    body_route(
        "POST",
        f"{_ONE}/advance",
        Advance,
        advance_callout,
        answers={200: ControlledCallout},
        refusals=(403, 404),
        scope=Scope.CONTROL,
    ),
)

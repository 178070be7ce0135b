"""Responders that come by themselves: acknowledge, travel, arrive, complete, close.

Off unless a tenant switches them on, as on AURA's staging. A responder keeps no state of its own:
when the next step is due follows from the callout's history, so that a restart goes on as before.
"""

from collections.abc import Generator

import simpy

from simulator.rng import Rng
from simulator.sandbox.lifecycle import NEXT, enter
from simulator.sandbox.responder_plan import Outcome, ResponderPlan
from simulator.sandbox.rows import Callout, State
from simulator.sandbox.tenant import Tenant


def plan_of(tenant: Tenant) -> ResponderPlan:
    """Return a tenant's plan."""
    return tenant.responder_plans.get("plan") or ResponderPlan()


def attend(tenant: Tenant, callout: Callout) -> None:
    """Send a responder to a callout, if they come by themselves and none is on the way."""
    if plan_of(tenant).is_automatic and callout.id not in tenant.attended:
        tenant.attended.add(callout.id)
        tenant.clock.start(_respond(tenant, callout.id))


def attend_all(tenant: Tenant) -> None:
    """Send responders to all callouts that are not closed."""
    for callout in list(tenant.callouts):
        if callout.state is not State.CLOSED:
            attend(tenant, callout)


def _respond(tenant: Tenant, callout_id: int) -> Generator[simpy.Event, object, None]:
    """Take each step when it is due; steps that somebody else takes meanwhile are as good."""
    while True:
        callout = tenant.callouts.get(callout_id)
        due = _next_step(tenant, callout) if callout else None
        if callout is None or due is None:
            break
        state, due_s = due
        if due_s <= tenant.now_s:
            enter(tenant, callout, state)
        else:
            yield tenant.clock.env.timeout(due_s - tenant.now_s)
    tenant.attended.discard(callout_id)


def _next_step(tenant: Tenant, callout: Callout) -> tuple[State, float] | None:
    """Return what comes next and when; None when nothing comes."""
    plan = plan_of(tenant)
    if not plan.is_automatic or callout.state is State.CLOSED:
        return None
    state = NEXT[callout.state]
    if plan.outcome is Outcome.NOBODY_COMES and state is State.DISPATCHED:
        return None
    if plan.outcome is Outcome.NEVER_ARRIVES and state is State.ON_SCENE:
        return None
    if plan.outcome is Outcome.STOOD_DOWN and state is State.ON_SCENE:
        state = State.STOOD_DOWN
    takes_s = {
        State.DISPATCHED: plan.acknowledge_s,
        State.ON_SCENE: plan.travel_s,
        State.STOOD_DOWN: plan.travel_s,
        State.COMPLETED: plan.on_scene_s,
        State.CLOSED: plan.close_s,
    }[state]
    stream = Rng(tenant.house.settings.seed).stream(callout.id, f"responder {state}")
    return state, callout.history[-1].at_s + stream.jittered(takes_s, plan.jitter)

"""Callouts for people: on a map, one with its timeline, and as its customer may follow it."""

from simulator.sandbox.callout_views import STATUS, tracking_url
from simulator.sandbox.lifecycle import NEXT
from simulator.sandbox.pages.asking import asked, shown_tenant
from simulator.sandbox.pages.drawing import chart_of
from simulator.sandbox.pages.rendering import html
from simulator.sandbox.refusal import malformed, missing
from simulator.sandbox.routing import Call, Reply
from simulator.sandbox.rows import Callout, State
from simulator.sandbox.tenant import Tenant

_SHOWN = 300
_WAY = (
    State.CREATED,
    State.OWNED,
    State.DISPATCHED,
    State.MANUALLY_DISPATCHED,
    State.ON_SCENE,
    State.COMPLETED,
    State.CLOSED,
)


def map_page(call: Call) -> Reply:
    """Show callouts and devices on a map."""
    tenant = shown_tenant(call)
    callouts = list(tenant.callouts)[-_SHOWN:]
    devices = [link for link in tenant.links if link.default_location][-_SHOWN:]
    places = [c.position for c in callouts if c.position]
    places += [link.default_location for link in devices if link.default_location]
    return html(
        "map.html.j2",
        tenant=tenant,
        callouts=callouts,
        devices=devices,
        left_out=max(0, len(tenant.callouts) - _SHOWN),
        chart=chart_of(places),
        STATUS=STATUS,
    )


def callout_page(call: Call) -> Reply:
    """Show the timeline of a callout, with the buttons of the Responder Simulator."""
    tenant = shown_tenant(call)
    callout = _callout(tenant, asked(call).get("id", ""))
    return html(
        "callout.html.j2",
        tenant=tenant,
        callout=callout,
        following=NEXT.get(callout.state),
        targets=_targets(callout),
        said=STATUS[callout.state],
        tracking=tracking_url(tenant, callout),
        device=tenant.links.get(callout.device_link_id) if callout.device_link_id else None,
        events=tenant.events_by_callout.all(callout.id),
        deliveries=[
            letter
            for letter in tenant.deliveries
            if letter.entity == "callout" and letter.entity_id == callout.id
        ],
        chart=chart_of([callout.position] if callout.position else []),
    )


def tracking_page(call: Call) -> Reply:
    """Show a callout as its customer may follow it: no control, and nothing about duress."""
    source, number = call.path["sourceId"], call.path["calloutId"]
    for tenant in call.tenants:
        if str(tenant.source_id) == source:
            tenant.clock.sync()
            callout = tenant.callouts.get(int(number)) if number.isdecimal() else None
            if callout is not None:
                return _tracking(tenant, callout)
    raise missing("callout", number[:100])


def _tracking(tenant: Tenant, callout: Callout) -> Reply:
    return html(
        "tracking.html.j2",
        tenant=tenant,
        callout=callout,
        said=STATUS[callout.state],
        steps=[(STATUS[step.state], step.at_s) for step in callout.history],
        chart=chart_of([callout.position] if callout.position else []),
    )


def _targets(callout: Callout) -> tuple[State, ...]:
    """Return the states that a callout can be taken to from where it stands."""
    if not callout.is_active:
        return () if callout.state is State.CLOSED else (State.CLOSED,)
    return (*_WAY[_WAY.index(callout.state) + 1 :], State.STOOD_DOWN)


def _callout(tenant: Tenant, number: str) -> Callout:
    if not (number.isascii() and number.isdecimal()):
        raise malformed("id", "must be the number of a callout.")
    found = tenant.callouts.get(int(number[:20]))
    if found is None:
        raise missing("callout", number[:20])
    return found

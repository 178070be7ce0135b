"""The switches for people: the clock, the faults, the responders and the post."""

from simulator.clock import iso
from simulator.sandbox.delivery_rows import DeliveryMode
from simulator.sandbox.fault_rows import FaultKind
from simulator.sandbox.pages.asking import shown_tenant
from simulator.sandbox.pages.rendering import html
from simulator.sandbox.responder_plan import Outcome
from simulator.sandbox.responders import plan_of
from simulator.sandbox.routing import Call, Reply, Scope


def switches_page(call: Call) -> Reply:
    """Show where the clock stands and what goes wrong, with buttons to change both."""
    tenant = shown_tenant(call)
    return html(
        "switches.html.j2",
        tenant=tenant,
        clock=tenant.clock,
        now=iso(tenant.now_s),
        faults=list(tenant.faults),
        kinds=list(FaultKind),
        routes=[r.name for r in tenant.house.routes if r.scope is not Scope.CONTROL],
        plan=plan_of(tenant),
        outcomes=list(Outcome),
        mode=tenant.delivery_modes.get("mode") or DeliveryMode(),
    )

"""Going on from a state that was kept: the clock as it stood, and everything planned anew."""

from simulator.sandbox.delivering import plan_again
from simulator.sandbox.responders import attend_all
from simulator.sandbox.tenant import Tenant
from simulator.sandbox.tenant_clock import ClockState


def go_on(tenant: Tenant) -> None:
    """Let a tenant whose tables were filled live on."""
    tenant.clock.restore(tenant.clock_states.get("clock") or ClockState())
    _plan(tenant)


def set_clock(tenant: Tenant, at_s: float) -> None:
    """Make it another time: forward everything due on the way happens, back nothing is undone."""
    if at_s >= tenant.now_s:
        tenant.clock.advance(at_s - tenant.now_s)
        return
    tenant.clock.restore(tenant.clock.state_at(at_s))
    _plan(tenant)


def _plan(tenant: Tenant) -> None:
    tenant.attended.clear()
    attend_all(tenant)
    plan_again(tenant)

"""The test clock of a tenant: freeze, resume, set, advance, settle."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from simulator.clock import iso
from simulator.sandbox.continuing import set_clock
from simulator.sandbox.moments import LAST_S, seconds_of
from simulator.sandbox.refusal import malformed
from simulator.sandbox.routing import CONTROL, Call, Reply, Scope, body_route, route

_YEAR_S = 366 * 86400.0


class ClockView(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a tenant's clock stands, and when something is next due."""

    now: str
    now_s: float
    is_frozen: bool
    ahead_s: float
    next_due: str | None


class NewTime(Struct, frozen=True, kw_only=True):
    """The time it shall be."""

    now: datetime


class Duration(Struct, frozen=True, kw_only=True):
    """How long to let pass at once."""

    seconds: Annotated[float, Meta(ge=0, le=100 * _YEAR_S)]


class SettleLimit(Struct, frozen=True, kw_only=True, rename="camel"):
    """How long to let pass at most."""

    limit_seconds: Annotated[float, Meta(ge=0, le=_YEAR_S)] = 30 * 86400.0


def get_clock(call: Call) -> Reply:
    """Return where the clock stands."""
    return _show(call)


def freeze_clock(call: Call) -> Reply:
    """Stop the clock."""
    call.tenant.clock.freeze()
    return _show(call)


def resume_clock(call: Call) -> Reply:
    """Let the clock go on from where it stands."""
    call.tenant.clock.resume()
    return _show(call)


def set_clock_to(call: Call, body: NewTime) -> Reply:
    """Make it another time; what is due on the way forward happens."""
    set_clock(call.tenant, seconds_of("now", body.now))
    return _show(call)


def advance_clock(call: Call, body: Duration) -> Reply:
    """Let a duration pass at once, with all that happens in it."""
    if call.tenant.now_s + body.seconds > LAST_S:
        raise malformed("seconds", "would go beyond the year 9986.")
    call.tenant.clock.advance(body.seconds)
    return _show(call)


def settle_clock(call: Call, body: SettleLimit) -> Reply:
    """Advance until nothing is due any more."""
    if call.tenant.now_s + body.limit_seconds > LAST_S:
        raise malformed("limitSeconds", "would go beyond the year 9986.")
    call.tenant.clock.settle(body.limit_seconds)
    return _show(call)


def _show(call: Call) -> Reply:
    clock = call.tenant.clock
    due_s = clock.next_due_s
    view = ClockView(
        now=iso(clock.now_s, digits=3),
        now_s=clock.now_s,
        is_frozen=clock.state.frozen_at_s is not None,
        ahead_s=clock.state.ahead_s,
        next_due=None if due_s is None else iso(due_s, digits=3),
    )
    return Reply(200, view)


_CLOCK = f"{CONTROL}/clock"
_SHOWN = {200: ClockView}
ROUTES = (
    route("GET", _CLOCK, get_clock, answers=_SHOWN, scope=Scope.CONTROL),
    body_route("PUT", _CLOCK, NewTime, set_clock_to, answers=_SHOWN, scope=Scope.CONTROL),
    route("POST", f"{_CLOCK}/freeze", freeze_clock, answers=_SHOWN, scope=Scope.CONTROL),
    route("POST", f"{_CLOCK}/resume", resume_clock, answers=_SHOWN, scope=Scope.CONTROL),
    body_route(
        "POST", f"{_CLOCK}/advance", Duration, advance_clock, answers=_SHOWN, scope=Scope.CONTROL
    ),
    body_route(
        "POST",
        f"{_CLOCK}/settle",
        SettleLimit,
        settle_clock,
        answers=_SHOWN,
        scope=Scope.CONTROL,
        may_be_empty=True,
    ),
)

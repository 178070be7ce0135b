"""What is kept beside a callout: exception reasons, and after its end the report and the map."""

from msgspec import Struct

from simulator.clock import iso
from simulator.sandbox.catalogue import EXCEPTION_REASONS, ExceptionReason
from simulator.sandbox.refusal import RefusedError, malformed
from simulator.sandbox.routes.callouts import asked_callout
from simulator.sandbox.routing import DONE, PREFIX, Call, Reply, body_route, route
from simulator.sandbox.rows import Callout, ExceptionNote, State


class NewException(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which of AURA's reasons holds."""

    exception_reason_id: int
    notes: str | None = None


class ExceptionAdded(Struct, frozen=True, kw_only=True, rename="camel"):
    """A reason put to a callout."""

    message: str = DONE
    created_exception_reason: ExceptionNote


class Report(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a response went; what did not happen is null."""

    callout_id: int
    created_at: str
    dispatched_at: str | None
    arrived_at: str | None
    completed_at: str | None
    closed_at: str
    response_time_seconds: int | None
    resolution_time_seconds: int
    outcome: str


class ReportAnswer(Struct, frozen=True, kw_only=True):
    """A resolution report."""

    message: str = DONE
    report: Report


class CalloutMap(Struct, frozen=True, kw_only=True):
    """Where the picture of the response is."""

    url: str
    image: str | None = None


def list_exception_reasons(call: Call) -> Reply:
    """List the reasons why a callout may need no response."""
    asked_callout(call)
    return Reply(200, list(EXCEPTION_REASONS.values()))


def create_exception_reason(call: Call, body: NewException) -> Reply:
    """Put one of AURA's reasons to a callout."""
    tenant = call.tenant
    callout = asked_callout(call)
    if body.exception_reason_id not in EXCEPTION_REASONS:
        known = ", ".join(map(str, EXCEPTION_REASONS))
        raise malformed("exceptionReasonId", f"must be one of {known}.")
    made = tenant.exception_notes.put(
        ExceptionNote(
            id=tenant.next_id("exception"),
            callout_id=callout.id,
            exception_reason_id=body.exception_reason_id,
            notes=body.notes,
            created_at=tenant.stamp(),
        )
    )
    return Reply(200, ExceptionAdded(created_exception_reason=made))


def get_resolution_report(call: Call) -> Reply:
    """Return how the response went, once the callout is closed."""
    callout = _closed_callout(call)
    return Reply(200, ReportAnswer(report=_report(callout)))


def get_callout_map(call: Call) -> Reply:
    """Return where the map of the response is, once the callout is closed."""
    callout = _closed_callout(call)
    base = call.tenant.house.tracking_url
    url = f"{base}/static/callouts/{callout.id}/map.png"
    return Reply(200, CalloutMap(url=url))


def _closed_callout(call: Call) -> Callout:
    callout = asked_callout(call)
    if callout.state is not State.CLOSED:
        raise RefusedError(404, f"Callout {callout.id} is not closed yet.")
    return callout


def _report(callout: Callout) -> Report:
    dispatched_s = callout.reached_s(State.DISPATCHED, State.MANUALLY_DISPATCHED)
    arrived_s = callout.reached_s(State.ON_SCENE)
    closed_s = callout.history[-1].at_s
    return Report(
        callout_id=callout.id,
        created_at=iso(callout.created_s),
        dispatched_at=_iso(dispatched_s),
        arrived_at=_iso(arrived_s),
        completed_at=_iso(callout.reached_s(State.COMPLETED)),
        closed_at=iso(closed_s),
        response_time_seconds=None if arrived_s is None else round(arrived_s - callout.created_s),
        resolution_time_seconds=round(closed_s - callout.created_s),
        outcome=_outcome(callout),
    )


def _outcome(callout: Callout) -> str:
    """Return in a word how it ended."""
    if callout.reached_s(State.COMPLETED) is not None:
        return "completed"
    if callout.reached_s(State.SOFT_CANCELLED, State.STOOD_DOWN) is not None:
        return "cancelled"
    return "closed"


def _iso(moment_s: float | None) -> str | None:
    return None if moment_s is None else iso(moment_s)


_ONE = f"{PREFIX}/callouts/{{calloutId}}"
ROUTES = (
    route(
        "GET",
        f"{_ONE}/exceptionReasons",
        list_exception_reasons,
        answers={200: list[ExceptionReason]},
        refusals=(404,),
    ),
    body_route(
        "POST",
        f"{_ONE}/exceptionReasons",
        NewException,
        create_exception_reason,
        answers={200: ExceptionAdded},
        refusals=(404,),
    ),
    route(
        "GET",
        f"{_ONE}/resolutionReport",
        get_resolution_report,
        answers={200: ReportAnswer},
        refusals=(404,),
        also=(f"{_ONE}/resolution-report",),
    ),
    route(
        "GET",
        f"{_ONE}/maps",
        get_callout_map,
        answers={200: CalloutMap},
        refusals=(404,),
    ),
)

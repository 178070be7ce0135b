"""The request log of a tenant: asked, verified, cleared."""

from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from simulator.clock import iso
from simulator.sandbox.decoding import refusal_of
from simulator.sandbox.request_log import Logged
from simulator.sandbox.routing import CONTROL, Call, Message, Reply, Scope, body_route, route
from simulator.sandbox.verifying import Expectation, Wanted, judge, matching, said

_SHOWN = 1000


class LoggedView(Struct, frozen=True, kw_only=True):
    """One request and its answer; JSON bodies are texts, cut at 4 KiB."""

    number: int
    at: str
    method: str
    path: str
    route: str | None
    status: int
    device: str | None
    callout: str | None
    customer: str | None
    press: str | None
    frame: str | None
    body: str
    answer: str


class LogView(Struct, frozen=True, kw_only=True):
    """The newest requests that fit, oldest first; `forgotten` had no room in the log."""

    requests: list[LoggedView]
    forgotten: int


class NearMiss(Struct, frozen=True, kw_only=True):
    """A request that was nearly as wanted, and in what it was not."""

    request: LoggedView
    differs_in: tuple[str, ...] = msgspec.field(name="differsIn")


class VerdictView(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whether the expectation is met, in a sentence and in full."""

    is_met: bool
    count: int
    message: str
    requests: list[LoggedView]
    near_misses: list[NearMiss]


def list_requests(call: Call) -> Reply:
    """List logged requests; the query may name method, path, device, callout and so on."""
    wanted = _wanted(call.query)
    found = matching(call.tenant.log, wanted)[-_SHOWN:]
    return Reply(
        200, LogView(requests=[_view(e) for e in found], forgotten=call.tenant.log.forgotten)
    )


def verify_requests(call: Call, body: Expectation) -> Reply:
    """Say whether such requests came as often as expected, and if not, what came nearest."""
    verdict = judge(call.tenant.log, body)
    count = len(verdict.matched)
    is_met = body.at_least <= count and (body.at_most is None or count <= body.at_most)
    near = [NearMiss(request=_view(entry), differs_in=missed) for entry, missed in verdict.nearest]
    answer = VerdictView(
        is_met=is_met,
        count=count,
        message=_message(body, count, near),
        requests=[_view(entry) for entry in verdict.matched[-_SHOWN:]],
        near_misses=[] if is_met else near,
    )
    return Reply(200, answer)


def clear_requests(call: Call) -> Reply:
    """Forget the logged requests."""
    call.tenant.log.clear()
    return Reply(200, Message())


def _wanted(query: str) -> Wanted:
    try:
        return msgspec.convert(dict(parse_qsl(query)), Wanted, strict=False)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error


def _message(wanted: Wanted, count: int, near: list[NearMiss]) -> str:
    if count:
        return f"{count} seen: {said(wanted)}."
    text = f"No {said(wanted)} was seen"
    if not near:
        return f"{text}; the log is empty."
    request = near[0].request
    nearest = f"#{request.number} {request.method} {request.path} ({request.status})"
    return f"{text}; the nearest request was {nearest}, other in {', '.join(near[0].differs_in)}."


def _view(entry: Logged) -> LoggedView:
    return LoggedView(
        number=entry.number,
        at=iso(entry.at_s, digits=3),
        method=entry.method,
        path=entry.path,
        route=entry.route,
        status=entry.status,
        device=entry.device,
        callout=entry.callout,
        customer=entry.customer,
        press=entry.press,
        frame=entry.frame,
        body=entry.body.decode("utf-8", "replace"),
        answer=entry.answer.decode("utf-8", "replace"),
    )


_REQUESTS = f"{CONTROL}/requests"
ROUTES = (
    route(
        "GET",
        _REQUESTS,
        list_requests,
        answers={200: LogView},
        refusals=(400,),
        scope=Scope.CONTROL,
    ),
    body_route(
        "POST",
        f"{_REQUESTS}/verify",
        Expectation,
        verify_requests,
        answers={200: VerdictView},
        scope=Scope.CONTROL,
    ),
    route("DELETE", _REQUESTS, clear_requests, answers={200: Message}, scope=Scope.CONTROL),
)

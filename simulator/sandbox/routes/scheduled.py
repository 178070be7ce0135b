"""Services booked ahead, such as a guard: single or repeating, at least five minutes from now."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from simulator.clock import iso
from simulator.sandbox.moments import Moment, seconds_of
from simulator.sandbox.places import Latitude, Longitude
from simulator.sandbox.refusal import malformed, missing
from simulator.sandbox.routes.customers import find_customer
from simulator.sandbox.routing import DONE, PREFIX, Call, Message, Reply, body_route, route
from simulator.sandbox.rows import Scheduled
from simulator.sandbox.tenant import Tenant

AHEAD_S = 300.0
_PERIODS = {"single": None, "daily": 86400.0, "weekly": 7 * 86400.0}
_TIME = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="HH:MM, UTC")]


class Repeats(Struct, frozen=True, kw_only=True, rename="camel"):
    """Once or again and again (our spelling, AURA's is not published)."""

    type: Literal["single", "daily", "weekly"] = "single"
    start_time: _TIME | None = None
    window_period: Annotated[int, Meta(ge=0)] | None = None


class ServiceConfig(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is booked, from when to when."""

    name: Annotated[str, Meta(min_length=1)]
    special_instructions: str | None = None
    details: dict[str, object] = {}
    date_from: Moment
    date_to: Moment
    repeats_config: Repeats = Repeats()


class InitialLocation(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where, by degrees, by address, or both."""

    latitude: Latitude | None = None
    longitude: Longitude | None = None
    formatted_address: str | None = None


class NewService(Struct, frozen=True, kw_only=True, rename="camel"):
    """Who books what, where."""

    customer_id: int
    scheduled_request_config: ServiceConfig
    initial_location: InitialLocation | None = None


class ServiceView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A booked service and when it is next."""

    id: str
    customer_id: int
    service_type: str
    scheduled_request_config: ServiceConfig
    initial_location: InitialLocation | None
    next_occurrence: str
    created_at: str


class ServiceBooked(Struct, frozen=True, kw_only=True, rename="camel"):
    """A new booking."""

    message: str = DONE
    scheduled_request: ServiceView


def create_scheduled_service(call: Call, body: NewService) -> Reply:
    """Book a service that starts in five minutes at the earliest."""
    tenant = call.tenant
    find_customer(tenant, body.customer_id)
    first_s, last_s = _span(body.scheduled_request_config)
    if first_s < tenant.now_s + AHEAD_S:
        raise malformed("scheduledRequestConfig.dateFrom", "must be at least 5 minutes ahead.")
    made = _keep(tenant, call.path["serviceType"], body, (first_s, last_s))
    view = ServiceView(
        id=made.id,
        customer_id=made.customer_id,
        service_type=made.service_type,
        scheduled_request_config=body.scheduled_request_config,
        initial_location=body.initial_location,
        next_occurrence=iso(made.first_s),
        created_at=made.created_at,
    )
    return Reply(200, ServiceBooked(scheduled_request=view))


def cancel_scheduled_service(call: Call) -> Reply:
    """Take a booking back."""
    booked = call.tenant.scheduled.get(call.path["scheduledRequestId"])
    if booked is None:
        raise missing("scheduled request", call.path["scheduledRequestId"])
    call.tenant.scheduled.drop(booked)
    return Reply(200, Message())


def _span(config: ServiceConfig) -> tuple[float, float]:
    """Return the first occurrence, and until when there may be others."""
    from_s = seconds_of("scheduledRequestConfig.dateFrom", config.date_from)
    to_s = seconds_of("scheduledRequestConfig.dateTo", config.date_to)
    if to_s <= from_s:
        raise malformed("scheduledRequestConfig.dateTo", "must be after dateFrom.")
    at = config.repeats_config.start_time
    if at is None:
        return from_s, to_s
    day_s = from_s - from_s % 86400 + int(at[:2]) * 3600 + int(at[3:]) * 60
    return (day_s if day_s >= from_s else day_s + 86400), to_s


def _keep(
    tenant: Tenant, service_type: str, body: NewService, span_s: tuple[float, float]
) -> Scheduled:
    return tenant.scheduled.put(
        Scheduled(
            id=f"sched_{tenant.reference('scheduled')}",
            service_type=service_type,
            customer_id=body.customer_id,
            name=body.scheduled_request_config.name,
            first_s=span_s[0],
            last_s=span_s[1],
            repeat_s=_PERIODS[body.scheduled_request_config.repeats_config.type],
            created_at=tenant.stamp(),
        )
    )


ROUTES = (
    body_route(
        "POST",
        f"{PREFIX}/scheduled/{{serviceType}}",
        NewService,
        create_scheduled_service,
        answers={200: ServiceBooked},
        refusals=(404,),
    ),
    route(
        "DELETE",
        f"{PREFIX}/scheduled/{{scheduledRequestId}}",
        cancel_scheduled_service,
        answers={200: Message},
        refusals=(404,),
    ),
)

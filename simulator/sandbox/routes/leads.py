"""Leads: people who may become customers."""

from msgspec import Struct

from simulator.sandbox.refusal import missing
from simulator.sandbox.routes.customers import Mobile
from simulator.sandbox.routing import PREFIX, Call, Reply, body_route, route
from simulator.sandbox.rows import Lead


class NewLead(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whom to call."""

    mobile_number: Mobile
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


class LeadView(Struct, frozen=True, kw_only=True):
    """What became of a lead."""

    id: str
    status: str


def create_lead(call: Call, body: NewLead) -> Reply:
    """Hand over somebody's number."""
    tenant = call.tenant
    lead = tenant.leads.put(
        Lead(
            id=f"lead_{tenant.reference('lead')}",
            mobile_number=body.mobile_number,
            first_name=body.first_name,
            last_name=body.last_name,
            email=body.email,
        )
    )
    return Reply(200, LeadView(id=lead.id, status=lead.status))


def get_lead(call: Call) -> Reply:
    """Return what became of a lead."""
    lead = call.tenant.leads.get(call.path["leadId"])
    if lead is None:
        raise missing("lead", call.path["leadId"])
    return Reply(200, LeadView(id=lead.id, status=lead.status))


ROUTES = (
    body_route("POST", f"{PREFIX}/leads", NewLead, create_lead, answers={200: LeadView}),
    route(
        "GET",
        f"{PREFIX}/leads/{{leadId}}",
        get_lead,
        answers={200: LeadView},
        refusals=(404,),
    ),
)

"""Faults and responders of a tenant, switched on and off."""

from msgspec.structs import replace

from simulator.sandbox.fault_rows import Fault, FaultDials
from simulator.sandbox.refusal import malformed, missing
from simulator.sandbox.responder_plan import ResponderPlan
from simulator.sandbox.responders import attend_all, plan_of
from simulator.sandbox.routing import CONTROL, Call, Message, Reply, Scope, body_route, route


def list_faults(call: Call) -> Reply:
    """List the faults that are switched on."""
    return Reply(200, list(call.tenant.faults))


def create_fault(call: Call, body: FaultDials) -> Reply:
    """Switch a fault on."""
    tenant = call.tenant
    if body.route is not None and body.route not in {r.name for r in tenant.house.routes}:
        raise malformed("route", "is no operationId of the OpenAPI description.")
    dials = {name: getattr(body, name) for name in body.__struct_fields__}
    return Reply(201, tenant.faults.put(Fault(**dials, id=tenant.count("fault") + 1)))


def delete_fault(call: Call) -> Reply:
    """Switch a fault off."""
    fault = call.tenant.faults.get(call.id("faultId"))
    if fault is None:
        raise missing("fault", call.id("faultId"))
    call.tenant.faults.drop(fault)
    return Reply(200, Message())


def delete_faults(call: Call) -> Reply:
    """Switch all faults off."""
    for fault in list(call.tenant.faults):
        call.tenant.faults.drop(fault)
    return Reply(200, Message())


def get_responders(call: Call) -> Reply:
    """Return whether responders come by themselves, and how."""
    return Reply(200, plan_of(call.tenant))


def set_responders(call: Call, body: ResponderPlan) -> Reply:
    """Say whether responders come by themselves, and how."""
    kept = call.tenant.responder_plans.put(replace(body, id="plan"))
    attend_all(call.tenant)
    return Reply(200, kept)


_FAULTS = f"{CONTROL}/faults"
ROUTES = (
    route("GET", _FAULTS, list_faults, answers={200: list[Fault]}, scope=Scope.CONTROL),
    body_route(
        "POST", _FAULTS, FaultDials, create_fault, answers={201: Fault}, scope=Scope.CONTROL
    ),
    route("DELETE", _FAULTS, delete_faults, answers={200: Message}, scope=Scope.CONTROL),
    route(
        "DELETE",
        f"{_FAULTS}/{{faultId}}",
        delete_fault,
        answers={200: Message},
        refusals=(404,),
        scope=Scope.CONTROL,
    ),
    route(
        "GET",
        f"{CONTROL}/responders",
        get_responders,
        answers={200: ResponderPlan},
        scope=Scope.CONTROL,
    ),
    body_route(
        "PUT",
        f"{CONTROL}/responders",
        ResponderPlan,
        set_responders,
        answers={200: ResponderPlan},
        scope=Scope.CONTROL,
    ),
)

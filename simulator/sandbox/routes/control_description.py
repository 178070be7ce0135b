"""The sandbox's own description, as OpenAPI 3.1."""

from simulator import __version__
from simulator.sandbox.openapi import describe
from simulator.sandbox.routing import CONTROL, Call, Reply, Scope, route


def openapi(call: Call) -> Reply:
    """Describe every endpoint of this sandbox."""
    return Reply(200, describe(call.tenants.house.routes, __version__))


ROUTES = (
    route(
        "GET",
        f"{CONTROL}/openapi.json",
        openapi,
        answers={200: dict[str, object]},
        scope=Scope.OPEN,
    ),
)

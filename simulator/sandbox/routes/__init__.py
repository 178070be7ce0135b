"""The route table, one module a family: what a body is, what is done, what is answered."""

from simulator.sandbox.routes import (
    authentication,
    callouts,
    control_callouts,
    customers,
    device_events,
    devices,
)
from simulator.sandbox.routing import Route

ROUTES: tuple[Route, ...] = (
    *authentication.ROUTES,
    *customers.ROUTES,
    *callouts.ROUTES,
    *devices.ROUTES,
    *device_events.ROUTES,
    *control_callouts.ROUTES,
)

__all__ = ["ROUTES"]

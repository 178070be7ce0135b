"""The route table, one module a family: what a body is, what is done, what is answered."""

from simulator.sandbox.routes import (
    authentication,
    bulk_upload,
    callout_events,
    callout_records,
    callouts,
    control_callouts,
    control_description,
    coverage,
    customers,
    device_events,
    devices,
    leads,
    locations,
    ratings,
    scheduled,
    sessions,
    subscriptions,
    webhooks,
)
from simulator.sandbox.routing import Route

ROUTES: tuple[Route, ...] = (
    *authentication.ROUTES,
    *customers.ROUTES,
    *sessions.ROUTES,
    *subscriptions.ROUTES,
    *coverage.ROUTES,
    *callouts.ROUTES,
    *callout_events.ROUTES,
    *callout_records.ROUTES,
    *ratings.ROUTES,
    *locations.ROUTES,
    *bulk_upload.ROUTES,
    *devices.ROUTES,
    *device_events.ROUTES,
    *webhooks.ROUTES,
    *leads.ROUTES,
    *scheduled.ROUTES,
    *control_callouts.ROUTES,
    *control_description.ROUTES,
)

__all__ = ["ROUTES"]

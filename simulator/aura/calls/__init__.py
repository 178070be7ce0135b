"""AURA's operations, a module a family; each function makes one `Call` and sends nothing."""

from simulator.aura.calls import (
    callout_records,
    callouts,
    coverage,
    customers,
    devices,
    fixed_locations,
    leads,
    ratings,
    scheduled,
    sessions,
    subscriptions,
    webhooks,
)

__all__ = [
    "callout_records",
    "callouts",
    "coverage",
    "customers",
    "devices",
    "fixed_locations",
    "leads",
    "ratings",
    "scheduled",
    "sessions",
    "subscriptions",
    "webhooks",
]

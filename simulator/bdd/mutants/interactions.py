"""Mutants that only show where several devices meet: for `aurasim shrink`, not for a suite's score.

No scenario of one or two devices can notice them, so they are no measure of a suite.
"""

from typing import Any
from weakref import WeakKeyDictionary

from simulator.bdd.mutants.planting import Function, Mutant, swap
from simulator.rng import name_key

_BUCKETS = 1 << 20


def _colliding(press: Function) -> Function:
    """Break the press of a device: its open callout is looked up by a hash that is too short."""
    caches: WeakKeyDictionary[Any, dict[int, int]] = WeakKeyDictionary()

    def pressed(tenant: Any, link: Any, said: Any) -> Any:
        cache = caches.setdefault(tenant, {})
        bucket = name_key(str(link.device_id)) % _BUCKETS
        cached = cache.get(bucket)
        callout = None if cached is None else tenant.callouts.get(cached)
        if callout is None or not callout.is_active:
            callout = press(tenant, link, said)
        cache[bucket] = callout.id
        return callout

    return pressed


INTERACTIONS: tuple[Mutant, ...] = (
    swap(
        "device-ids-collide",
        "Two of many thousand devices share an entry of a cache: one joins the other's callout.",
        "simulator.sandbox.routes.device_events:_press",
        _colliding,
    ),
)

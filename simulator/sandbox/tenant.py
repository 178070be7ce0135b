"""One tenant: the whole universe of one clientId, its tables, its clock and its counters."""

from collections import deque
from collections.abc import Hashable, Iterable
from hashlib import blake2b
from typing import TypeVar

from simulator.clock import iso
from simulator.rng import name_key
from simulator.sandbox.delivery_rows import Delivery, DeliveryMode, Notifier
from simulator.sandbox.fault_rows import Fault
from simulator.sandbox.house import House
from simulator.sandbox.request_log import RequestLog
from simulator.sandbox.responder_plan import ResponderPlan
from simulator.sandbox.rows import (
    Callout,
    CalloutEvent,
    ClientRecord,
    Counter,
    Customer,
    DeviceLink,
    ExceptionNote,
    FixedLocation,
    Lead,
    Rating,
    RatingItem,
    Scheduled,
    SignupSession,
    Snapshot,
    Subscription,
)
from simulator.sandbox.settings import Rules
from simulator.sandbox.tables import Identified, Kept, Table
from simulator.sandbox.tenant_clock import ClockState, TenantClock

DEMO_CLIENT = "aurasim-demo"
R = TypeVar("R", bound=Identified)

_FIRST_IDS = {
    "customer": 178921,
    "callout": 992011,
    "subscription": 8811,
    "device": 501,
    "location": 99001,
}
FIRST_CUSTOMER = _FIRST_IDS["customer"]
LIST_LIMIT = 50  # the limit AURA publishes, in 10 s
_BLOCK = 1_000_000
_BLOCKS = 2000  # with the block of the demo client all ids stay under 2**31
_DEMO_SOURCE = 12


def block_of(client_id: str) -> int:
    """Return the block of ids of a client, so that an id of one tenant is none of another's.

    The demo client has the ids of AURA's own examples.
    """
    return 0 if client_id == DEMO_CLIENT else 1 + name_key(client_id) % _BLOCKS


def customer_of(callout_id: int, apart: int) -> int:
    """Return the place of the customer of a callout, counted from 0, where ids are kept apart.

    Holds for the demo client of a sandbox with that many `callouts_apart` in its settings.
    """
    return (callout_id - _FIRST_IDS["callout"]) % apart


class Tenant:
    """Everything of one customer source; two tenants share nothing."""

    def __init__(self, client_id: str, house: House) -> None:
        self.client_id = client_id
        self.house = house
        self.block = block_of(client_id)
        self.source_id = _DEMO_SOURCE + self.block
        self.tables: dict[str, Kept] = {}
        self._add_tables()
        self._add_indexes()
        self.attended: set[int] = set()  # callouts that a responder's process sees to
        self.log = RequestLog(house.settings.logged_requests)
        self.recent_lists: deque[float] = deque(maxlen=LIST_LIMIT)
        self.clock = TenantClock(house.env, house.epoch_s, self.clock_states.put)

    def _add_tables(self) -> None:
        self.clients = self._table("clients", ClientRecord)
        self.counters = self._table("counters", Counter)
        self.clock_states = self._table("clocks", ClockState)
        self.rule_sets = self._table("rules", Rules)
        self.customers = self._table("customers", Customer)
        self.subscriptions = self._table("subscriptions", Subscription)
        self.links = self._table("devices", DeviceLink)
        self.callouts = self._table("callouts", Callout)
        self.callout_events = self._table("callout-events", CalloutEvent)
        self.exception_notes = self._table("exception-notes", ExceptionNote)
        self.ratings = self._table("ratings", Rating)
        self.rating_items = self._table("rating-items", RatingItem)
        self.locations = self._table("locations", FixedLocation)
        self.sessions = self._table("sessions", SignupSession)
        self.leads = self._table("leads", Lead)
        self.scheduled = self._table("scheduled", Scheduled)
        self.notifiers = self._table("notifiers", Notifier)
        self.delivery_modes = self._table("delivery-modes", DeliveryMode)
        self.faults = self._table("faults", Fault)
        self.responder_plans = self._table("responder-plans", ResponderPlan)
        self.snapshots = self._table("snapshots", Snapshot)
        self.deliveries = self._table("deliveries", Delivery)

    def _add_indexes(self) -> None:
        self.customers_by_mobile = self.customers.index(lambda c: (c.mobile,))
        self.subscriptions_by_customer = self.subscriptions.index(
            lambda s: (s.customer_id, *s.dependents)
        )
        self.links_by_device = self.links.index(lambda k: (k.device_id,))
        self.links_by_serial = self.links.index(lambda k: (k.device_serial,))
        self.links_by_customer = self.links.index(lambda k: (k.customer_id,))
        self.callouts_by_customer = self.callouts.index(
            lambda c: () if c.customer_id is None else (c.customer_id,)
        )
        self.events_by_callout = self.callout_events.index(lambda e: (e.callout_id,))
        self.items_by_rating = self.rating_items.index(lambda i: (i.callout_rating_id,))
        self.locations_by_name = self.locations.index(
            lambda f: (("ref", f.external_reference_id), ("name", f.location_identifier))
        )
        self.active_callouts = self.callouts.index(_owner_if_active)

    def _table(self, name: str, row_type: type[R]) -> Table[R]:
        made = Table(self.client_id, name, row_type, self.house.changes)
        self.tables[name] = made
        return made

    @property
    def now_s(self) -> float:
        """Return the tenant's time in seconds since 1970."""
        return self.clock.now_s

    def stamp(self) -> str:
        """Return the tenant's time as AURA writes times."""
        return iso(self.clock.now_s)

    def next_id(self, kind: str) -> int:
        """Return the next id of a kind; the same requests always get the same ids."""
        first = _FIRST_IDS.get(kind, 1) + self.block * _BLOCK
        return first + self.count(kind)

    def upcoming_id(self, kind: str) -> int:
        """Return the id that `next_id` will give next."""
        counter = self.counters.get(kind)
        return _FIRST_IDS.get(kind, 1) + self.block * _BLOCK + (counter.last if counter else 0)

    def count(self, kind: str) -> int:
        """Return how many of a kind there were before, and count one more."""
        counter = self.counters.get(kind)
        before = counter.last if counter else 0
        self.counters.put(Counter(id=kind, last=before + 1))
        return before

    def callout_id(self, customer_id: int | None, *, is_taken: bool = True) -> int:
        """Return the id of a customer's next callout; unless it `is_taken`, it stays the next."""
        apart = self.house.settings.callouts_apart
        if not apart or customer_id is None:
            return self.next_id("callout") if is_taken else self.upcoming_id("callout")
        base, kind = self.block * _BLOCK, f"callout of {customer_id}"
        place = (customer_id - base - _FIRST_IDS["customer"]) % apart
        counter = self.counters.get(kind)
        nth = self.count(kind) if is_taken else (counter.last if counter else 0)
        return base + _FIRST_IDS["callout"] + nth * apart + place

    def begin_ids_at(self, place: int) -> None:
        """Give ids as if so many customers, with a subscription and a device each, were there."""
        for kind in ("customer", "subscription", "device"):
            self.counters.put(Counter(id=kind, last=place))

    def reference(self, kind: str) -> str:
        """Return the next id of a kind that AURA gives as text."""
        name = f"{self.client_id}/{kind}/{self.count(kind)}"
        return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

    def linked(self, device_type_id: int, device_id: str) -> DeviceLink | None:
        """Return the device that events of a type and an id are from."""
        links = self.links_by_device.all(device_id)
        return next((link for link in links if link.device_type_id == device_type_id), None)

    def has_active_subscription(self, customer_id: int) -> bool:
        """Return whether the customer, or a member it depends on, has paid for today."""
        now_s = self.now_s
        return any(s.is_active(now_s) for s in self.subscriptions_by_customer.all(customer_id))

    @property
    def rules(self) -> Rules:
        """Return the choices of this tenant where AURA is silent."""
        return self.rule_sets.get("rules") or self.house.settings.rules


def _owner_if_active(callout: Callout) -> Iterable[Hashable]:
    """Return for whom a callout is the active one: a customer, else a fixed location, else none."""
    if not callout.is_active:
        return ()
    if callout.customer_id is not None:
        return (("customer", callout.customer_id),)
    return (("location", callout.predefined_location_id),)

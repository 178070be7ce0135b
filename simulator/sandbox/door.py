"""A door for a whole fleet in this process: device events that open nothing, told at their time.

An idle device reports its battery and where it is. Such an event reads no callout and changes
nothing but the health of its own device, so that a fleet may tell many of them at once, after the
fact, and without a row for every device. What it is answered is what `Sandbox.handle` answers; what
the device's row says of its health is written when the row is made.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

from msgspec.structs import replace

from simulator.clock import iso
from simulator.codec import are_within
from simulator.frame import Kind, Value
from simulator.profile import Profile
from simulator.sandbox.device_messages import read_event
from simulator.sandbox.refusal import RefusedError
from simulator.sandbox.routes.device_events import WITHOUT_CALLOUT, without_callout
from simulator.sandbox.rows import DeviceLink
from simulator.sandbox.tenant import Tenant

_ABOUT_PEOPLE = {Kind.PRESS, Kind.CANCEL}


class Told(NamedTuple):
    """What came of an event: the status, why it was refused, the battery level that it told."""

    status: int
    detail: str = ""
    battery_pct: int | None = None


class ToldMany(NamedTuple):
    """What came of many events: one status, and of each why it was refused or what it told."""

    status: int
    details: Sequence[str] | None = None
    battery_pct: Sequence[int] | None = None


class Door:
    """Takes the idle reports of one client's devices."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._nobody = DeviceLink(
            id=0,
            customer_id=0,
            customer_source_id=0,
            device_id="",
            device_serial="",
            device_supplier="",
            device_type_id=0,
            created_at="",
            updated_at="",
        )

    def tell(self, profile: Profile, event: Mapping[str, object]) -> Told:
        """Take an event of a linked device without a callout; raise LookupError at another."""
        try:
            said = read_event(dict(event), profile, self._nobody, is_open=False)
        except RefusedError as error:
            return Told(error.status, error.message)
        if not _ABOUT_PEOPLE.isdisjoint(said.kinds):
            message = f"{said.kinds} is no idle report: it goes the long way."
            raise LookupError(message)
        if Kind.MOVE in said.kinds:
            refused = without_callout(str(event.get("device_id") or event.get("device")))
            return Told(refused.status, refused.message)
        return Told(200, battery_pct=said.battery_pct)

    def tell_many(
        self,
        profile: Profile,
        number: int,
        device_ids: Sequence[str],
        held: Mapping[str, Sequence[Value]],
    ) -> ToldMany | None:
        """Take events of one message type, of devices without a callout; `held` is their content.

        What `tell` says of each. None where they must be told one by one.
        """
        template = profile.aura
        if number == template.battery:
            levels = held.get("battery")
            if levels is None:
                return ToldMany(200)
            if are_within(levels, 0, 100):
                told = [round(level) for level in levels]  # type: ignore[arg-type]  # numbers
                return ToldMany(200, battery_pct=told)
            return None
        is_placed = number == template.move and {"latitude", "longitude"} <= held.keys()
        if is_placed and all(are_within(held[name], *_BOUNDS[name]) for name in held):
            return ToldMany(400, list(map(WITHOUT_CALLOUT.format, device_ids)))
        return None

    def note(self, type_id: int, device_id: str, level_pct: int | None, at_s: float) -> None:
        """Write the newest health of a device, whose time is in seconds since 1970, to its row."""
        link = self._tenant.linked(type_id, device_id)
        if link is None:
            return
        heard = replace(link, health_check_last_received_date=iso(at_s))
        if level_pct is not None:
            at = iso(at_s)
            heard = replace(heard, battery_level=level_pct, battery_level_last_received_date=at)
        self._tenant.links.put(heard)


_BOUNDS = {"latitude": (-90, 90), "longitude": (-180, 180), "accuracy": (0, inf)}

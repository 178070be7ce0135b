"""The bodies of commands to a running fleet, as they travel."""

from typing import Annotated

from msgspec import Meta, Struct

from simulator.device import Code
from simulator.device.area import Latitude, Longitude
from simulator.faults import AnyFault

Devices = Annotated[tuple[str, ...], Meta(min_length=1, max_length=1000)]


class _Order(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every command has."""


class Press(_Order, frozen=True, kw_only=True):
    """Press devices."""

    devices: Devices
    gesture: str = ""


class Cancel(_Order, frozen=True, kw_only=True):
    """Take the latest press of devices back."""

    devices: Devices
    code: Code | None = None


class Move(_Order, frozen=True, kw_only=True):
    """Carry devices to a place."""

    devices: Devices
    latitude: Latitude
    longitude: Longitude
    speed_kmh: Annotated[float, Meta(gt=0, le=1200)] | None = None


class Drain(_Order, frozen=True, kw_only=True):
    """Set the charge of batteries."""

    devices: Devices
    percent: Annotated[float, Meta(ge=0, le=100)]


class Break(_Order, frozen=True, kw_only=True):
    """Let a fault come."""

    fault: AnyFault


class Mend(_Order, frozen=True, kw_only=True):
    """Let a fault end."""

    fault: str


class State(_Order, frozen=True, kw_only=True):
    """Tell how devices are."""

    devices: Devices = ("*",)

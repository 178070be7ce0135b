"""A frame: native bytes exactly as a device puts them on the wire, with what they mean.

Device, link, gateway and bench all hand frames to each other, so the type stands below them all.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
else:  # what reads JSON and TOML into types at run time cannot follow a type into itself
    Value = bool | int | float | str | list | dict | None
"""One decoded value; names and units are those of the profile reference."""


class Kind(StrEnum):
    """What a frame means, in AURA's words where AURA has one."""

    PRESS = "press"
    MOVE = "move"
    CANCEL = "cancel"
    BATTERY = "battery"
    HEARTBEAT = "heartbeat"
    LOGIN = "login"
    OTHER = "other"


class Direction(StrEnum):
    """Who speaks: the device (uplink) or the server behind the network (downlink)."""

    UPLINK = "uplink"
    DOWNLINK = "downlink"


@dataclass(frozen=True, slots=True)
class Frame:
    """One native frame on its way from a device to the gateway.

    `at_s` is the time of the run at which the device gave it to its radio; `press` names the press
    of a person that caused it, `port` is the LoRaWAN port, `attempt` counts resends of the device.
    `address` is the radio address where packets carry one; `asks_reply` is Sigfox's wish for a
    downlink.
    """

    device: str
    sequence: int
    kind: Kind
    payload: bytes
    at_s: float
    press: str | None = None
    port: int | None = None
    attempt: int = 1
    address: str | None = None
    asks_reply: bool = False

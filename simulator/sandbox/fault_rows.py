"""Faults by name and by dial, as rows of a tenant."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from simulator.sandbox.rows import Row


class FaultKind(StrEnum):
    """What goes wrong."""

    LATENCY = "latency"
    TOO_MANY = "too-many-requests"
    ERROR = "error"
    BAD_GATEWAY = "bad-gateway"
    RESET = "reset"
    HALF = "half"
    DRIP = "drip"
    STALL = "stall"
    EARLY_EXPIRY = "early-expiry"
    STATUS_CASE = "status-case"
    SWALLOW = "swallow"


Seconds = Annotated[float, Meta(ge=0, le=3600)]


class FaultDials(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a fault is told.

    It holds for requests to `route` (a name of the OpenAPI description), by `device`, or for all;
    each with the chance `share`, `times` in all if given. `seconds` is the latency, how long a drip
    or stall lasts, or after how long a token expires early; with `sigma` the latency is log-normal
    around it. `retryAfter` is the header of a 429. `acts` says whether AURA had acted before an
    answer was lost, or an error was answered.
    """

    kind: FaultKind
    route: str | None = None
    device: str | None = None
    share: Annotated[float, Meta(ge=0, le=1)] = 1.0
    times: Annotated[int, Meta(ge=1)] | None = None
    seconds: Seconds = 1.0
    sigma: Annotated[float, Meta(ge=0, le=5)] = 0.0
    retry_after: Annotated[int, Meta(ge=0)] | None = None
    acts: bool = False


class Fault(FaultDials, frozen=True, kw_only=True):
    """A fault that is switched on; `hits` counts how often it struck."""

    id: int
    hits: int = 0

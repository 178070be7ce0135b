"""What a tenant was asked and what it answered: bounded, without secrets, in order."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from simulator.aura.http import Response

if TYPE_CHECKING:
    from simulator.sandbox.exchange import Exchange

PRESS_HEADER = "x-aurasim-press"
FRAME_HEADER = "x-aurasim-frame"
DEVICE_HEADER = "x-aurasim-device"
_KEPT_BYTES = 4096  # of a body
_READ = msgspec.json.Decoder()


class Logged(Struct, frozen=True):
    """One request with its answer; bodies are cut at 4 KiB and left out where they are secret."""

    number: int
    at_s: float
    method: str
    path: str
    route: str | None
    places: Mapping[str, str]
    status: int
    press: str | None
    frame: str | None
    sender: str | None
    body: bytes
    answer: bytes

    @property
    def device(self) -> str | None:
        """Return the device a request speaks of, by header, path or body."""
        said = self.sender or self.places.get("deviceId")
        return said or _text(_inside(self.body, "device_id", "device", "deviceId", "deviceSerial"))

    @property
    def callout(self) -> str | None:
        """Return the callout a request or its answer speaks of."""
        said = self.places.get("calloutId") or _text(_inside(self.body, "calloutId"))
        if said is not None:
            return said
        event = _inside(self.answer, "resolvedAuraEvent")
        outcome = event.get("eventResponse") if isinstance(event, dict) else None
        if isinstance(outcome, dict) and "calloutId" in outcome:
            return str(outcome["calloutId"])
        callout = _inside(self.answer, "callout")
        return _text(callout.get("id")) if isinstance(callout, dict) else None

    @property
    def customer(self) -> str | None:
        """Return the customer a request speaks of."""
        return self.places.get("customerId") or _text(_inside(self.body, "customerId"))


class RequestLog:
    """The newest requests of one tenant."""

    def __init__(self, size: int) -> None:
        self._entries: deque[Logged] = deque(maxlen=size)
        self._count = 0

    def __iter__(self) -> Iterator[Logged]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def forgotten(self) -> int:
        """Return how many requests the log has no room for any more."""
        return self._count - len(self._entries)

    def clear(self) -> None:
        """Forget all requests."""
        self._entries.clear()
        self._count = 0

    def add(self, at_s: float, exchange: "Exchange", response: Response) -> None:
        """Write down an exchange of a time."""
        request, route = exchange.request, exchange.route
        headers = request.headers
        is_secret = route is not None and route.is_private
        self._count += 1
        self._entries.append(
            Logged(
                self._count,
                at_s,
                request.method,
                exchange.path,
                route.name if route else None,
                exchange.places,
                response.status,
                headers.get(PRESS_HEADER),
                headers.get(FRAME_HEADER),
                headers.get(DEVICE_HEADER),
                b"" if is_secret else request.body[:_KEPT_BYTES],
                b"" if is_secret else response.body[:_KEPT_BYTES],
            )
        )


def _inside(body: bytes, *names: str) -> object:
    """Return the first of some fields that a JSON body has."""
    try:
        content = _READ.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    return next((content[name] for name in names if name in content), None)


def _text(value: object) -> str | None:
    return None if value is None else str(value)

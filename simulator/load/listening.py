"""Hears the embedded sandbox tell of callouts, and when: the last stage of a press."""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from simulator.aura import Request, Response
from simulator.aura.receiver import Inbox
from simulator.clock import monotonic_s

_TAKEN = Response(204)
_STRANGE = Response(400)


class _About(Struct):
    id: int | None = None


class _Told(Struct):
    callout: _About | None = None


class CalloutInbox(Inbox):
    """Takes deliveries as an integrator's server does, and passes on (callout, monotonic time)."""

    def __init__(self, on_callout: Callable[[int, float], None]) -> None:
        super().__init__()
        self._on_callout = on_callout
        self._decode = msgspec.json.Decoder(_Told).decode

    def take(self, request: Request) -> Response:
        """Take a delivery; nothing is kept of it but when it came."""
        try:
            told = self._decode(request.body)
        except msgspec.DecodeError:
            self.refused += 1
            return _STRANGE
        self.received += 1
        if told.callout and told.callout.id is not None:
            self._on_callout(told.callout.id, monotonic_s())
        return _TAKEN

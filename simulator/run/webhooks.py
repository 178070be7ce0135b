"""The receiver of a run's webhooks: what the embedded AURA tells goes into the journal."""

from collections.abc import Callable

import msgspec
import simpy
from msgspec import Struct

from simulator.aura import Request, Response
from simulator.aura.calls.webhooks import WebhookEvent
from simulator.aura.redaction import kept
from simulator.journal import Journal, Notified

URL = "https://run.invalid/webhooks"
EVENTS = tuple(event for event in WebhookEvent if "CALLOUT" in event or "RESPONDER" in event)
_TAKEN = 200


class _About(Struct):
    id: int | None = None


class _Told(Struct):
    message: str = ""
    callout: _About | None = None


def receiver(env: simpy.Environment, journal: Journal) -> Callable[[Request], Response]:
    """Return what takes deliveries as an integrator's server does, and writes them down."""
    decode = msgspec.json.Decoder(_Told).decode

    def take(request: Request) -> Response:
        told = decode(request.body)
        journal.write(
            Notified(
                t=env.now,
                event=told.message,
                callout=told.callout.id if told.callout else None,
                status=_TAKEN,
                body=kept(request.body),
            )
        )
        return Response(_TAKEN)

    return take

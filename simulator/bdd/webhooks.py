"""The webhooks that reach a scenario, and when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulator.aura import Request, Response
from simulator.bdd.exchange import object_in

URL = "https://scenario.invalid/webhooks"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One delivery as it came in."""

    at_s: float
    after: int  # how many records the journal had
    body: Mapping[str, object] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def event(self) -> str:
        """Return the name of the event."""
        return str(self.body.get("message", ""))

    @property
    def entity(self) -> str:
        """Return what it is about, with its id."""
        for kind in ("callout", "customer", "subscription"):
            about = self.body.get(kind)
            if isinstance(about, dict):
                return f"{kind} {about.get('id')}"
        return "nothing known"


@dataclass(slots=True)
class Receiver:
    """Takes webhooks as an integrator's server does; `status` is what it answers."""

    received: list[Webhook] = field(default_factory=list)
    status: int = 200
    mark: Callable[[], int] = lambda: 0

    def take(self, at_s: float, request: Request) -> Response:
        """Keep a delivery."""
        body = object_in(request.body)
        self.received.append(Webhook(at_s, self.mark(), body, request.headers))
        return Response(self.status)

"""What a scenario lets go wrong between the gateway and AURA."""

from dataclasses import dataclass

from simulator.aura import Request, Response, TransportError
from simulator.aura.errors import TransportFailure

_BODY = b'{"message":"made up by the scenario"}'


@dataclass(slots=True)
class Upsets:
    """Trouble for the requests of the gateway. Mutable: steps plan it, requests use it up."""

    unreachable_until_s: float = 0.0
    status: int = 0
    answers_left: int = 0

    def instead(self, now: float, request: Request) -> Response | TransportError | None:
        """Return what a request gets in place of AURA's answer; None lets it through."""
        if now < self.unreachable_until_s:
            return TransportError(TransportFailure.REFUSED, "by the scenario")
        if self.answers_left > 0 and "/oauth/" not in request.path:
            self.answers_left -= 1
            return Response(self.status, {"content-type": "application/json"}, _BODY)
        return None

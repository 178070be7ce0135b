"""The layer that lets requests go wrong as a tenant's faults say."""

import math
import re

from msgspec.structs import replace

from simulator.aura.http import Response
from simulator.rng import Rng, Stream, name_key
from simulator.sandbox.conduct import Conducted, Ending
from simulator.sandbox.decoding import read_object
from simulator.sandbox.dispatch import claimed_tenant
from simulator.sandbox.exchange import Exchange, Layer, refusal
from simulator.sandbox.fault_rows import Fault, FaultKind
from simulator.sandbox.refusal import RefusedError
from simulator.sandbox.routing import CONTROL
from simulator.sandbox.tenant import Tenant
from simulator.sandbox.tenants import Tenants

_ENDINGS = {
    FaultKind.RESET: Ending.RESET,
    FaultKind.HALF: Ending.HALF,
    FaultKind.DRIP: Ending.DRIP,
    FaultKind.STALL: Ending.STALL,
}
_UNANSWERED = (FaultKind.RESET, FaultKind.STALL)
_GATEWAY_PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)
_STATUS = re.compile(rb'("status":")([^"]*)"')


class Faults:
    """Strikes an exchange with the faults of its tenant; AURA's own endpoints only."""

    def __init__(self, inner: Layer, tenants: Tenants) -> None:
        self._inner = inner
        self._tenants = tenants

    def __call__(self, exchange: Exchange) -> Response:
        tenant = exchange.tenant or claimed_tenant(self._tenants, exchange)
        if tenant is None or not len(tenant.faults) or exchange.path.startswith(CONTROL):
            return self._inner(exchange)
        struck = [fault for fault in list(tenant.faults) if _strikes(tenant, fault, exchange)]
        response = self._struck(tenant, exchange, struck)
        for fault in struck:
            response = _spoilt(tenant, fault, response)
        return response

    def _struck(self, tenant: Tenant, exchange: Exchange, struck: list[Fault]) -> Response:
        """Return the answer before it is spoilt: an error in its stead, or the handler's own."""
        exchange.is_swallowed = any(fault.kind is FaultKind.SWALLOW for fault in struck)
        exchange.early_expiry_s = min(
            (fault.seconds for fault in struck if fault.kind is FaultKind.EARLY_EXPIRY),
            default=None,
        )
        for fault in struck:
            error = _error(fault)
            if error is not None:
                if fault.acts:
                    self._inner(exchange)
                return error
            if fault.kind in _UNANSWERED and not fault.acts:
                return Response(500)  # nobody will see it
        return self._inner(exchange)


def _strikes(tenant: Tenant, fault: Fault, exchange: Exchange) -> bool:
    """Return whether a fault strikes now, and count that it does."""
    route = exchange.route.name if exchange.route else None
    if fault.route not in (None, route):
        return False
    if fault.device is not None and fault.device != _device(exchange):
        return False
    if fault.share < 1 and not _draws(tenant, fault).chance(fault.share):
        return False
    _count(tenant, fault)
    return True


def _count(tenant: Tenant, fault: Fault) -> None:
    left = None if fault.times is None else fault.times - 1
    if left == 0:
        tenant.faults.drop(fault)
    else:
        tenant.faults.put(replace(fault, times=left, hits=fault.hits + 1))


def _draws(tenant: Tenant, fault: Fault) -> Stream:
    """Return the stream of a fault's draws, moved on by what was drawn before."""
    stream = Rng(tenant.house.settings.seed).stream(name_key(tenant.client_id), f"fault {fault.id}")
    stream.count = 4 * tenant.count(f"fault-{fault.id}")
    return stream


def _device(exchange: Exchange) -> str | None:
    if "deviceId" in exchange.places:
        return exchange.places["deviceId"]
    try:
        body = read_object(exchange.request.body)
    except RefusedError:
        return None
    named = (body.get(name) for name in ("device_id", "device", "deviceId", "deviceSerial"))
    return next((str(value) for value in named if value is not None), None)


def _error(fault: Fault) -> Response | None:
    if fault.kind is FaultKind.ERROR:
        return refusal(RefusedError(500, "Internal server error"))
    if fault.kind is FaultKind.BAD_GATEWAY:
        return Response(502, {"content-type": "text/html"}, _GATEWAY_PAGE)
    if fault.kind is FaultKind.TOO_MANY:
        answer = refusal(RefusedError(429, "Too many requests"))
        if fault.retry_after is None:
            return answer
        return Response(429, {**answer.headers, "retry-after": str(fault.retry_after)}, answer.body)
    return None


def _spoilt(tenant: Tenant, fault: Fault, response: Response) -> Response:
    """Return an answer as a fault leaves it: later, cut, or with a status in the wrong case."""
    if fault.kind is FaultKind.LATENCY:
        before_s = response.delay_s if isinstance(response, Conducted) else 0.0
        return _conducted(response, delay_s=before_s + _latency_s(tenant, fault))
    if fault.kind in _ENDINGS:
        return _conducted(response, ending=_ENDINGS[fault.kind], lasts_s=fault.seconds)
    if fault.kind is FaultKind.STATUS_CASE:
        body = _STATUS.sub(lambda m: m[1] + m[2].swapcase() + b'"', response.body)
        return Response(response.status, response.headers, body)
    return response


def _conducted(
    response: Response,
    *,
    delay_s: float | None = None,
    ending: Ending | None = None,
    lasts_s: float = 0.0,
) -> Conducted:
    old = response if isinstance(response, Conducted) else Conducted(response.status)
    return Conducted(
        response.status,
        response.headers,
        response.body,
        delay_s=old.delay_s if delay_s is None else delay_s,
        ending=ending or old.ending,
        lasts_s=lasts_s if ending else old.lasts_s,
    )


def _latency_s(tenant: Tenant, fault: Fault) -> float:
    if not fault.sigma:
        return fault.seconds
    return fault.seconds * math.exp(_draws(tenant, fault).normal(0.0, fault.sigma))

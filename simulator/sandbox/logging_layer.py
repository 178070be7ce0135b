"""The layer that writes each exchange to the request log of its tenant."""

from simulator.aura.http import Response
from simulator.sandbox.dispatch import claimed_tenant
from simulator.sandbox.exchange import Exchange, Layer
from simulator.sandbox.routing import CONTROL
from simulator.sandbox.tenants import Tenants


class Logging:
    """Writes down what AURA's own endpoints are asked and answer."""

    def __init__(self, inner: Layer, tenants: Tenants) -> None:
        self._inner = inner
        self._tenants = tenants

    def __call__(self, exchange: Exchange) -> Response:
        response = self._inner(exchange)
        tenant = exchange.tenant or claimed_tenant(self._tenants, exchange)
        if tenant is not None and not exchange.path.startswith(CONTROL):
            tenant.log.add(tenant.now_s, exchange, response)
        return response

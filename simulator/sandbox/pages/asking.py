"""Which tenant a page is about."""

from urllib.parse import parse_qsl

from simulator.sandbox.refusal import missing
from simulator.sandbox.routing import Call
from simulator.sandbox.tenant import Tenant


def asked(call: Call) -> dict[str, str]:
    """Return the query of a page."""
    return dict(parse_qsl(call.query, max_num_fields=100))


def shown_tenant(call: Call) -> Tenant:
    """Return the tenant that the query names, at its present moment; the first if it names none."""
    name = asked(call).get("tenant")
    found = next(iter(call.tenants), None) if name is None else call.tenants.get(name)
    if found is None:
        raise missing("tenant", (name or "")[:100])
    found.clock.sync()
    return found

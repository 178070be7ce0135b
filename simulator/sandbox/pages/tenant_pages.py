"""The overview of all tenants, and the page of one."""

from simulator.clock import wall_s
from simulator.sandbox.compared import told
from simulator.sandbox.magic import TABLE
from simulator.sandbox.pages.asking import shown_tenant
from simulator.sandbox.pages.rendering import html
from simulator.sandbox.routing import Call, Reply

_SHOWN = 100


def overview_page(call: Call) -> Reply:
    """Show all tenants, and what this sandbox is."""
    tenants = list(call.tenants)
    for tenant in tenants:
        tenant.clock.sync()
    return html(
        "overview.html.j2",
        tenants=tenants[:_SHOWN],
        left_out=max(0, len(tenants) - _SHOWN),
        settings=call.tenants.settings,
        magic=TABLE,
        compared=told(wall_s()),
    )


def tenant_page(call: Call) -> Reply:
    """Show what one tenant has, its rules and its snapshots."""
    tenant = shown_tenant(call)
    rules = tenant.rules
    return html(
        "tenant.html.j2",
        tenant=tenant,
        rules=[
            (f, rules.__struct_encode_fields__[at], getattr(rules, f))
            for at, f in enumerate(rules.__struct_fields__)
            if f != "id"
        ],
        customers=list(tenant.customers)[-_SHOWN:],
        devices=list(tenant.links)[-_SHOWN:],
    )

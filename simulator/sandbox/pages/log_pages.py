"""The logs for people: what was asked, and what was delivered."""

import msgspec

from simulator.sandbox.decoding import refusal_of
from simulator.sandbox.pages.asking import asked, shown_tenant
from simulator.sandbox.pages.rendering import html
from simulator.sandbox.routing import Call, Reply
from simulator.sandbox.verifying import Wanted, matching

_SHOWN = 200
_FILTERS = ("method", "path", "device", "callout", "status")


def requests_page(call: Call) -> Reply:
    """Show the newest requests that are as wanted, newest first."""
    tenant = shown_tenant(call)
    query = asked(call)
    filters = {name: query.get(name, "") for name in _FILTERS}
    found = matching(tenant.log, _wanted(filters))
    return html(
        "requests.html.j2",
        tenant=tenant,
        filters=filters,
        entries=found[: -_SHOWN - 1 : -1],
        found=len(found),
        forgotten=tenant.log.forgotten,
    )


def webhooks_page(call: Call) -> Reply:
    """Show the newest deliveries, newest first."""
    tenant = shown_tenant(call)
    notifier = tenant.notifiers.get("notifier")
    return html(
        "webhooks.html.j2",
        tenant=tenant,
        config=notifier.config if notifier else None,
        deliveries=list(tenant.deliveries)[: -_SHOWN - 1 : -1],
        count=len(tenant.deliveries),
    )


def _wanted(filters: dict[str, str]) -> Wanted:
    said = {name: value for name, value in filters.items() if value}
    try:
        return msgspec.convert(said, Wanted, strict=False)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error

"""Webhooks: one registration a customer source; registering again replaces it."""

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

from simulator.sandbox.addresses import check_url
from simulator.sandbox.delivery_rows import Notifier, NotifierConfig
from simulator.sandbox.refusal import malformed
from simulator.sandbox.routing import DONE, PREFIX, Call, Reply, body_route
from simulator.sandbox.webhooks import EVENTS

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")


class NewWebhook(Struct, frozen=True, kw_only=True):
    """Where to deliver which events, with which headers."""

    url: str
    events: Annotated[list[str], Meta(min_length=1)]
    method: Literal["webhook"] = "webhook"
    headers: dict[str, str] = {}


class NotifierView(Struct, frozen=True, kw_only=True):
    """The registration as AURA wraps it."""

    config: tuple[NotifierConfig, ...]


class WebhookRegistered(Struct, frozen=True, kw_only=True):
    """The registration that now holds."""

    message: str = DONE
    notifier: NotifierView


def create_webhook(call: Call, body: NewWebhook) -> Reply:
    """Register the webhook of the customer source, in place of the one before."""
    check_url("url", body.url, allow_http=call.tenants.settings.allow_http_webhooks)
    for event in body.events:
        if event not in EVENTS:
            raise malformed("events", f"there is no event '{event[:100]}'.")
    for name, text in body.headers.items():
        if not _HEADER.fullmatch(name) or not text.isprintable() or not text.isascii():
            raise malformed("headers", "must be names and printable texts of HTTP headers.")
    config = NotifierConfig(
        url=body.url, events=tuple(body.events), method=body.method, headers=body.headers
    )
    call.tenant.notifiers.put(Notifier(config=config))
    return Reply(200, WebhookRegistered(notifier=NotifierView(config=(config,))))


ROUTES = (
    body_route(
        "POST",
        f"{PREFIX}/notifiers/webhooks",
        NewWebhook,
        create_webhook,
        answers={200: WebhookRegistered},
        is_private=True,
    ),
)

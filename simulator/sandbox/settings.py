"""What a sandbox is told when it is made, and the rules a tenant may change for itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta, Struct

KIB = 1024
Life = Annotated[int, Meta(ge=1, le=365 * 86400)]


class Rules(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Where AURA is silent or its documents disagree: what this tenant's universe does.

    `unpaid_status` answers a callout without subscription (403, or 400 as the reference has it);
    `first_callout_free` is the try-before-signup grace; `test_before_real` wants a TEST callout of
    a new customer first; `refuse_wrong_safe_code` answers 400 where a wrong code is otherwise taken
    for duress; `token_life_s` and `callout_token_life_s` are lifetimes of new tokens.
    """

    id: str = "rules"
    token_life_s: Life = 3600
    callout_token_life_s: Life = 900
    snake_case_token: bool = False
    unpaid_status: Literal[400, 403] = 403
    first_callout_free: bool = False
    test_before_real: bool = False
    refuse_wrong_safe_code: bool = False
    subscription_session_by_callout_token: bool = False
    camel_case_webhooks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of one request the sandbox is willing to look at."""

    body_bytes: int = 1024 * KIB
    headers: int = 100
    header_bytes: int = 32 * KIB
    path_bytes: int = 4 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything about a sandbox that does not change while it runs.

    `open_to_any_client` lets an unknown clientId make a tenant; `accept_older` takes the body
    shapes of older documentation too; `paths` puts a route, by name, elsewhere (unconfirmed paths);
    `logged_requests` and `logged_deliveries` bound the logs of one tenant.
    """

    open_to_any_client: bool = True
    accept_older: bool = False
    allow_http_webhooks: bool = False
    tracking_url: str = "https://track.sandbox.invalid"
    paths: Mapping[str, str] = field(default_factory=dict)
    rules: Rules = Rules()  # noqa: RUF009 - it is immutable
    limits: Limits = Limits()
    logged_requests: int = 10_000
    logged_deliveries: int = 10_000
    seed: int = 0

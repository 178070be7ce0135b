"""What a sandbox is told when it is made, and the rules a tenant may change for itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta, Struct

KIB = 1024
Life = Annotated[int, Meta(ge=1, le=365 * 86400)]


class Rules(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Where AURA is silent or its documents disagree: what this tenant's universe does.

    - `token_life_s`, `callout_token_life_s`: lifetimes of new tokens
    - `snake_case_token`: the older spelling of a token's fields
    - `unpaid_status`: what a callout without subscription is answered, 400 as in the reference
    - `first_callout_free`: the try-before-signup grace
    - `test_before_real`: a new customer must send a TEST callout first
    - `refuse_wrong_safe_code`: 400 for a wrong code, which else is taken for duress in silence
    - `subscription_session_by_callout_token`: the one way to a subscription-management page
    - `camel_case_webhooks`: `incidentCategory` in webhooks, not `incidentcategory` as captured
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
    `logged_requests` and `logged_deliveries` bound the logs of one tenant. With `callouts_apart`
    set to the number of customers, the callouts of each have ids of their own, that do not depend
    on what others do; else ids are given in one row, as AURA does.
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
    callouts_apart: int = 0
    seed: int = 0

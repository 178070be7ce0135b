"""Mutants of AURA's rules: who may, what is joined, what ends, what is told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from simulator.bdd.mutants.planting import Function, Mutant, swap

_ROOM = "simulator.sandbox"


def always(value: object) -> Callable[[Function], Function]:
    """Return what breaks a function so that it always says the same."""
    return lambda _: lambda *_args, **_named: value


def _closing(begin: Function) -> Function:
    def begun(tenant: Any, callout: Any) -> Any:
        from simulator.sandbox.lifecycle import enter
        from simulator.sandbox.rows import State

        made = begin(tenant, callout)
        tenant.clock.after(600.0, lambda: enter(tenant, tenant.callouts.get(made.id), State.CLOSED))
        return made

    return begun


def _lasting(read: Function) -> Function:
    def lasts(tokens: Any, token: str) -> Any:
        claims = read(tokens, token)
        return replace(claims, expires_s=2**40) if claims else None

    return lasts


def _first_tenant(identify: Function) -> Function:
    def mixed(tenants: Any, *rest: Any) -> Any:
        exchange = identify(tenants, *rest)
        if exchange.tenant is not None:
            exchange.tenant = next(iter(tenants))
        return exchange

    return mixed


def _careless(for_link: Function) -> Function:
    def chosen(templates: Any, serial: str, supplier: str, type_id: int | None) -> Any:
        found = templates.of_type(type_id) if type_id is not None else None
        return found or for_link(templates, serial, supplier, type_id)

    return chosen


def _standing_down(_: Function) -> Function:
    def cancelled(tenant: Any, callout: Any, code: str) -> Any:
        from simulator.sandbox.lifecycle import stand_down
        from simulator.sandbox.routes import callouts

        del code
        return callouts._cancelled(tenant, stand_down(tenant, callout))

    return cancelled


def _anybodys(_: Function) -> Function:
    def found(tenant: Any, link: Any) -> Any:
        from simulator.sandbox.lifecycle import active_callout

        return active_callout(tenant, link.customer_id)

    return found


def _posting(change: Callable[[Any], list[Any]]) -> Callable[[Function], Function]:
    """Return what breaks deliveries: each parcel becomes those that `change` makes of it."""

    def breaking(to_handler: Function) -> Function:
        def broken(handle: Function) -> Function:
            deliver = to_handler(handle)

            def post(parcel: Any, done: Function) -> None:
                for one in change(parcel):
                    deliver(one, done)

            return post

        return broken

    return breaking


def _renamed(parcel: Any) -> list[Any]:
    return [replace(parcel, body=parcel.body.replace(b"CALLOUT_CLOSED", b"RESPONDER_COMPLETED"))]


_PARCELS = "simulator.sandbox.parcels:to_handler"
RULES: tuple[Mutant, ...] = (
    swap(
        "open-callout-is-not-joined",
        "A second press opens a second callout.",
        f"{_ROOM}.opening:active_callout",
        always(None),
    ),
    swap(
        "nobody-has-to-pay",
        "A callout needs no subscription.",
        f"{_ROOM}.opening:_has_paid",
        always(True),
    ),
    swap(
        "lapsed-still-counts",
        "A lapsed subscription still entitles.",
        f"{_ROOM}.rows:Subscription.is_active",
        lambda _: lambda row, at_s: row.cancelled_s is None,
    ),
    swap(
        "cancelled-still-counts",
        "A cancelled subscription still entitles.",
        f"{_ROOM}.rows:Subscription.is_active",
        lambda _: lambda row, at_s: row.valid_from_s <= at_s <= row.valid_to_s,
    ),
    swap(
        "wrong-code-cancels",
        "Any safe code stands the responder down.",
        f"{_ROOM}.routes.callouts:_cancel_with_code",
        _standing_down,
    ),
    swap(
        "any-code-is-well-formed",
        "A safe code may be anything.",
        f"{_ROOM}.routes.callouts:_is_four_digits",
        always(True),
    ),
    swap(
        "others-callout-is-cancelled",
        "A device cancels the callout of another.",
        f"{_ROOM}.routes.device_events:_own_callout",
        _anybodys,
    ),
    swap(
        "callouts-close-by-themselves",
        "A callout closes after ten minutes.",
        f"{_ROOM}.opening:begin",
        _closing,
    ),
    swap(
        "tokens-never-end",
        "A token lives for ever.",
        f"{_ROOM}.tokens:Tokens.read",
        _lasting,
    ),
    swap(
        "tenants-are-mixed",
        "Every customer source sees the first one's people.",
        f"{_ROOM}.sandbox:identify",
        _first_tenant,
    ),
    swap(
        "callout-token-is-for-all",
        "A callout token serves every customer.",
        f"{_ROOM}.routing:Call.keep_to",
        always(None),
    ),
    swap(
        "any-serial-is-linked",
        "A serial does not have to match its template.",
        f"{_ROOM}.templates:Templates.for_link",
        _careless,
    ),
    swap("webhook-is-dropped", "No webhook arrives.", _PARCELS, _posting(lambda _: [])),
    swap(
        "webhook-comes-twice",
        "Every webhook arrives twice.",
        _PARCELS,
        _posting(lambda parcel: [parcel, parcel]),
    ),
    swap(
        "webhook-is-misnamed",
        "A closed callout is told as completed.",
        _PARCELS,
        _posting(_renamed),
    ),
)

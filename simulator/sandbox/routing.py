"""The route table: what each endpoint takes, does and may answer, as data.

The dispatcher runs it, the OpenAPI description is written from it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

import msgspec

from simulator.aura.http import Request
from simulator.errors import InputError
from simulator.sandbox.decoding import Json, decoder_of
from simulator.sandbox.refusal import RefusedError, malformed, missing

if TYPE_CHECKING:
    from simulator.sandbox.tenant import Tenant
    from simulator.sandbox.tenants import Tenants
    from simulator.sandbox.tokens import Claims

PREFIX = "/panic-api/v2"
CONTROL = "/__sandbox__"
JSON_TYPE = "application/json"
DONE = "Request completed successfully."

B = TypeVar("B")


class Scope(Enum):
    """Who may call an endpoint."""

    OPEN = "open"
    SERVER = "server"
    EITHER = "either"  # a server token, or a callout token for its own customer
    CONTROL = "control"  # outside AURA's API: the tenant by bearer or X-Sandbox-Client


class Message(msgspec.Struct, frozen=True):
    """An answer that only says that all is well."""

    message: str = DONE


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: a status and a value to write as JSON, or ready bytes.

    `headers` go with ready bytes only.
    """

    status: int
    value: object = None
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] | None = None


@dataclass(slots=True)
class Call:
    """One request on its way to a handler; `claims` is None where no token is needed."""

    tenants: "Tenants"
    request: Request
    query: str
    path: Mapping[str, str]
    tenant_or_none: "Tenant | None"
    claims: "Claims | None"
    is_swallowed: bool = False

    @property
    def tenant(self) -> "Tenant":
        """Return who calls; an open route has nobody."""
        if self.tenant_or_none is None:
            raise AssertionError("unreachable")
        return self.tenant_or_none

    def keep_to(self, customer_id: int | None) -> None:
        """Refuse with 403 if the token is a callout token of another customer."""
        limit = self.claims.customer_id if self.claims is not None else None
        if limit is not None and limit != customer_id:
            raise RefusedError(403, f"This token is for callouts of customer {limit} only.")

    def id(self, name: str) -> int:
        """Return an id of the path."""
        try:
            return int(self.path[name])
        except ValueError:
            raise missing(name.removesuffix("Id"), self.path[name][:100]) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One endpoint. `answers` has the type of each success; `refusals` the other statuses."""

    method: str
    path: str
    name: str
    run: Callable[[Call], Reply]
    scope: Scope
    takes: tuple[str, object] | None  # content type and type of the body
    answers: Mapping[int, object]
    refusals: tuple[int, ...]
    summary: str
    also: tuple[str, ...] = ()
    is_private: bool = False  # its bodies carry secrets and are not logged
    may_be_empty: bool = False
    content_type: str = JSON_TYPE


def route(  # noqa: PLR0913 - a line of a table: every column has its name
    method: str,
    path: str,
    handler: Callable[[Call], Reply],
    *,
    answers: Mapping[int, object],
    refusals: Iterable[int] = (),
    scope: Scope = Scope.SERVER,
    also: tuple[str, ...] = (),
    content_type: str = JSON_TYPE,
    takes: tuple[str, object] | None = None,
) -> Route:
    """Return an endpoint whose handler sees to the body itself, if there is one.

    A route is named after its handler, and described by the first line of its docstring.
    """
    return Route(
        method=method,
        path=path,
        name=handler.__name__,
        run=handler,
        scope=scope,
        takes=takes,
        answers=answers,
        refusals=_refusals(refusals, scope),
        summary=(handler.__doc__ or "").partition("\n")[0],
        also=also,
        content_type=content_type,
    )


def body_route(  # noqa: PLR0913 - a line of a table: every column has its name
    method: str,
    path: str,
    body: type[B],
    handler: Callable[[Call, B], Reply],
    *,
    answers: Mapping[int, object],
    refusals: Iterable[int] = (),
    scope: Scope = Scope.SERVER,
    also: tuple[str, ...] = (),
    older: Callable[[Json], Json] | None = None,
    described_as: object = None,
    is_private: bool = False,
    may_be_empty: bool = False,
) -> Route:
    """Return an endpoint whose JSON body is read as a type first; `older` rewrites an old shape."""
    decode = decoder_of(body, older)

    def run(call: Call) -> Reply:
        _check_json(call.request)
        raw = call.request.body or (b"{}" if may_be_empty else b"")
        return handler(call, decode(raw, call.tenants.settings.accept_older))

    return Route(
        method=method,
        path=path,
        name=handler.__name__,
        run=run,
        scope=scope,
        takes=(JSON_TYPE, described_as or body),
        answers=answers,
        refusals=_refusals((400, *refusals), scope),
        summary=(handler.__doc__ or "").partition("\n")[0],
        also=also,
        is_private=is_private,
        may_be_empty=may_be_empty,
    )


def _check_json(request: Request) -> None:
    said = request.headers.get("content-type", JSON_TYPE)
    kind = said.partition(";")[0].strip().lower()
    if kind != JSON_TYPE and not kind.endswith("+json"):
        raise malformed("Content-Type", f"must be {JSON_TYPE}.")


def _refusals(own: Iterable[int], scope: Scope) -> tuple[int, ...]:
    common = {Scope.OPEN: (), Scope.CONTROL: (401,)}.get(scope, (401, 403))
    return tuple(sorted({*own, *common}))


class RouteError(InputError):
    """A setting names a route that does not exist."""


@dataclass(slots=True)
class Router:
    """Finds the route of a method and a path."""

    routes: tuple[Route, ...]
    _fixed: dict[tuple[str, str], Route] = field(default_factory=dict)
    _patterns: dict[tuple[str, int], list[tuple[re.Pattern[str], Route]]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        for known in self.routes:
            for path in (known.path, *known.also):
                self._add(known, path)

    def _add(self, known: Route, path: str) -> None:
        if "{" not in path:
            self._fixed[known.method, path] = known
            return
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
        key = known.method, path.count("/")
        self._patterns.setdefault(key, []).append((re.compile(pattern), known))

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
        """Return the route and what stands in the places of its path, if there is one."""
        fixed = self._fixed.get((method, path))
        if fixed is not None:
            return fixed, {}
        for pattern, known in self._patterns.get((method, path.count("/")), ()):
            found = pattern.fullmatch(path)
            if found is not None:
                places = found.groupdict()
                return known, places if "%" not in path else _unquoted(places)
        return None


def _unquoted(places: Mapping[str, str]) -> Mapping[str, str]:
    return {name: unquote(text, errors="replace") for name, text in places.items()}


def moved(routes: Iterable[Route], paths: Mapping[str, str]) -> tuple[Route, ...]:
    """Return the routes with some, by name, at other paths."""
    table = tuple(routes)
    unknown = sorted(set(paths) - {known.name for known in table})
    if unknown:
        message = f"There is no route '{unknown[0]}' to move. See /__sandbox__/openapi.json."
        raise RouteError(message)
    return tuple(replace(r, path=paths[r.name]) if r.name in paths else r for r in table)

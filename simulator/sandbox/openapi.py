"""The OpenAPI 3.1 description, written from the route table and the types that check requests."""

import re
from collections.abc import Iterable
from itertools import chain

import msgspec

from simulator.sandbox.refusal import Failure
from simulator.sandbox.routing import CONTROL, JSON_TYPE, PREFIX, Route, Scope

_REF = "#/components/schemas/{name}"
_REASONS = {
    200: "Done",
    201: "Created",
    285: "The callout is closed; its latest state",
    400: "The request is malformed, or names something that cannot be used",
    401: "The token or the credentials are missing or wrong",
    403: "Known, but not permitted",
    404: "Does not exist, or not for this customer source",
    409: "In conflict with what exists",
    413: "The body is too large",
    414: "The path is too long",
    429: "Too many requests",
    431: "The headers are too large",
    500: "The server failed",
}
_EVERYWHERE = (413, 414, 431)
_SECURITY = {
    "server": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The token of POST /oauth/token",
    },
    "callout": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The token of POST /oauth/calloutToken, for one customer's callouts",
    },
    "client": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Sandbox-Client",
        "description": "The clientId of the tenant; the control surface is for this machine only",
    },
}
_SCHEMES: dict[Scope, list[dict[str, list[str]]]] = {
    Scope.OPEN: [],
    Scope.SERVER: [{"server": []}],
    Scope.EITHER: [{"server": []}, {"callout": []}],
    Scope.CONTROL: [{"server": []}, {"client": []}],
}


def describe(routes: Iterable[Route], version: str) -> dict[str, object]:
    """Return the description of these routes as a JSON object."""
    table = tuple(routes)
    schemas = _Schemas(table)
    paths: dict[str, dict[str, object]] = {}
    for known in table:
        for path in (known.path, *known.also):
            paths.setdefault(path, {})[known.method.lower()] = _operation(known, path, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AURA Panic API v2, as the aurasim sandbox speaks it",
            "version": version,
            "description": f"AURA's API is under {PREFIX}; {CONTROL} is the sandbox's own.",
        },
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": _SECURITY},
    }


class _Schemas:
    """The JSON schemas of all types of a table, each once."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        types = list(dict.fromkeys(t for known in routes for t in _types(known)))
        found, self.components = msgspec.json.schema_components(
            types, schema_hook=_anything, ref_template=_REF
        )
        self._by_type = dict(zip(map(_key, types), found, strict=True))

    def of(self, kind: object) -> dict[str, object]:
        """Return the schema of a type, a reference where it has a name; of a tuple any of them."""
        if isinstance(kind, tuple):
            return {"anyOf": [self.of(one) for one in kind]}
        return self._by_type[_key(kind)]


def _anything(kind: type) -> dict[str, object]:
    """Return the schema of a value that may be anything."""
    if kind is object:
        return {"description": "anything"}
    raise NotImplementedError(kind)


def _key(kind: object) -> str:
    return repr(kind)


def _types(known: Route) -> list[object]:
    taken = [known.takes[1]] if known.takes else []
    answers = (a if isinstance(a, tuple) else (a,) for a in known.answers.values())
    return [Failure, *taken, *chain.from_iterable(answers)]


def _operation(known: Route, path: str, schemas: _Schemas) -> dict[str, object]:
    is_other = path != known.path
    operation: dict[str, object] = {
        "operationId": f"{known.name}_{known.also.index(path)}" if is_other else known.name,
        "summary": known.summary,
        "tags": [_tag(path)],
        "security": _SCHEMES[known.scope],
        "parameters": [_parameter(name) for name in re.findall(r"{(\w+)}", path)],
        "responses": _responses(known, schemas),
    }
    if known.takes is not None:
        content_type, kind = known.takes
        operation["requestBody"] = {
            "required": not known.may_be_empty,
            "content": {content_type: {"schema": schemas.of(kind)}},
        }
    return operation


def _tag(path: str) -> str:
    return "sandbox" if path.startswith(CONTROL) else path.removeprefix(PREFIX).split("/")[1]


def _parameter(name: str) -> dict[str, object]:
    is_number = name in _NUMBERS
    schema = {"type": "integer", "minimum": 0} if is_number else {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


_NUMBERS = {
    "customerId",
    "subscriptionId",
    "calloutId",
    "responseTypeId",
    "locationId",
    "deliveryId",
    "faultId",
}


def _responses(known: Route, schemas: _Schemas) -> dict[str, object]:
    responses: dict[str, object] = {}
    for status, kind in known.answers.items():
        responses[str(status)] = _response(status, known.content_type, schemas.of(kind))
    for status in (*known.refusals, *_EVERYWHERE):
        responses.setdefault(str(status), _response(status, JSON_TYPE, schemas.of(Failure)))
    return responses


def _response(status: int, content_type: str, schema: dict[str, object]) -> dict[str, object]:
    return {"description": _REASONS[status], "content": {content_type: {"schema": schema}}}

"""What a button does: a form becomes the body of a route of the control API, and that is run.

A form comes from a page of this sandbox or it is refused: no other page that a browser has open may
act here.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import msgspec

from simulator.aura.http import Request
from simulator.sandbox.decoding import refusal_of
from simulator.sandbox.refusal import RefusedError, malformed
from simulator.sandbox.routing import CONTROL, JSON_TYPE, Call, Reply, Route, Scope
from simulator.sandbox.tenant import Tenant

_FORM = "application/x-www-form-urlencoded"
_OURS = re.compile(rf"{CONTROL}/[\x21-\x5b\x5d-\x7e]*")
_SAME = (None, "same-origin", "none")
_OPEN = "create_tenant"


def act(call: Call) -> Reply:
    """Run the control route that a form names, and send the browser back to a page."""
    _check_origin(call.request)
    form = _fields(call.request)
    back = form.pop("back", f"{CONTROL}/")
    action = _route(call, call.path["action"])
    name = form.pop("tenant", "")
    _run(call, None if action.name == _OPEN else call.tenants.named(name), action, form)
    is_ours = _OURS.fullmatch(back) is not None
    place = back if is_ours else f"{CONTROL}/"
    return Reply(303, b"", "text/plain", {"location": place})


def _run(call: Call, tenant: Tenant | None, action: Route, form: dict[str, str]) -> None:
    places = re.findall(r"\{(\w+)\}", action.path)
    path = {name: form.pop(name, "") for name in places}
    headers = {"content-type": JSON_TYPE}
    request = Request(action.method, call.request.path, headers, _body(action, form))
    if tenant is not None:
        tenant.clock.sync()
    action.run(Call(call.tenants, request, "", path, tenant, None))
    if tenant is not None:
        tenant.clock.sync()


def _route(call: Call, name: str) -> Route:
    for known in call.tenants.house.routes:
        is_control = known.scope is Scope.CONTROL or known.name == _OPEN
        if known.name == name and is_control and known.method != "GET":
            return known
    raise RefusedError(404, f"There is no action {name[:100]}.")


def _fields(request: Request) -> dict[str, str]:
    """Return the fields of a form; a field left empty counts as not given."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != _FORM:
        raise malformed("Content-Type", f"must be {_FORM}.")
    try:
        return dict(parse_qsl(request.body.decode(), max_num_fields=100))
    except ValueError as error:
        raise malformed("body", "is not a form.") from error


def _body(action: Route, form: Mapping[str, str]) -> bytes:
    if action.takes is None:
        return b""
    shape = action.takes[1]
    try:
        return msgspec.json.encode(msgspec.convert(form, shape, strict=False))
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error


def _check_origin(request: Request) -> None:
    origin = request.headers.get("origin")
    is_same = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not is_same or request.headers.get("sec-fetch-site") not in _SAME:
        raise RefusedError(403, "A form of another page is not accepted.")

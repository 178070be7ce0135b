"""The control surface as calls of the AURA client: to play the control room, to read the log."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from simulator.aura.call import Call
from simulator.aura.http import Response
from simulator.sandbox.routing import CONTROL
from simulator.sandbox.rows import State


class Advanced(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a callout stands now, and what the next step would be."""

    state: State
    next_state: State | None
    is_active: bool


class LoggedRequest(Struct, frozen=True, kw_only=True):
    """One request of the log, as the sandbox shows it."""

    number: int
    at: str
    method: str
    path: str
    route: str | None
    status: int
    device: str | None
    callout: str | None
    customer: str | None
    press: str | None
    frame: str | None
    body: str
    answer: str


class RequestPage(Struct, frozen=True, kw_only=True):
    """The newest requests, oldest first; `forgotten` had no room in the log."""

    requests: tuple[LoggedRequest, ...]
    forgotten: int


def advance_callout(callout_id: int, to: State | None = None) -> Call[Advanced]:
    """Take a callout one step on as AURA would, or through all steps to a state."""
    return Call(
        method="POST",
        path=f"{CONTROL}/callouts/{callout_id}/advance",
        read=_read_advanced,
        body=b"{}" if to is None else msgspec.json.encode({"to": to}),
        has_prefix=False,
    )


def close_callout(callout_id: int) -> Call[State]:
    """Close a callout as AURA's control room would; the result is its logical state."""
    call = advance_callout(callout_id, State.CLOSED)
    return Call(call.method, call.path, _read_state, call.body, has_prefix=False)


def logged_requests(wanted: Mapping[str, str]) -> Call[RequestPage]:
    """Return the requests that are as wanted: `method`, `path` (with `*`), `device` and so on."""
    query = f"?{urlencode(wanted)}" if wanted else ""
    return Call("GET", f"{CONTROL}/requests{query}", _read_page, has_prefix=False)


def _read_advanced(response: Response) -> Advanced:
    return msgspec.json.decode(response.body, type=Advanced)


def _read_state(response: Response) -> State:
    return _read_advanced(response).state


def _read_page(response: Response) -> RequestPage:
    return msgspec.json.decode(response.body, type=RequestPage)

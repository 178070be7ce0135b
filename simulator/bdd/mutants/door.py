"""Ways to break the sandbox at its door: answers changed, requests changed, work not done."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import msgspec

from simulator.aura import Request, Response
from simulator.bdd.exchange import object_in
from simulator.bdd.mutants.planting import Handle, Mutant, at_the_door

Json: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[Json], object]
_DONE = b'{"message":"Request completed successfully."}'


def edits(name: str, says: str, where: str, change: Change) -> Mutant:
    """Return the mutant that changes the JSON of answers; `where` is `METHOD path-pattern`."""

    def answer(handle: Handle, request: Request) -> Response:
        response = handle(request)
        if not is_there(request, where) or response.status >= 300:
            return response
        body = msgspec.json.decode(response.body)
        changed = change(body)
        return replace(response, body=msgspec.json.encode(body if changed is None else changed))

    return at_the_door(name, says, answer)


def asks(name: str, says: str, where: str, change: Change) -> Mutant:
    """Return the mutant that changes the JSON of requests before AURA sees it."""

    def answer(handle: Handle, request: Request) -> Response:
        if not is_there(request, where):
            return handle(request)
        body = object_in(request.body)
        change(body)
        return handle(replace(request, body=msgspec.json.encode(body)))

    return at_the_door(name, says, answer)


def ignores(name: str, says: str, where: str, answered: bytes = _DONE) -> Mutant:
    """Return the mutant that answers well and does nothing."""

    def answer(handle: Handle, request: Request) -> Response:
        if not is_there(request, where):
            return handle(request)
        return Response(200, {"content-type": "application/json"}, answered)

    return at_the_door(name, says, answer)


def ignores_event(name: str, says: str, message_type: int) -> Mutant:
    """Return the mutant that answers a kind of device event well and does nothing."""

    def answer(handle: Handle, request: Request) -> Response:
        event = object_in(request.body) if is_there(request, "POST /deviceEvent") else {}
        if event.get("message_type") != message_type:
            return handle(request)
        kinds = {1: "NEW_CALLOUT", 2: "UPDATE_LOCATION", 3: "CANCEL_CALLOUT", 4: "HEALTH_CHECK"}
        said = {"deviceId": event.get("device_id")}
        resolved = {"eventTypes": kinds[message_type], "eventResponse": said}
        body = {"message": "Event successfully processed...", "input": event}
        return Response(200, {}, msgspec.json.encode({**body, "resolvedAuraEvent": resolved}))

    return at_the_door(name, says, answer)


def turns(name: str, says: str, where: str, status: int, into: int) -> Mutant:
    """Return the mutant that turns one status into another."""

    def answer(handle: Handle, request: Request) -> Response:
        response = handle(request)
        wrong = is_there(request, where) and response.status == status
        return replace(response, status=into) if wrong else response

    return at_the_door(name, says, answer)


def is_there(request: Request, where: str) -> bool:
    method, _, pattern = where.partition(" ")
    path = request.path.removeprefix("/panic-api/v2")
    return request.method == method and re.fullmatch(pattern, path) is not None

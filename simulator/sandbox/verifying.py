"""Whether a tenant was asked something, and if not, what came nearest."""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from simulator.sandbox.request_log import Logged

_NEAREST = 3


class Wanted(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a request looks like; `path` may have `*`, `body` is a part of the body."""

    method: str | None = None
    path: str | None = None
    route: str | None = None
    device: str | None = None
    callout: str | None = None
    customer: str | None = None
    press: str | None = None
    frame: str | None = None
    status: int | None = None
    body: dict[str, object] | None = None
    since_number: int | None = None


class Expectation(Wanted, frozen=True, kw_only=True, rename="camel"):
    """How often such a request is expected; at least once if nothing is said."""

    at_least: Annotated[int, Meta(ge=0)] = 1
    at_most: Annotated[int, Meta(ge=0)] | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """How many were seen, and the nearest misses with what they miss."""

    matched: tuple[Logged, ...]
    nearest: tuple[tuple[Logged, tuple[str, ...]], ...]


def matching(log: Iterable[Logged], wanted: Wanted) -> list[Logged]:
    """Return the requests that are as wanted."""
    return [entry for entry in log if not _missed(entry, wanted)]


def judge(log: Iterable[Logged], wanted: Wanted) -> Verdict:
    """Return the requests that are as wanted, and those that are nearly so, nearest first."""
    scored = [(entry, _missed(entry, wanted)) for entry in log]
    near = sorted((s for s in scored if s[1]), key=lambda s: (len(s[1]), -s[0].number))
    return Verdict(
        matched=tuple(entry for entry, missed in scored if not missed),
        nearest=tuple(near[:_NEAREST]),
    )


def said(wanted: Wanted) -> str:
    """Return a wish in words."""
    words = [wanted.method or "request", wanted.path or wanted.route or ""]
    parts = ("device", "callout", "customer", "press", "frame", "status", "body")
    words += [f"{n} {getattr(wanted, n)}" for n in parts if getattr(wanted, n) is not None]
    return " ".join(word for word in words if word)


_TESTS: Mapping[str, Callable[[Logged, Wanted], bool]] = {
    "method": lambda e, w: w.method is None or e.method == w.method.upper(),
    "path": lambda e, w: w.path is None or fnmatchcase(e.path, w.path),
    "route": lambda e, w: w.route in (None, e.route),
    "device": lambda e, w: w.device in (None, e.device),
    "callout": lambda e, w: w.callout in (None, e.callout),
    "customer": lambda e, w: w.customer in (None, e.customer),
    "press": lambda e, w: w.press in (None, e.press),
    "frame": lambda e, w: w.frame in (None, e.frame),
    "status": lambda e, w: w.status in (None, e.status),
    "body": lambda e, w: w.body is None or _contains(_json(e.body), w.body),
}


def _missed(entry: Logged, wanted: Wanted) -> tuple[str, ...]:
    if wanted.since_number is not None and entry.number < wanted.since_number:
        return tuple(_TESTS)
    return tuple(name for name, is_met in _TESTS.items() if not is_met(entry, wanted))


def _json(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None


def _contains(found: object, part: object) -> bool:
    """Return whether a JSON value has a part: objects by their fields, all else as it is."""
    if isinstance(part, dict):
        return isinstance(found, dict) and all(
            name in found and _contains(found[name], value) for name, value in part.items()
        )
    return found == part

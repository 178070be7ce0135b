"""What a conversation with AURA is made of: requests with places that earlier answers fill."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Step:
    """One request, and what is remembered of its answer.

    `{name}` in path and body stands for a value; a text that is nothing but a place becomes the
    value itself, a number where it is one. `keep` says under which name a value of the answer is
    kept, by its path in dots. `values` are the paths whose values, not only types, are compared.
    """

    name: str
    method: str
    path: str
    body: Json = None
    keep: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    has_bearer: bool = True
    has_prefix: bool = True


@dataclass(frozen=True, slots=True)
class Conversation:
    """Requests that belong together; a step that cannot be filled ends it."""

    name: str
    steps: tuple[Step, ...]


class EmptyPlaceError(LookupError):
    """A step needs a value that no earlier answer gave: `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def filled(value: Json, known: Mapping[str, Json]) -> Json:
    """Return a value with its places filled; raise EmptyPlaceError."""
    if isinstance(value, str):
        whole = _PLACE.fullmatch(value)
        if whole:
            return _known(whole[1], known)
        return _PLACE.sub(lambda found: str(_known(found[1], known)), value)
    if isinstance(value, Mapping):
        return {key: filled(one, known) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [filled(one, known) for one in value]
    return value


def found(body: Json, path: str) -> Json:
    """Return what is in an answer under a path such as `callout.id` or `0.id`; None for nothing."""
    for name in path.split("."):
        if isinstance(body, Mapping):
            body = body.get(name)
        elif isinstance(body, Sequence) and not isinstance(body, str):
            body = body[int(name)] if name.isdecimal() and int(name) < len(body) else None
        else:
            return None
    return body


def _known(name: str, known: Mapping[str, Json]) -> Json:
    if known.get(name) is None:
        raise EmptyPlaceError(name)
    return known[name]

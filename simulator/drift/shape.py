"""An answer reduced to its shape: which fields there are, and of which types.

Ids, times and words differ from run to run; what an integration depends on does not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from simulator.aura import Response
from simulator.drift.steps import Json

UNKNOWN = "null"
"""The type of a field that says nothing: it fits every other."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One answer: status, kind of body, the types of its fields, and the values that count.

    A field is named by its path; `[]` stands for every element of a list, and a type of several is
    written `integer|string`.
    """

    status: int
    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


def shape_of(
    response: Response, values: Iterable[str] = (), known: Mapping[str, Json] | None = None
) -> Shape:
    """Reduce an answer. `values` are paths whose values count; a value in `known` is shown as it.

    A text that is compared is compared without regard to case, as AURA's free texts have to be.
    """
    kind, body = _body(response)
    types: dict[str, set[str]] = {}
    for path, name in _walk(body, ""):
        types.setdefault(path, set()).add(name)
    wanted = {path: _shown(one, known or {}) for path in values for one in _at(body, path)}
    return Shape(
        response.status,
        kind,
        {path: _type(names) for path, names in sorted(types.items())},
        wanted,
    )


def _body(response: Response) -> tuple[str, Json]:
    if not response.body:
        return "empty", None
    try:
        return "JSON", msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        start = response.body.lstrip()[:1]
        return ("XML" if start == b"<" else "text"), None


def _walk(value: Json, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        yield path, "object"
        for key, one in value.items():
            yield from _walk(one, f"{path}.{key}" if path else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield path, "list"
        for one in value:
            yield from _walk(one, f"{path}[]")
    elif isinstance(value, bool):
        yield path, "boolean"
    else:
        yield path, {int: "integer", float: "number", str: "string"}.get(type(value), UNKNOWN)


def _type(names: set[str]) -> str:
    known = sorted(names - {UNKNOWN})
    if known == ["integer", "number"]:
        return "number"
    return "|".join(known) or UNKNOWN


def _at(value: Json, path: str) -> Iterator[Json]:
    """Yield what is under a path, where `[]` is the first of a list."""
    for name in path.replace("[]", ".0").lstrip(".").split("."):
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, Sequence) and not isinstance(value, str) and name == "0" and value:
            value = value[0]
        else:
            return
    yield value


def _shown(value: Json, known: Mapping[str, Json]) -> str:
    names = [name for name, one in known.items() if one is not None and str(one) == str(value)]
    if names:
        return f"the {names[0]}"
    return value.casefold() if isinstance(value, str) else msgspec.json.encode(value).decode()

"""The reference of run files, written from the types, so that it cannot drift.

A key's meaning is the comment behind it in the type, its form is what the type accepts.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

import msgspec

from simulator.clock import Duration
from simulator.device.area import Area
from simulator.device.gnss import Gnss
from simulator.device.incident import Incident
from simulator.device.persona import Persona, PlaceRate
from simulator.device.power import Charging, Climate
from simulator.device.ways import Route, Streets
from simulator.faults import AnyFault, Fault
from simulator.link import Coverage
from simulator.run import file
from simulator.run.shapes import shapes
from simulator.run.tables import shipped_personas

_Schema = Mapping[str, Any]
_TABLES: Sequence[tuple[str, type[msgspec.Struct]]] = (
    ("The top of the file", file.RunFile),
    ("[people]", file.PeopleTable),
    ("[place]", file.PlaceTable),
    ("[native]", file.NativeTable),
    ("[[personas]]", Persona),
    ("[[personas]] places", PlaceRate),
    ("[[incidents]]", Incident),
    ("[[routes]]", Route),
    ("[[routes]] streets", Streets),
    ("[coverage]", Coverage),
    ("[gnss]", Gnss),
    ("[climate]", Climate),
    ("[charging]", Charging),
    ("[[acts]]", file.ActTable),
    ("Areas", Area),
)
_HEAD = """# Run files

What a run is told, in TOML: `aurasim run FILE`. Every key is optional; flags win over the file,
and `aurasim run --list` names the run files that ship. This page is written by
`aurasim run --reference`, which a test holds to: change the types, not this page.

Durations are texts such as `"30s"`, `"15m"`, `"24h"`, `"7d"` or `"1h30m"`; numbers have their
unit in the name (`_s` seconds, `_m` metres, `_ms` metres a second). Times count from the moment
at which the fleet is switched on. `devices` takes names (`gt06/7`), profiles (`gt06`) and
patterns (`eview-*`). A file that cannot be used is refused with its line and key before anything
begins.
"""
_FILES = """An area may be `{ file = "suburb.geojson" }`, and a route `file = "walk.gpx"` (or
GeoJSON) in place of `waypoints`; both are looked for beside the run file. Times of a recorded
track are kept, unless `speed_kmh` is given. XML with entities or a document type is refused.
"""


def reference() -> str:
    """Return the reference as Markdown."""
    return "\n".join([_HEAD, *_shapes(), *_tables(), _FILES, *_personas(), *_faults()])


def _shapes() -> Iterator[str]:
    yield "## Shapes that ship\n"
    rows = ([f"`{one.name}`", one.purpose, one.asks] for one in shapes())
    yield from _rows(["shape", "purpose", "it asks"], rows)


def _tables() -> Iterator[str]:
    for title, table in _TABLES:
        yield f"## {title}\n"
        yield f"{inspect.cleandoc(table.__doc__ or '')}\n"
        yield from _rows(["key", "form", "default", "meaning"], _keys(table))


def _personas() -> Iterator[str]:
    yield "## Personas that ship\n"
    yield 'Named with `like = "panicker"`; what is written beside it is different.\n'
    shipped = shipped_personas().items()
    rows = (
        [f"`{name}`", ", ".join(f"{key} {value}" for key, value in told.items())]
        for name, told in shipped
    )
    yield from _rows(["persona", "its keys"], rows)


def _faults() -> Iterator[str]:
    kinds: Sequence[type[Fault]] = get_args(AnyFault)
    yield "## [[faults]]\n"
    yield f"{inspect.cleandoc(Fault.__doc__ or '')}\n"
    yield "Faults of different kinds add up; two of one kind may not overlap on the same devices."
    yield "`kind` is one of those below; `strength` is the chance that a frame or a press is hit.\n"
    yield from _rows(["key", "form", "default", "meaning"], _keys(Fault))
    own = {field.name for field in msgspec.structs.fields(Fault)}
    for kind in kinds:
        where = "of the link" if kind.is_of_link else "of the device"
        yield f'### kind = "{kind.__struct_config__.tag}" ({where})\n'
        yield f"{inspect.cleandoc(kind.__doc__ or '')}\n"
        rows = list(_keys(kind, without=own))
        if rows:
            yield from _rows(["key", "form", "default", "meaning"], rows)


def _keys(table: type[msgspec.Struct], without: Iterable[str] = ()) -> Iterator[list[str]]:
    meanings = dict(_comments(table))
    for field in msgspec.structs.fields(table):
        if field.name not in without:
            default = "required" if field.required else _shown(field)
            meaning = meanings.get(field.name, "")
            yield [f"`{field.encode_name}`", _form_of(field.type), default, meaning]


def _form_of(kind: Any) -> str:
    """Return what a type accepts; of what holds tables with durations only that it does."""
    try:
        (schema,), parts = msgspec.json.schema_components([kind], schema_hook=_schema_of)
    except TypeError:  # msgspec cannot write the defaults of durations
        return "list of tables" if get_origin(kind) in (list, tuple) else "table"
    return _form(schema, {name: part["enum"] for name, part in parts.items() if "enum" in part})


def _comments(table: type) -> Iterator[tuple[str, str]]:
    """Yield the comment behind each key, of the type and of those that it is made from."""
    for part in reversed(table.__mro__):
        if issubclass(part, msgspec.Struct) and part is not msgspec.Struct:
            source = inspect.getsource(part)
            yield from re.findall(r"^    (\w+): .*?  # (.+)$", source, re.MULTILINE)


def _schema_of(kind: type) -> dict[str, object]:
    if kind is Duration:
        return {"type": "duration"}
    raise NotImplementedError


def _form(schema: _Schema, enums: Mapping[str, list[str]]) -> str:
    """Return what a JSON schema accepts, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return ", ".join(f"`{word}`" for word in enums[name]) if name in enums else "table"
    if "anyOf" in schema:
        forms = (_form(one, enums) for one in schema["anyOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(forms))
    kind: str = schema.get("type", "any value")
    if kind == "array":
        each = schema.get("items") or (schema.get("prefixItems") or [{}])[0] or {}
        pair = "two: " if schema.get("prefixItems") else "list of "
        return f"{pair}{_form(each, enums)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"table of {_form(schema['additionalProperties'], enums)}"
    words = {"string": "text", "boolean": "true or false", "integer": "whole number"}
    return words.get(kind, kind.replace("object", "table")) + _limits(schema)


def _limits(schema: _Schema) -> str:
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    return "".join(f" {sign} {schema[name]:g}" for name, sign in signs.items() if name in schema)


def _shown(field: msgspec.structs.FieldInfo) -> str:
    default = (
        field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    )
    if default is None or default in ((), [], {}, ""):
        return "none"
    if isinstance(default, Duration):
        return f'`"{default:g}s"`'
    return f"`{msgspec.json.encode(default).decode()}`"


def _rows(columns: Sequence[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""

"""The reference of the profile format, written from the types, so that it cannot drift.

A key's meaning is the comment behind it in the type, its form is what the type accepts.
"""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from simulator.codec import sums
from simulator.codec._generic import tables as layout
from simulator.frame import Kind
from simulator.profile import _model as model
from simulator.profile._facts import FACTS

_Schema = Mapping[str, Any]
_TABLES: Sequence[tuple[str, type[msgspec.Struct]]] = (
    ("the top of the file", model.Profile),
    ("[identity]", model.Identity),
    ("[identity] device_id", model.DeviceIdRule),
    ("[behaviour]", model.Behaviour),
    ("[battery]", model.Battery),
    ("[motion]", model.Motion),
    ('[link] network = "sigfox"', model.SigfoxLink),
    ('[link] network = "lorawan"', model.LorawanLink),
    ('[link] network = "cellular"', model.CellularLink),
    ('[link] network = "ble"', model.BleLink),
    ('[link] network = "direct"', model.DirectLink),
    ("[frames.KIND]", model.FrameTemplate),
    ("[words.NAME]", model.Words),
    ("[commands.NAME]", model.CommandTemplate),
    ("[[meaning]]", model.Meaning),
    ("[aura]", model.AuraTemplate),
    ("[wire]", model.Wire),
    ("[acceptance]", model.Acceptance),
    ("[layout]", layout.LayoutTable),
    ("[layout.messages.NAME]", layout.MessageTable),
    ("[layout.messages.NAME] fields", layout.FieldTable),
    ("[layout] text", layout.TextTable),
    ("[layout] framing", layout.FramingTable),
)
_MODULES = (model.__name__, layout.__name__)
_UNITS = {
    "_s": "seconds",
    "_m": "metres",
    "_kmh": "km/h",
    "_mah": "mAh",
    "_mv": "mV",
    "_ua": "microampere",
    "_ma": "mA",
    "_mas": "mA s",
    "_percent": "percent",
}
_CONDITIONS = {
    "a value": "the frame says the very value; true is not 1",
    "a list": "the frame says one of the values",
    '`"present"`, `"absent"`': "the frame says the value, or does not",
    '`"rises"`, `"falls"`': "it became true, or false, since the last frame of the device",
    "`when_open`": "only while a callout of the device is open, or only while none is",
}
_HEAD = """# Profiles

One file a device model; everything here is data. Written by `aurasim profiles reference`, which a
test holds to: change the types, not this page.

Units stand in the names: `_s` seconds, `_m` metres, `_mah` mAh, and so on. Every key of
`[behaviour]`, `[battery]`, `[motion]`, `[link]` and `[acceptance]` needs its origin under
`[provenance.TABLE]`, as `key = "documented: source"`, `"captured: source"` or `"assumed: reason"`.
"""


def reference() -> str:
    """Return the reference as Markdown."""
    return "\n".join(
        [_HEAD, *_tables(), *_sums(), *_kinds(), *_commands(), *_facts(), *_conditions()]
    )


def _tables() -> Iterator[str]:
    for title, table in _TABLES:
        yield f"## {title}\n"
        yield f"{inspect.cleandoc(table.__doc__ or '')}\n"
        yield from _rows(["key", "form", "unit", "default", "meaning"], _keys(table))


def _keys(table: type[msgspec.Struct]) -> Iterator[list[str]]:
    _, parts = msgspec.json.schema_components([table])
    properties = parts[table.__name__]["properties"]
    enums = {name: part["enum"] for name, part in parts.items() if "enum" in part}
    meanings = dict(_comments(table))
    for field in msgspec.structs.fields(table):
        key = field.encode_name
        if key not in properties or (table is model.Profile and key == "path"):
            continue
        schema = properties[key]
        unit = next((u for end, u in _UNITS.items() if field.name.endswith(end)), "")
        default = "required" if field.required else _shown(schema.get("default"))
        meaning = meanings.get(field.name, "")
        yield [f"`{key}`", _form(schema, enums), unit, default, meaning]


def _comments(table: type) -> Iterator[tuple[str, str]]:
    """Yield the comment behind each key, of the type and of those that it is made from."""
    for part in reversed(table.__mro__):
        if issubclass(part, msgspec.Struct) and part.__module__ in _MODULES:
            source = inspect.getsource(part)
            yield from re.findall(r"^    (\w+): .*?  # (.+)$", source, re.MULTILINE)


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
        return f"list of {_form(_each(schema), enums)}s"
    words = {"string": "text", "boolean": "true or false", "integer": "whole number"}
    return words.get(kind, kind.replace("object", "table")) + _limits(schema)


def _each(schema: _Schema) -> _Schema:
    return schema.get("items") or (schema.get("prefixItems") or [{}])[0] or {}


def _limits(schema: _Schema) -> str:
    signs = {
        "minimum": ">=",
        "exclusiveMinimum": ">",
        "maximum": "<=",
        "exclusiveMaximum": "<",
    }
    limits = (f"{sign} {schema[name]:g}" for name, sign in signs.items() if name in schema)
    return "".join(f" {limit}" for limit in limits)


def _shown(default: object) -> str:
    if default is None:
        return "none"
    return f"`{msgspec.json.encode(default).decode()}`"


def _sums() -> Iterator[str]:
    yield "## Checksums of a layout\n"
    yield f"{', '.join(f'`{name}`' for name in sums())}.\n"


def _kinds() -> Iterator[str]:
    yield "## Kinds of frames and messages\n"
    yield f"`KIND` is one of {', '.join(f'`{kind}`' for kind in Kind)}.\n"


def _commands() -> Iterator[str]:
    yield "## Commands\n"
    yield f"`NAME` is one of {', '.join(f'`{command}`' for command in model.Command)}.\n"


def _facts() -> Iterator[str]:
    yield "## Facts that a frame may name\n"
    yield from _rows(["fact", "meaning"], ([f"`${name}`", text] for name, text in FACTS.items()))


def _conditions() -> Iterator[str]:
    yield "## Conditions of a meaning\n"
    yield from _rows(["condition", "holds when"], map(list, _CONDITIONS.items()))


def _rows(columns: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""

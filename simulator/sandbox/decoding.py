"""JSON bodies to types: what does not fit is refused with the name of the field."""

import re
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from simulator.sandbox.refusal import RefusedError, malformed

Json = dict[str, object]
B = TypeVar("B")

_READ_OBJECT = msgspec.json.Decoder(dict[str, object])


def decoder_of(
    body: type[B], older: Callable[[Json], Json] | None = None
) -> Callable[[bytes, bool], B]:
    """Return what reads a body as a type; told to, it takes the older shape too."""
    read = msgspec.json.Decoder(body).decode

    def decode(raw: bytes, accept_older: bool) -> B:
        if accept_older and older is not None:
            return _decode_older(raw, body, older)
        _check_text(raw)
        try:
            return read(raw)
        except msgspec.ValidationError as error:
            raise refusal_of(error) from error
        except (msgspec.DecodeError, RecursionError) as error:
            raise _not_json(error) from error

    return decode


def read_object(raw: bytes) -> Json:
    """Return a body as the object it is, whatever is in it."""
    _check_text(raw)
    try:
        return _READ_OBJECT.decode(raw)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_json(error) from error


def _check_text(raw: bytes) -> None:
    """Refuse what is not UTF-8, also where no field would be read."""
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            raise malformed("body", f"is not UTF-8 at byte {error.start}.") from error


def _decode_older(raw: bytes, body: type[B], older: Callable[[Json], Json]) -> B:
    try:
        return msgspec.convert(older(read_object(raw)), body)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error


def refusal_of(error: msgspec.ValidationError, inside: str = "") -> RefusedError:
    """Return a refusal that names the field as a caller would write it."""
    reason, _, place = str(error).partition(" - at `$")
    field = f"{inside}{place.rstrip('`')}".lstrip(".")
    absent = re.fullmatch(r"Object missing required field `(.+)`", reason)
    if absent:
        return malformed(f"{field}.{absent[1]}" if field else absent[1], "is required.")
    reason = re.sub(r"`", "", reason)
    return malformed(field or "body", f"{reason[0].lower()}{reason[1:]}.")


def _not_json(error: Exception) -> RefusedError:
    if isinstance(error, RecursionError):
        return malformed("body", "is nested too deeply.")
    return malformed("body", f"is not JSON: {str(error).removeprefix('JSON is malformed: ')}.")


def partial(whole: type[msgspec.Struct], name: str) -> type[msgspec.Struct]:
    """Return a type with the fields of another, each of which may be absent (UNSET)."""
    fields = [
        (field.name, field.type | UnsetType, UNSET) for field in msgspec.structs.fields(whole)
    ]
    spelling = {f.name: f.encode_name for f in msgspec.structs.fields(whole)}
    return msgspec.defstruct(
        name,
        fields,
        frozen=True,
        kw_only=True,
        rename=spelling,
        module=__name__,
        forbid_unknown_fields=whole.__struct_config__.forbid_unknown_fields,
    )


def changed_fields(changes: msgspec.Struct) -> dict[str, object]:
    """Return the fields of a `partial` that are not absent, by their names."""
    said = msgspec.structs.asdict(changes)
    return {name: value for name, value in said.items() if value is not UNSET}

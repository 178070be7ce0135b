"""The JSON in which Sigfox data reaches an application, and the answer that carries a downlink.

A body is the customer's template filled in. Decoding gives the values and the template they would
fill, so that the same body can be made again, or the next one.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import ClassVar
from urllib.parse import quote_plus, unquote_plus

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.codec._sigfox_payloads import NAME, read_data, read_tags
from simulator.codec._sigfox_variables import ALIASES, BODY, BY_NAME, LOCATION, STATION, Variable
from simulator.frame import Direction, Value

_LONGEST = 65536
_ABSENT = (None, "null")
_LOCATIONS = ("location", "computedLocation")
_PAYLOADS = {"data": read_data, "payload": read_tags}
_VARIABLE = re.compile(r"\{(\w+)\}")
_MEMBER = re.compile(r'"(\w+)"(\s*:\s*"?)([^"\\,{}\[\]]*?)(?=["\s,}])')
_LOCATION_TEMPLATE = (
    '{ "device": "{device_id}", "location": {"lat":{latitude},"lng":{longitude},'
    '"radius":{accuracy_m},"source":{location_source},"status":1} }'
)

JsonObject = dict[str, Value]


class SigfoxCallback(Codec):
    """Callbacks of data, status and location, of the network itself or of a middleware."""

    name: ClassVar[str] = NAME
    is_text: ClassVar[bool] = True

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return the values of a body, and its `template`.

        >>> CODEC.decode(b'{ "device": "40D310", "payload": "62", "seqNumber": 10 }')["alarm"]
        'sos'
        """
        text, values = _opened(frame)
        body = _parsed(text)
        if context.direction is Direction.DOWNLINK:
            return _read_answer(body)
        values |= _read_body(body)
        values["template"] = _template(text, values)
        return values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the body: `template` filled in, or the network's usual one."""
        fields = Fields(NAME, values)
        if context.direction is Direction.DOWNLINK:
            return _write_answer(fields)
        text = _filled(_given_template(fields), fields)
        _parsed(text)
        is_form = fields.flag("form_encoded", False)
        return (f"{quote_plus(text)}=" if is_form else text).encode()


def _opened(frame: bytes) -> tuple[str, JsonObject]:
    """Return the JSON text; one sender posts it percent-encoded, as the key of a form."""
    if len(frame) > _LONGEST:
        raise FrameError(NAME, f"has {len(frame)} bytes, a body has at most {_LONGEST}")
    try:
        text = frame.decode()
    except UnicodeDecodeError as error:
        raise FrameError(NAME, f"byte {error.start} is no UTF-8") from error
    if not text.startswith("%7B"):
        return text, {}
    return unquote_plus(text.partition("=")[0]), {"form_encoded": True}


def _parsed(text: str) -> JsonObject:
    try:
        body = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise FrameError(NAME, f"the body is no JSON: {error}"[:200]) from error
    if not isinstance(body, dict):
        raise FrameError(NAME, "the body is no JSON object")
    return body


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _read_body(body: JsonObject) -> JsonObject:
    values = _found(BODY, body)
    if "device_id" not in values:
        raise FrameError(NAME, "neither device nor deviceId says whose message this is")
    location = next((body[key] for key in _LOCATIONS if isinstance(body.get(key), dict)), None)
    if isinstance(location, dict):
        values |= _found(LOCATION, location)
    if "payload_hex" in values or location is not None:
        values |= _found(STATION, body)
    else:
        values |= _found(LOCATION, body)
    return values | _read_payload(body, values.get("payload_hex"))


def _found(variables: Iterable[Variable], body: JsonObject) -> JsonObject:
    values: JsonObject = {}
    for variable in variables:
        keys = [key for key in variable.keys if body.get(key) not in _ABSENT]
        if keys:
            values[variable.name] = _read(variable, keys[0], body[keys[0]])
    return values


def _read(variable: Variable, key: str, value: Value) -> Value:
    try:
        return variable.read(value)
    except (ValueError, OverflowError) as error:
        raise FrameError(NAME, f"'{key}' is no {variable.name}: {error}"[:200]) from error


def _read_payload(body: JsonObject, payload: Value) -> JsonObject:
    key = next((key for key in BY_NAME["payload_hex"].keys if body.get(key) not in _ABSENT), "")
    if not isinstance(payload, str) or key not in _PAYLOADS:
        return {}
    return _PAYLOADS[key](bytes.fromhex(payload))


def _template(text: str, values: Values) -> str:
    """Return the text with variables where it says just what the network would write for them."""
    if any(_variable(word) for word in _VARIABLE.findall(text)):
        raise FrameError(NAME, "the body has a variable in braces that was not filled in")
    fields = Fields(NAME, values)

    def opened(match: re.Match[str]) -> str:
        key, between, literal = match.groups()
        name = next((name for name in _names(key) if _literal(name, fields) == literal), None)
        return f'"{key}"{between}{{{name}}}' if name else match.group()

    template = _MEMBER.sub(opened, text)
    return template if _filled(template, fields) == text else text


def _names(key: str) -> list[str]:
    in_location = [variable.name for variable in LOCATION if key in variable.keys]
    return in_location + ([ALIASES[key]] if key in ALIASES else [])


def _literal(name: str, fields: Fields) -> str | None:
    if name not in fields:
        return None
    try:
        return BY_NAME[name].write(fields, name)
    except FrameError:
        return None


def _variable(word: str) -> Variable | None:
    return BY_NAME.get(word) or BY_NAME.get(ALIASES.get(word, ""))


def _filled(template: str, fields: Fields) -> str:
    def filled(match: re.Match[str]) -> str:
        variable = _variable(match.group(1))
        return variable.write(fields, variable.name) if variable else match.group()

    return _VARIABLE.sub(filled, template)


def _given_template(fields: Fields) -> str:
    if "template" in fields:
        return fields.text("template", most=_LONGEST, encoding="utf-8").decode()
    if "payload_hex" not in fields and "accuracy_m" in fields:
        return _LOCATION_TEMPLATE
    key = "payload" if "event" in fields or "alarm" in fields else "data"
    members = ['"device": "{device_id}"', f'"{key}": "{{payload_hex}}"']
    members += ['"time": {time}'] if "time" in fields else []
    members += ['"seqNumber": {sequence}'] if "sequence" in fields else []
    return f"{{ {', '.join(members)} }}"


def _read_answer(body: JsonObject) -> JsonObject:
    for device, answer in body.items():
        downlink = answer.get("downlinkData") if isinstance(answer, dict) else None
        if isinstance(downlink, str):
            try:
                return {"device_id": device, "downlink_hex": bytes.fromhex(downlink).hex()}
            except ValueError as error:
                raise FrameError(NAME, f"downlinkData is no hex: {downlink!r:.40}") from error
    raise FrameError(NAME, "no device of the answer has downlinkData")


def _write_answer(fields: Fields) -> bytes:
    device = fields.text("device_id", most=8).decode()
    downlink = fields.hexadecimal("downlink_hex", 8).hex()
    answer: Mapping[str, Mapping[str, str]] = {device: {"downlinkData": downlink}}
    return json.dumps(answer, separators=(",", ":")).encode()


CODEC = SigfoxCallback()

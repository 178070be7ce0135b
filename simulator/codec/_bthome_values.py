"""BTHome v2 objects to values and back: the plain part of a service data payload.

A name that repeats is counted: `temperature_c`, `temperature_c_2`, ... Buttons are the exception,
whose order is their number: all of them are one list.
"""

import re
from collections.abc import Callable, Mapping
from math import inf

from simulator.codec._bthome_objects import (
    BUTTON_EVENTS,
    BY_ID,
    BY_NAME,
    COMMANDS,
    DIMMER_EVENTS,
    BTHomeObject,
    Form,
)
from simulator.codec._contract import FrameError, Values
from simulator.codec._fields import Fields, utc
from simulator.frame import Value

_NAME = "ble_bthome_v2"
_REPEATED = re.compile(r"(.+)_([1-9]\d?)")
_HEX_CODE = re.compile("0x[0-9a-f]{2}")
_MEASURED = {Form.TEXT, Form.RAW, Form.COMMAND}  # a length byte stands in front of the value
_COMMAND_LENGTH = 0x1F  # the upper bits of its length byte are reserved


def decode_objects(payload: bytes) -> dict[str, Value]:
    """Return the values up to the first unknown object, and the rest as `unparsed_hex`.

    `objects` lists the ids where they are not those that the encoder would choose.
    """
    values: dict[str, Value] = {}
    ids: list[int] = []
    at = 0
    while at < len(payload):
        entry = BY_ID.get(payload[at])
        if entry is None:
            values["unparsed_hex"] = payload[at:].hex()
            break
        data = _cut(payload, at, entry)
        _read(entry, data, values, at)
        ids.append(entry.id)
        at += 1 + len(data) + (entry.form in _MEASURED)
    if ids != sorted(ids) or any(BY_NAME[BY_ID[id_].name][0].id != id_ for id_ in ids):
        values["objects"] = list(ids)
    return values


def _cut(payload: bytes, at: int, entry: BTHomeObject) -> bytes:
    start, size = at + 1, entry.size
    if entry.form in _MEASURED:
        length = payload[start : start + 1]
        size = length[0] if length else 1
        size = (size & _COMMAND_LENGTH) + 1 if entry.form is Form.COMMAND else size
        start += 1
    data = payload[start : start + size]
    if len(data) < size or start > len(payload):
        what = f"object {entry.id:02x} at byte {at}: {size} bytes expected, {len(data)} left"
        raise FrameError(_NAME, what)
    return data


def _read(entry: BTHomeObject, data: bytes, values: dict[str, Value], at: int) -> None:
    if entry.form is Form.NUMBER:  # most objects are numbers
        steps = int.from_bytes(data, "little", signed=entry.signed)
        value: Value = round(steps * entry.factor, entry.places) if entry.places else steps
    else:
        try:
            value = _READERS[entry.form](data)
        except ValueError as error:
            raise FrameError(_NAME, f"object {entry.id:02x} at byte {at}: {error}") from error
    if entry.form is Form.BUTTON:
        buttons = values.setdefault(entry.name, [])
        if isinstance(buttons, list):
            buttons.append(value)
        return
    name = _free_name(entry.name, values)
    values[name] = value
    if entry.form is Form.DIMMER:
        values[name.replace("dimmer", "dimmer_steps", 1)] = data[1]
    elif entry.form is Form.COMMAND and len(data) > 1:
        values[name.replace("command", "command_args_hex", 1)] = data[1:].hex()


def _free_name(name: str, values: Mapping[str, Value]) -> str:
    if name not in values:
        return name
    number = 2
    while f"{name}_{number}" in values:
        number += 1
    return f"{name}_{number}"


def _read_flag(data: bytes) -> bool:
    if data[0] > 1:
        raise ValueError(f"a flag is 0 or 1, not {data[0]}")
    return data[0] == 1


def _read_text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ValueError("the text is not UTF-8") from error


def _read_version(data: bytes) -> str:
    return ".".join(str(part) for part in reversed(data))


def _word(words: Mapping[int, str]) -> Callable[[bytes], str]:
    """Return a reader that keeps a code without a word, as hex."""
    return lambda data: words.get(data[0], f"0x{data[0]:02x}")


_READERS: Mapping[Form, Callable[[bytes], Value]] = {
    Form.FLAG: _read_flag,
    Form.TIME: lambda data: utc(int.from_bytes(data, "little")),
    Form.TEXT: _read_text,
    Form.RAW: bytes.hex,
    Form.VERSION: _read_version,
    Form.BUTTON: _word(BUTTON_EVENTS),
    Form.COMMAND: _word(COMMANDS),
    Form.DIMMER: _word(DIMMER_EVENTS),
}


def encode_objects(values: Values) -> bytes:
    """Return the payload of the values, by ascending ids or in the order of `objects`."""
    flat = Fields(_NAME, _flat(values))
    said = [(name, number) for name, number in map(_counted, flat.names) if name in BY_NAME]
    if "objects" in flat:
        payload = b"".join(_ordered(flat, said))
    else:
        chosen = sorted((_chosen(flat, *each).id, each[1]) for each in said)
        payload = b"".join(_write(flat, BY_ID[id_], number) for id_, number in chosen)
    return payload + (flat.hexadecimal("unparsed_hex") if "unparsed_hex" in flat else b"")


def _flat(values: Values) -> dict[str, Value]:
    """Return the values with each button under a name of its own, as all else that repeats."""
    flat = dict(values)
    if flat.get("buttons") is not None:
        for number, button in enumerate(Fields(_NAME, values).words("buttons"), 1):
            flat[_key("buttons", number)] = button
        if not values["buttons"]:
            del flat["buttons"]
    return flat


def _key(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"


def _counted(key: str) -> tuple[str, int]:
    if key in BY_NAME:
        return key, 1
    repeated = _REPEATED.fullmatch(key)
    return (repeated[1], int(repeated[2])) if repeated else (key, 1)


def _ordered(flat: Fields, said: list[tuple[str, int]]) -> list[bytes]:
    numbers: dict[str, int] = {}
    parts = []
    for id_ in flat.words("objects"):
        entry = BY_ID.get(id_) if isinstance(id_, int) else None
        if entry is None:
            flat.refuse("objects", "must list ids of BTHome objects")
        number = numbers[entry.name] = numbers.get(entry.name, 0) + 1
        parts.append(_write(flat, entry, number))
    for name, number in said:
        if number > numbers.get(name, 0):
            flat.refuse(_key(name, number), "is in none of 'objects'")
    return parts


def _chosen(flat: Fields, name: str, number: int) -> BTHomeObject:
    """Return the object that holds the value exactly; else the first that holds it at all."""
    candidates = BY_NAME[name]
    value = flat.value(_key(name, number))
    if isinstance(value, str):  # the versions, of three or four numbers
        fitting = [each for each in candidates if each.size == value.count(".") + 1]
    elif len(candidates) > 1 and isinstance(value, int | float):
        rough = [each for each in candidates if _misses(each, value) <= each.factor]
        fitting = [each for each in rough if _misses(each, value) < 1e-9] or rough
    else:
        fitting = []
    return fitting[0] if fitting else candidates[0]


def _misses(entry: BTHomeObject, value: float) -> float:
    """Return how far the nearest value of the object is away."""
    low, high = entry.bounds
    if not low * entry.factor <= value <= high * entry.factor:
        return inf
    return abs(value - round(round(value / entry.factor) * entry.factor, entry.places))


def _write(flat: Fields, entry: BTHomeObject, number: int) -> bytes:
    key = _key(entry.name, number)
    data = _data(flat, entry, key)
    length = len(data) - (entry.form is Form.COMMAND)
    head = bytes((entry.id, length)) if entry.form in _MEASURED else bytes((entry.id,))
    return head + data


def _data(flat: Fields, entry: BTHomeObject, key: str) -> bytes:
    match entry.form:
        case Form.NUMBER:
            steps = flat.number(key, *entry.bounds, factor=entry.factor)
            return steps.to_bytes(entry.size, "little", signed=entry.signed)
        case Form.FLAG:
            return bytes((flat.flag(key),))
        case Form.TIME:
            return flat.epoch(key).to_bytes(4, "little")
        case Form.TEXT:
            return flat.text(key, most=0xFF, encoding="utf-8")
        case Form.RAW:
            return _limited(flat, key, 0xFF)
        case Form.VERSION:
            return _version(flat, key, entry.size)
        case Form.BUTTON:
            return _coded(flat, key, BUTTON_EVENTS)
        case Form.COMMAND:
            args = key.replace("command", "command_args_hex", 1)
            data = _limited(flat, args, _COMMAND_LENGTH) if args in flat else b""
            return _coded(flat, key, COMMANDS) + data
        case Form.DIMMER:
            steps = flat.integer(key.replace("dimmer", "dimmer_steps", 1), 0, 0xFF)
            return _coded(flat, key, DIMMER_EVENTS) + bytes((steps,))


def _limited(flat: Fields, key: str, most: int) -> bytes:
    data = flat.hexadecimal(key)
    if len(data) > most:
        flat.refuse(key, f"has {len(data)} bytes, there is room for {most}")
    return data


def _version(flat: Fields, key: str, size: int) -> bytes:
    parts = flat.text(key, most=15).split(b".")
    if len(parts) != size or not all(part.isdigit() and int(part) <= 0xFF for part in parts):
        flat.refuse(key, "must be three or four numbers of a byte, as in 1.4.0")
    return bytes(map(int, reversed(parts)))


def _coded(flat: Fields, key: str, words: Mapping[int, str]) -> bytes:
    value = flat.value(key)
    if isinstance(value, str) and _HEX_CODE.fullmatch(value):
        return bytes.fromhex(value[2:])
    return bytes((flat.choice(key, {word: code for code, word in words.items()}),))

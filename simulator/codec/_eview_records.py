"""The content of an Eview message: keys with their values, which a repeated key cuts into records.

A message of one record is flat. A history (stored records sent together) keeps them under `records`
and says, beside the identity, what the last record says and the most urgent alarm of all.
"""

from collections.abc import Mapping
from enum import IntEnum

from simulator.codec._contract import FrameError
from simulator.codec._eview_alarms import urgency
from simulator.codec._eview_anchors import ANCHOR_KEYS, BEACONS
from simulator.codec._eview_keys import CONFIGURATION_KEYS, FIXED_KEYS, Keys, Record
from simulator.codec._eview_networks import NETWORK_KEYS
from simulator.codec._eview_pieces import listed
from simulator.codec._eview_services import RESPONSE_KEYS, SERVICE_KEYS
from simulator.codec._fields import Fields
from simulator.frame import Value

_NAME = "eview"
_HEADER_SIZE = 9  # of the frame, with the message type, for error messages that count from there
_ALARM_NAMES = ("alarm", "alarms", "alarm_bits", "alarm_time", "geofence")


class MessageType(IntEnum):
    """What the first byte of the content says."""

    DATA = 0x01
    CONFIGURATION = 0x02
    SERVICES = 0x03
    SYSTEM = 0x04
    RESPONSE = 0x7F


_KEYS: Mapping[int, Keys] = {
    MessageType.DATA: {key.id: key for key in (*FIXED_KEYS, *NETWORK_KEYS, *ANCHOR_KEYS)},
    MessageType.CONFIGURATION: {key.id: key for key in CONFIGURATION_KEYS},
    MessageType.SERVICES: {key.id: key for key in SERVICE_KEYS},
    MessageType.SYSTEM: {},
    MessageType.RESPONSE: {key.id: key for key in RESPONSE_KEYS},
}


def decode_content(message_type: int, content: bytes) -> dict[str, Value]:
    """Return the values of the keys that follow the message type."""
    keys = _KEYS.get(message_type)
    if keys is None:
        raise FrameError(_NAME, f"byte 8: there is no message type {message_type:#04x}")
    records: list[Record] = [{}]
    seen: list[Value] = []
    every: list[Value] = []
    at = 0
    while at < len(content):
        end = at + 1 + content[at]
        if end > len(content) or end == at + 1:
            raise FrameError(_NAME, f"byte {_HEADER_SIZE + at}: a key of {content[at]} bytes")
        key = content[at + 1]
        if key in seen and key not in BEACONS and (key in keys or message_type == MessageType.DATA):
            records[-1]["keys"] = seen
            records.append({})
            seen = []
        _read(keys, key, content[at + 2 : end], records[-1], at)
        seen.append(key)
        every.append(key)
        at = end
    if len(records) == 1:
        return {"keys": every, **records[0]}
    records[-1]["keys"] = seen
    return {"keys": every, **_summary(records), "records": [*records]}


def _read(keys: Keys, number: int, data: bytes, record: Record, at: int) -> None:
    key = keys.get(number)
    if key is None:
        _keep(record, "other_keys", number, data)
        return
    if key.size is not None and len(data) > key.size:
        _keep(record, "surplus", number, data[key.size :])
        data = data[: key.size]
    try:
        key.read(data, record)
    except ValueError as error:
        where = f"byte {_HEADER_SIZE + at}: key {number:#04x}"
        raise FrameError(_NAME, f"{where}: {error}") from error


def _keep(record: Record, name: str, key: int, data: bytes) -> None:
    listed(record, name).append({"key": key, "value_hex": data.hex()})


def _summary(records: list[Record]) -> Record:
    values = {name: value for name, value in records[-1].items() if name != "keys"}
    identified = next((record for record in records if "imei" in record), {})
    values = {name: identified[name] for name in ("imei",) if name in identified} | values
    alarmed = min(reversed(records), key=lambda record: urgency(record.get("alarm")))
    for name in _ALARM_NAMES:
        values.pop(name, None)
        if name in alarmed:
            values[name] = alarmed[name]
    return values


def encode_content(message_type: int, fields: Fields) -> bytes:
    """Return the keys of the values: those of `keys`, or all that the values speak of."""
    keys = _KEYS.get(message_type)
    if keys is None:
        fields.refuse("message_type", f"is none of {', '.join(map(str, _KEYS))}")
    several = fields.parts("records") if "records" in fields else [fields]
    return b"".join(_encode_record(keys, record) for record in several)


def _encode_record(keys: Keys, fields: Fields) -> bytes:
    others = _kept(fields, "other_keys")
    surplus = _kept(fields, "surplus")
    wanted = _wanted(keys, fields) if "keys" in fields else _spoken_of(keys, fields, others)
    counts: dict[int, int] = {}
    parts = []
    for key in wanted:
        occurrence = counts.get(key, 0)
        counts[key] = occurrence + 1
        if key in keys:
            data = keys[key].write(fields, occurrence) + b"".join(surplus.get(key, ()))
        else:
            data = _other(fields, others, key, occurrence)
        if len(data) > 0xFE:
            fields.refuse("keys", f"asks for key {key:#04x} of {len(data)} bytes, 254 fit")
        parts.append(bytes((len(data) + 1, key)) + data)
    return b"".join(parts)


def _wanted(keys: Keys, fields: Fields) -> list[int]:
    wanted: list[int] = []
    for key in fields.words("keys"):
        if type(key) is not int or not 0 <= key <= 0xFF:
            fields.refuse("keys", "must list the numbers of keys, 0 to 255")
        wanted.append(key)
    said = {name for key in wanted if key in keys for name in keys[key].names}
    for known in keys.values():
        for name in known.names:
            if name in fields and name not in said:
                fields.refuse(name, f"needs key {known.id}, which 'keys' does not list")
    return wanted


def _spoken_of(keys: Keys, fields: Fields, others: Mapping[int, list[bytes]]) -> list[int]:
    known = [key.id for key in keys.values() for _ in range(key.occurrences(fields))]
    return known + [key for key, values in others.items() for _ in values]


def _kept(fields: Fields, name: str) -> dict[int, list[bytes]]:
    """Return the raw values of `other_keys` or `surplus` by key, in order."""
    kept: dict[int, list[bytes]] = {}
    for entry in fields.parts(name) if name in fields else []:
        data = entry.hexadecimal("value_hex")
        kept.setdefault(entry.integer("key", 0, 0xFF), []).append(data)
    return kept


def _other(fields: Fields, others: Mapping[int, list[bytes]], key: int, occurrence: int) -> bytes:
    if occurrence >= len(others.get(key, ())):
        fields.refuse("other_keys", f"has no value for key {key}, which 'keys' lists")
    return others[key][occurrence]

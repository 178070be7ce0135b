"""The keys of an Eview record that name a heard sender whose place may be known.

Such a sender is an anchor: it gives the record its position, and is named by `anchor_mac` and
`anchor_text` beside the full entry, which is what the encoder reads.
"""

from functools import partial

from simulator.codec._eview_keys import POSITION, Key, Record, degrees, place_anchor, position
from simulator.codec._eview_pieces import (
    Reader,
    entries_of,
    has_text,
    listed,
    put_text,
    rssi_byte,
    take_text,
)
from simulator.codec._fields import Fields

_HAS_POSITION, _HAS_TEXT, _INDEX = 0x80, 0x40, 0x0F
_HOME, _NETWORK, _BEACON, _KNOWN_WIFI, _BEACON_BATTERY = 0x23, 0x27, 0x28, 0x2A, 0x2C
BEACONS = frozenset((_BEACON, _BEACON_BATTERY))


def _name_anchor(record: Record, entry: Record) -> None:
    """Let a sender with a place, or with a text where none has a place, name the record."""
    lat, lon = entry.get("latitude"), entry.get("longitude")
    if isinstance(lat, float) and isinstance(lon, float):
        if not place_anchor(record, lat, lon):
            return
        record.pop("anchor_text", None)
    elif "text" not in entry or "anchor_mac" in record:
        return
    record["anchor_mac"] = entry["mac"]
    if "text" in entry:
        record["anchor_text"] = entry["text"]


def _read_place(value: Reader, entry: Record) -> None:
    lat, lon = POSITION.unpack(value.take(POSITION.size))
    entry["latitude"], entry["longitude"] = degrees(lat), degrees(lon)


def _read_beacon(key: int, data: bytes, record: Record) -> None:
    value = Reader(data)
    flags = value.unsigned()
    entry: Record = {"key": key, "flags": flags, "index": flags & _INDEX}
    entry["mac"] = value.take(6)[::-1].hex()
    entry["rssi_dbm"], entry["rssi_1m_dbm"] = value.rssi(), value.rssi()
    if key == _BEACON_BATTERY:
        entry["battery_percent"] = value.unsigned()
    if flags & _HAS_POSITION:
        _read_place(value, entry)
    if flags & _HAS_TEXT:
        size = value.unsigned() if key == _BEACON_BATTERY else value.left
        put_text(entry, "text", value.take(size))
    if key == _BEACON_BATTERY and value.left == 2:
        entry["temperature_c"] = int.from_bytes(value.take(2), "little", signed=True) / 10
    if value.left:
        entry["rest_hex"] = value.rest().hex()
    listed(record, "beacons").append(entry)
    _name_anchor(record, entry)


def _flags(fields: Fields) -> int:
    if "flags" in fields:
        return fields.integer("flags", 0, 0xFF)
    index = fields.integer("index", 0, _INDEX) if "index" in fields else 0
    return index | ("latitude" in fields) * _HAS_POSITION | has_text(fields) * _HAS_TEXT


def _write_beacon(key: int, fields: Fields, occurrence: int) -> bytes:
    beacons = entries_of(fields, "beacons", key, _BEACON)
    if occurrence >= len(beacons):
        fields.refuse("beacons", f"has {len(beacons)} entries of key {key:#04x}, 'keys' asks more")
    beacon = beacons[occurrence]
    flags = _flags(beacon)
    parts = [bytes((flags,)), beacon.hexadecimal("mac", 6)[::-1]]
    parts += [rssi_byte(beacon), rssi_byte(beacon, "rssi_1m_dbm")]
    if key == _BEACON_BATTERY:
        parts.append(bytes((beacon.number("battery_percent", 0, 0xFF),)))
    if flags & _HAS_POSITION:
        parts.append(position(beacon))
    if flags & _HAS_TEXT:
        text = take_text(beacon, "text")
        parts.append(bytes((len(text),)) + text if key == _BEACON_BATTERY else text)
    if key == _BEACON_BATTERY and "temperature_c" in beacon:
        tenths = beacon.number("temperature_c", -0x8000, 0x7FFF, factor=0.1)
        parts.append(tenths.to_bytes(2, "little", signed=True))
    return b"".join(parts) + _rest(beacon)


def _rest(fields: Fields) -> bytes:
    return fields.hexadecimal("rest_hex") if "rest_hex" in fields else b""


def _read_known_wifi(data: bytes, record: Record) -> None:
    value = Reader(data)
    flags = value.unsigned()
    entry: Record = {"flags": flags, "mac": value.take(6).hex(), "rssi_dbm": value.rssi()}
    if flags & _HAS_POSITION:
        _read_place(value, entry)
    if flags & _HAS_TEXT:
        put_text(entry, "text", value.rest())
    if value.left:
        entry["rest_hex"] = value.rest().hex()
    record["known_wifi"] = entry
    _name_anchor(record, entry)


def _write_known_wifi(fields: Fields, _: int) -> bytes:
    wifi = fields.part("known_wifi")
    flags = _flags(wifi)
    place = position(wifi) if flags & _HAS_POSITION else b""
    text = take_text(wifi, "text") if flags & _HAS_TEXT else b""
    return (
        bytes((flags,)) + wifi.hexadecimal("mac", 6) + rssi_byte(wifi) + place + text + _rest(wifi)
    )


def _read_home(data: bytes, record: Record) -> None:
    value = Reader(data)
    entry: Record = {"mac": value.take(6)[::-1].hex()}
    _read_place(value, entry)
    put_text(entry, "text", value.rest())
    record["home_beacon"] = entry
    _name_anchor(record, entry)


def _write_home(fields: Fields, _: int) -> bytes:
    if "home_beacon" in fields:
        home, prefix = fields.part("home_beacon"), ""
    else:
        home, prefix = fields, "anchor_"
    text = take_text(home, f"{prefix}text") if has_text(home, f"{prefix}text") else b""
    return home.hexadecimal(f"{prefix}mac", 6)[::-1] + position(home) + text


def _read_network(data: bytes, record: Record) -> None:
    value = Reader(data)
    lat, lon = map(degrees, POSITION.unpack(value.take(POSITION.size)))
    entry: Record = {"latitude": lat, "longitude": lon}
    if value.left:
        entry["rest_hex"] = value.rest().hex()
    record["known_network"] = entry
    place_anchor(record, lat, lon)


def _write_network(fields: Fields, _: int) -> bytes:
    network = fields.part("known_network")
    return position(network) + _rest(network)


def _count_beacons(key: int, fields: Fields) -> int:
    return len(entries_of(fields, "beacons", key, _BEACON))


def _count_home(fields: Fields) -> int:
    is_flat = "anchor_mac" in fields and "latitude" in fields
    has_other = "beacons" in fields or "known_wifi" in fields
    return int("home_beacon" in fields or (is_flat and not has_other))


ANCHOR_KEYS = (
    Key(_HOME, ("home_beacon",), _read_home, _write_home, _count_home),
    Key(_NETWORK, ("known_network",), _read_network, _write_network),
    *(
        Key(
            key,
            ("beacons",),
            partial(_read_beacon, key),
            partial(_write_beacon, key),
            partial(_count_beacons, key),
        )
        for key in (_BEACON, _BEACON_BATTERY)
    ),
    Key(_KNOWN_WIFI, ("known_wifi",), _read_known_wifi, _write_known_wifi),
)

"""The keys of an Eview record that list cells and Wi-Fi access points, for a network position."""

from functools import partial

from simulator.codec._eview_keys import Key, Record
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

_CELLS, _CELLS_WIDE, _CELLS_WIDE_MNC = 0x21, 0x29, 0x2B
_WIFI, _WIFI_NAMED = 0x22, 0x19


def _read_cells(key: int, data: bytes, record: Record) -> None:
    value = Reader(data)
    mcc, mnc = value.unsigned(2), value.unsigned(2 if key == _CELLS_WIDE_MNC else 1)
    cells = listed(record, "cells")
    while value.left:
        rssi, lac = value.rssi(), value.unsigned(2)
        cid = value.unsigned(2 if key == _CELLS else 4)
        cells.append({"key": key, "mcc": mcc, "mnc": mnc, "rssi": rssi, "lac": lac, "cid": cid})


def _write_cells(key: int, fields: Fields, _: int) -> bytes:
    cells = entries_of(fields, "cells", key, _CELLS)
    if not cells:
        fields.refuse("cells", f"has no cell for key {key:#04x}")
    mnc_size, cid_size = (2 if key == _CELLS_WIDE_MNC else 1), (2 if key == _CELLS else 4)
    mcc = cells[0].integer("mcc", 0, 0xFFFF)
    mnc = cells[0].integer("mnc", 0, (1 << 8 * mnc_size) - 1)
    parts = [mcc.to_bytes(2, "little"), mnc.to_bytes(mnc_size, "little")]
    for cell in cells:
        parts.append(rssi_byte(cell, "rssi") + cell.integer("lac", 0, 0xFFFF).to_bytes(2, "little"))
        cid = cell.integer("cid", 0, (1 << 8 * cid_size) - 1)
        parts.append(cid.to_bytes(cid_size, "little"))
    return b"".join(parts)


def _read_wifi(key: int, data: bytes, record: Record) -> None:
    value = Reader(data)
    wifi = listed(record, "wifi")
    while value.left:
        rssi = value.rssi()
        entry: Record = {"mac": value.take(6).hex(), "rssi_dbm": rssi}
        if key == _WIFI_NAMED:
            put_text(entry, "name", value.take(value.unsigned()))
        wifi.append(entry)


def _write_wifi(key: int, fields: Fields, _: int) -> bytes:
    parts = []
    for entry in _wifi_of(key, fields):
        parts.append(rssi_byte(entry) + entry.hexadecimal("mac", 6))
        if key == _WIFI_NAMED:
            name = take_text(entry, "name")
            parts.append(bytes((len(name),)) + name)
    return b"".join(parts)


def _wifi_of(key: int, fields: Fields) -> list[Fields]:
    """Return the access points of a key: those with a name have one of their own."""
    is_named = key == _WIFI_NAMED
    return [entry for entry in fields.parts("wifi") if has_text(entry, "name") == is_named]


def _count_wifi(key: int, fields: Fields) -> int:
    return int("wifi" in fields and len(_wifi_of(key, fields)) > 0)


def _count_cells(key: int, fields: Fields) -> int:
    return int(len(entries_of(fields, "cells", key, _CELLS)) > 0)


NETWORK_KEYS = (
    *(
        Key(
            key,
            ("cells",),
            partial(_read_cells, key),
            partial(_write_cells, key),
            partial(_count_cells, key),
        )
        for key in (_CELLS, _CELLS_WIDE, _CELLS_WIDE_MNC)
    ),
    *(
        Key(
            key,
            ("wifi",),
            partial(_read_wifi, key),
            partial(_write_wifi, key),
            partial(_count_wifi, key),
        )
        for key in (_WIFI, _WIFI_NAMED)
    ),
)

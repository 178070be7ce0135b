"""The counted lists of an ioTracker: access points and Bluetooth beacons."""

from collections.abc import Sequence

from simulator.codec._button_models import NAME
from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, flag, number, octets, spare
from simulator.frame import Value

_MOST = 7
_STRONGEST_DBM = 27


def _layout(*parts: Part) -> Layout:
    return Layout(NAME, *parts)


def _listed(fields: Fields, name: str) -> list[Fields]:
    parts = fields.parts(name) if name in fields else []
    if len(parts) > _MOST:
        fields.refuse(name, f"has {len(parts)} entries, there is room for {_MOST}")
    return parts


def _counted(fields: Fields, head: Layout, count: int, *names: str) -> bytes:
    values = {name: fields.value(name) for name in names if name in fields}
    return head.write(Fields(NAME, {**values, "count": count}))


class _AccessPoints:
    """Addresses, with their strength if a bit of the head says so."""

    _names = ("wifi_reserved", "wifi_has_rssi", "wifi_status")
    _head = _layout(
        spare(2, "wifi_reserved"),
        flag("wifi_has_rssi", default=True),
        number("wifi_status", 2, default=0),
        number("count", 3),
    )
    _plain = _layout(octets("mac", 6, separator=":"))
    _strong = _layout(octets("mac", 6, separator=":"), number("rssi_dbm", 8, signed=True))

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        values.update(self._head.read(frame, at))
        del values["count"]
        entry = self._strong if values["wifi_has_rssi"] else self._plain
        end = at + 1 + (frame[at] & _MOST) * entry.size
        starts = range(at + 1, end, entry.size)
        values["access_points"] = [entry.read(frame, start) for start in starts]
        return end

    def write(self, fields: Fields) -> bytes:
        parts = _listed(fields, "access_points")
        entry = self._strong if fields.flag("wifi_has_rssi", True) else self._plain
        head = _counted(fields, self._head, len(parts), *self._names)
        return head + b"".join(map(entry.write, parts))


_STRENGTH = number("rssi_dbm", 6, step=-2, offset=_STRONGEST_DBM)
_KIND = number("beacon_type", 2)
_SHORT, _SLOTTED = 0, 2
# By form, how many bytes of identity each of the four beacon types has.
_ID_SIZES: Sequence[Sequence[int]] = ((6, 6, 6, 6), (20, 16, 20, 20), (4, 6, 4, 6))


class _Beacons:
    """Beacons in one of three forms, which the head names."""

    _names = ("bluetooth_reserved", "beacon_form", "bluetooth_status")
    _head = _layout(
        spare(1, "bluetooth_reserved"),
        number("beacon_form", 2, default=0),
        number("bluetooth_status", 2, default=0),
        number("count", 3),
    )
    _plain = _layout(_STRENGTH, _KIND)
    _slotted = _layout(
        spare(3, "beacon_reserved"),
        number("slot", 3),
        _KIND,
        spare(2, "strength_reserved"),
        _STRENGTH,
    )

    def read(self, frame: bytes, at: int, values: dict[str, Value]) -> int:
        values.update(self._head.read(frame, at))
        del values["count"]
        form = frame[at] >> 5 & 3
        if form >= len(_ID_SIZES):
            raise FrameError(NAME, f"byte {at}: there is no beacon form {form}")
        beacons: list[Value] = []
        count = frame[at] & _MOST
        at += 1
        for _ in range(count):
            at = self._read_one(frame, at, form, beacons)
        values["beacons"] = beacons
        return at

    def _read_one(self, frame: bytes, at: int, form: int, beacons: list[Value]) -> int:
        head = self._slotted if form == _SLOTTED else self._plain
        entry = head.read(frame, at)
        identity = _layout(octets("id", _ID_SIZES[form][frame[at] & 3]))
        entry |= identity.read(frame, at + head.size)
        beacons.append(entry)
        return at + head.size + identity.size

    def write(self, fields: Fields) -> bytes:
        parts = _listed(fields, "beacons")
        form = fields.integer("beacon_form", 0, 2) if "beacon_form" in fields else _SHORT
        head = _counted(fields, self._head, len(parts), *self._names)
        return head + b"".join(self._one(part, form) for part in parts)

    def _one(self, part: Fields, form: int) -> bytes:
        head = self._slotted if form == _SLOTTED else self._plain
        size = _ID_SIZES[form][part.integer("beacon_type", 0, 3)]
        return head.write(part) + part.hexadecimal("id", size)


ACCESS_POINTS = _AccessPoints()
BEACONS = _Beacons()

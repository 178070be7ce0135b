"""The cells and access points at the end of a watch position, which locate a watch without a fix.

`count,advance,mcc,mnc,(lac,cell,rssi)*,count,(name,address,rssi)*,accuracy`. Firmware strays from
this in many ways: texts that are written otherwise, or do not read at all, are kept as `radio` and
written back as long as they read as the values beside them.
"""

import re
from collections.abc import Sequence

from simulator.codec._columns import decimal_text, plain_texts
from simulator.codec._fields import Fields
from simulator.frame import Value

_NAMES = ("timing_advance", "cells", "access_points", "accuracy_m")
_WHOLE = re.compile(r"-?\d{1,10}", re.ASCII)
_DECIMAL = re.compile(r"\d{1,7}(?:\.\d{0,9})?", re.ASCII)
_MOST = 2**32


def read(texts: Sequence[str]) -> dict[str, Value]:
    """Return cells, access points and accuracy, with the texts as `radio` if they are unusual."""
    values = _parse(texts)
    usual = values is not None and _texts(Fields("watch3g", values)) == list(texts)
    return (values or {}) | ({} if usual else {"radio": list(texts)})


def write(fields: Fields) -> list[str]:
    """Return the texts; none where the values name neither cells nor access points."""
    said = {name: fields.value(name) for name in _NAMES if name in fields}
    if "radio" in fields:
        texts = plain_texts(fields, "radio")
        if (_parse(texts) or {}) == said:
            return texts
    return _texts(fields) if said else []


def _parse(texts: Sequence[str]) -> dict[str, Value] | None:
    rest = list(reversed(texts))
    try:
        values = _cells(rest) | (_points(rest) if rest else {})
    except (IndexError, ValueError):
        return None
    return None if rest else values


def _cells(rest: list[str]) -> dict[str, Value]:
    count, advance = _whole(rest.pop()), _whole(rest.pop())
    values: dict[str, Value] = {"timing_advance": advance}
    network: dict[str, Value] = {}
    if count > 0:
        network = {"mcc": _whole(rest.pop()), "mnc": _whole(rest.pop())}
    values["cells"] = [network | _cell(rest) for _ in range(count)]
    return values


def _cell(rest: list[str]) -> dict[str, Value]:
    cell: dict[str, Value] = {"lac": _whole(rest.pop()), "cid": _whole(rest.pop())}
    rssi = rest.pop()
    return cell | ({"rssi": _whole(rssi)} if rssi else {})


def _points(rest: list[str]) -> dict[str, Value]:
    values: dict[str, Value] = {"access_points": [_point(rest) for _ in range(_whole(rest.pop()))]}
    if rest:
        values["accuracy_m"] = _decimal(rest.pop())
    return values


def _point(rest: list[str]) -> Value:
    return {"name": rest.pop(), "mac": rest.pop(), "rssi_dbm": _whole(rest.pop())}


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _decimal(text: str) -> float:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return float(text)


def _texts(fields: Fields) -> list[str]:
    cells = fields.parts("cells") if "cells" in fields else []
    advance = fields.integer("timing_advance", 0, _MOST) if "timing_advance" in fields else 0
    texts = [str(len(cells)), str(advance)]
    if cells:
        texts += [_number(cells[0], "mcc"), _number(cells[0], "mnc")]
    for cell in cells:
        rssi = str(cell.integer("rssi", -_MOST, _MOST)) if "rssi" in cell else ""
        texts += [_number(cell, "lac"), _number(cell, "cid"), rssi]
    return texts + _point_texts(fields)


def _point_texts(fields: Fields) -> list[str]:
    if "access_points" not in fields:
        return []
    points = fields.parts("access_points")
    texts = [str(len(points))]
    for point in points:
        texts += [_plain(point, "name"), _plain(point, "mac")]
        texts.append(str(point.integer("rssi_dbm", -_MOST, _MOST)))
    if "accuracy_m" in fields:
        texts.append(decimal_text(fields, "accuracy_m"))
    return texts


def _number(fields: Fields, name: str) -> str:
    return str(fields.integer(name, 0, _MOST))


def _plain(fields: Fields, name: str) -> str:
    text = (
        fields.text(name, most=64, encoding="latin-1").decode("latin-1") if name in fields else ""
    )
    if "," in text:
        fields.refuse(name, "must not have a comma")
    return text

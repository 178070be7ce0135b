"""The accuracy of an Abeeway position in a byte: metres up to 250, then ranges by their far end."""

from simulator.codec._fields import Fields
from simulator.codec._layout import Part
from simulator.frame import Value

_RANGES_M = {251: 500, 252: 1000, 253: 2000, 254: 4000}
_WORSE = 255  # than the last range: no accuracy is known


def read_accuracy(raw: int, values: dict[str, Value]) -> None:
    """Add the accuracy in metres, where one is known."""
    if raw != _WORSE:
        values["accuracy_m"] = _RANGES_M.get(raw, raw)


def write_accuracy(fields: Fields) -> int:
    """Return the byte of an accuracy that may be missing."""
    if "accuracy_m" not in fields:
        return _WORSE
    metres = fields.number("accuracy_m", 0, 1 << 32)
    ranges = (code for code, most in _RANGES_M.items() if metres <= most)
    return metres if metres <= 250 else next(ranges, _WORSE)


ACCURACY = Part(8, read_accuracy, write_accuracy)

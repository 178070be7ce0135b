"""How many bytes the values of Teltonika AVL ids take, where a value alone does not tell.

A record groups its values by size. Decoding keeps what strays from this table as `io_sizes`;
encoding takes an id that is nowhere named as small as its value allows.
"""

from collections.abc import Mapping

from simulator.codec._fields import Fields
from simulator.frame import Value

SIZES = (1, 2, 4, 8)
VARIABLE = 0

_ONE_BYTE = """
    1 2 3 4 21 22 29 30 69 71 80 113 116 155 179 180 200 236 237 239 240 242 243 246 247 249 250
    251 252 253 254 255 263 389
"""
_TWO_BYTES = """
    9 10 12 13 17 18 19 24 25 26 27 28 31 36 42 66 67 68 70 86 102 104 106 108 146 181 182 205 206
    10800 10801 10802 10803
"""
_FOUR_BYTES = "16 72 73 74 75 145 199 241 387 388"
_EIGHT_BYTES = "11 14 78 207"
_KNOWN = {
    int(id_): size
    for size, ids in zip(SIZES, (_ONE_BYTE, _TWO_BYTES, _FOUR_BYTES, _EIGHT_BYTES), strict=True)
    for id_ in ids.split()
}


def usual_size(id_: int, value: Value) -> int:
    """Return the bytes of a value whose size nobody states: by its id, else as few as it needs."""
    if isinstance(value, str):
        return VARIABLE
    known = _KNOWN.get(id_, 1)
    needed = (value.bit_length() + 7) // 8 if isinstance(value, int) else 1
    return next((size for size in SIZES if size >= max(known, needed)), 8)


def sizes_that_stray(found: Mapping[int, tuple[int, Value]]) -> dict[str, Value]:
    """Return, by id, the sizes that encoding would not choose by itself."""
    return {
        str(id_): size for id_, (size, value) in found.items() if usual_size(id_, value) != size
    }


def stated_size(sizes: Fields, name: str, value: Value) -> int:
    """Return the bytes of a value to be written."""
    if name not in sizes:
        return usual_size(int(name), value)
    size = sizes.integer(name, 1, 8)
    if size not in SIZES:
        sizes.refuse(name, f"must be 1, 2, 4 or 8 bytes, not {size}")
    return size

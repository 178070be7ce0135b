"""Checksums by name: plain sums, and every CRC of 8, 16 and 32 bits that fastcrc has.

A profile names one (`xor8`, `crc16/modbus`); a drafter tries them all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, reduce
from operator import xor

import fastcrc


@dataclass(frozen=True, slots=True)
class Sum:
    """A checksum: its name, how many bytes it has, and how it is computed."""

    name: str
    size: int
    of: Callable[[bytes], int]


def _sum8(data: bytes) -> int:
    return sum(data) & 0xFF


def _negative8(data: bytes) -> int:
    return -sum(data) & 0xFF


def _inverse8(data: bytes) -> int:
    return ~sum(data) & 0xFF


def _xor8(data: bytes) -> int:
    return reduce(xor, data, 0)


def _sum16(data: bytes) -> int:
    return sum(data) & 0xFFFF


_PLAIN = (
    Sum("sum8", 1, _sum8),
    Sum("xor8", 1, _xor8),
    Sum("negative8", 1, _negative8),
    Sum("inverse8", 1, _inverse8),
    Sum("sum16", 2, _sum16),
)


@cache
def sums() -> dict[str, Sum]:
    """Return every checksum by name, the plain ones first."""
    found = {one.name: one for one in _PLAIN}
    for family, size in ((fastcrc.crc8, 1), (fastcrc.crc16, 2), (fastcrc.crc32, 4)):
        for algorithm in sorted(family.algorithms_available):
            name = f"crc{8 * size}/{algorithm}"
            found[name] = Sum(name, size, getattr(family, algorithm))
    return found

"""Keyed randomness over arrays: the draws of `simulator.rng`, of many devices at once.

A draw here equals, bit for bit, the draw that a `Stream` makes one at a time. What keeps the two
apart is only numpy, which a program that runs a few devices need not load.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.rng import Rng, name_key

Keys: TypeAlias = NDArray[np.uint64]
"""Keys of devices or of streams."""
Counts: TypeAlias = NDArray[np.uint32]
"""How many draws were made from each stream."""
Floats: TypeAlias = NDArray[np.float64]
"""Seconds, or draws from [0, 1)."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = (np.uint64(bits) for bits in (30, 27, 31, 11))
_UNIT = 2.0**-53


def mixed(values: Keys) -> Keys:
    """Scramble 64 bits each, as `rng.mix` does; the array that is given is overwritten."""
    shifted = values >> _30
    values ^= shifted
    values *= _FIRST
    np.right_shift(values, _27, out=shifted)
    values ^= shifted
    values *= _SECOND
    np.right_shift(values, _31, out=shifted)
    values ^= shifted
    return values


def device_keys(profile: str, numbers: Keys) -> Keys:
    """Return the keys of units of a profile, as `rng.device_key` does."""
    return mixed(numbers * _GOLDEN + np.uint64(name_key(profile)))


def stream_keys(rng: Rng, devices: Keys, purpose: str) -> Keys:
    """Return the keys of the streams of many devices (their keys) for one purpose."""
    return mixed(devices + np.uint64(rng.purpose_key(purpose)))


def draws(keys: Keys, counts: NDArray[np.unsignedinteger] | int) -> Floats:
    """Return draw number `counts` of each stream, from [0, 1)."""
    if isinstance(counts, int):
        bits = keys + np.uint64(counts * int(_GOLDEN) & 0xFFFFFFFFFFFFFFFF)
    else:
        bits = counts * _GOLDEN
        bits += keys
    bits = mixed(bits)
    bits >>= _11
    return bits.astype(np.float64) * _UNIT

"""Keyed randomness over arrays: the draws of `simulator.rng`, of many devices at once.

A draw here equals, bit for bit, the draw that a `Stream` makes one at a time. What keeps the two
apart is only numpy, which a program that runs a few devices need not load.
"""

import math
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import TypeAlias, TypeVar

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
T = TypeVar("T")
_UNSURE = 1e-4  # of a step: so near to a half multiplying may have gone over it


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


def each(function: Callable[[float], float], values: Floats) -> Floats:
    """Return a function of the standard library of each value: numpy's own differ in last bits."""
    return np.fromiter(map(function, values.tolist()), np.float64, len(values))


def exponentials(keys: Keys, counts: NDArray[np.unsignedinteger] | int, mean: float) -> Floats:
    """Return waiting times with this mean, as `Stream.exponential` draws them."""
    return -each(math.log1p, -draws(keys, counts)) * mean


def normals(keys: Keys, counts: NDArray[np.unsignedinteger], deviation: float) -> Floats:
    """Return errors around 0, as `Stream.normal` draws them; each takes two draws."""
    radius = np.sqrt(-2.0 * each(math.log1p, -draws(keys, counts)))
    angle = 2.0 * math.pi * draws(keys, counts + np.uint32(1))
    return deviation * radius * each(math.cos, angle)


def rounded(values: Floats, digits: int) -> Floats:
    """Return values as `round` gives them: to so many decimal places, halves to the even."""
    factor = 10.0**digits
    scaled = values * factor
    nearest = np.rint(scaled)
    near = nearest / factor
    for at in np.flatnonzero(np.abs(np.abs(scaled - nearest) - 0.5) < _UNSURE).tolist():
        near[at] = round(float(values[at]), digits)
    return near


def picked(values: Sequence[T], which: NDArray[np.intp]) -> list[T]:
    """Return some of the values of a list, in the order of their places."""
    if len(which) < 2:
        return [values[at] for at in which.tolist()]
    return list(itemgetter(*which.tolist())(values))

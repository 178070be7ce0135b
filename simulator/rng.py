"""Keyed randomness: a draw is a function of (seed, device, purpose, count) and of nothing else.

No order of evaluation, number of devices or workers changes a draw, so the same seed gives the same
run and removing a device does not disturb another. The generator is splitmix64 used as a counter
hash (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014); it needs no state
beyond a key and a count, and `simulator.draws` computes the same formula over arrays.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
_T = TypeVar("_T")


def mix(value: int) -> int:
    """Scramble 64 bits (the finaliser of splitmix64)."""
    value &= _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


@lru_cache(maxsize=4096)
def name_key(name: str) -> int:
    """Return 64 bits that stand for a name, the same on every machine and in every process."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


def device_key(profile: str, number: int) -> int:
    """Return the key of unit `number` of a profile: independent of what else is in the mix."""
    return mix(name_key(profile) + number * _GOLDEN)


class Stream:
    """One named sequence of draws. Cheap to make; holds a key and how many were drawn."""

    __slots__ = ("_key", "count")

    def __init__(self, key: int, count: int = 0) -> None:
        self._key = key
        self.count = count

    @property
    def key(self) -> int:
        """Return the 64 bits that stand for the name of this stream."""
        return self._key

    def bits(self) -> int:
        """Draw 64 random bits."""
        drawn = mix(self._key + self.count * _GOLDEN)
        self.count += 1
        return drawn

    def random(self) -> float:
        """Draw from [0, 1)."""
        return (self.bits() >> 11) * 2.0**-53

    def at(self, count: int) -> float:
        """Return draw number `count` from [0, 1), whatever was drawn so far; moves nothing."""
        return (mix(self._key + count * _GOLDEN) >> 11) * 2.0**-53

    def uniform(self, low: float, high: float) -> float:
        """Draw evenly from [low, high)."""
        return low + (high - low) * self.random()

    def jittered(self, value: float, share: float) -> float:
        """Draw evenly from value ± share·value; a share of 0 draws nothing and is exact."""
        return value * self.uniform(1.0 - share, 1.0 + share) if share else value

    def exponential(self, mean: float) -> float:
        """Draw a waiting time with this mean."""
        return -math.log1p(-self.random()) * mean

    def normal(self, mean: float, deviation: float) -> float:
        """Draw from a normal distribution (Box-Muller, two uniform draws)."""
        radius = math.sqrt(-2.0 * math.log1p(-self.random()))
        return mean + deviation * radius * math.cos(2.0 * math.pi * self.random())

    def chance(self, probability: float) -> bool:
        """Return true with this probability; draws even when the answer is certain."""
        return self.random() < probability

    def below(self, limit: int) -> int:
        """Draw an integer from 0 .. limit-1."""
        return int(self.random() * limit)

    def choice(self, options: Sequence[_T]) -> _T:
        """Draw one of the options evenly."""
        return options[self.below(len(options))]


class Rng:
    """All randomness of a run, from one seed."""

    __slots__ = ("_root", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._root = mix(seed * _GOLDEN + 1)

    def stream(self, device: int, purpose: str) -> Stream:
        """Return the stream of one device (see `device_key`) for one purpose, from its start."""
        return Stream(mix(self.purpose_key(purpose) + device))

    def purpose_key(self, purpose: str) -> int:
        """Return what the streams of all devices for one purpose have in common."""
        return mix(self._root + name_key(purpose))

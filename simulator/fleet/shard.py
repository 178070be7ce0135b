"""A shard: the units of a fleet that one process takes care of.

The units of a fleet stand in a row: the first model of the mix with its numbers, then the next. A
shard is a span of that row. What a unit does depends on its model and number alone, so any cut of
the row into shards gives the same fleet; whatever drives a fleet in many processes, on one machine
or on many, hands out shards.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from simulator.device import Firmware, Place, Speech
from simulator.errors import InputError
from simulator.fleet.unit import Unit
from simulator.link import link_of
from simulator.profile import Profile
from simulator.rng import Rng


@dataclass(frozen=True, slots=True)
class Shard:
    """Units `first` up to, but without, `last`, counted from 0 over the whole fleet."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last:
            message = f"[{self.first}, {self.last}) is no shard: give its first unit, then its end."
            raise InputError(message)

    def __len__(self) -> int:
        return self.last - self.first

    @classmethod
    def number(cls, index: int, shards: int, devices: int) -> "Shard":
        """Return shard `index` (from 0) of so many, of a fleet of so many devices."""
        if not 0 <= index < shards:
            message = f"Shard {index} of {shards} is none: they are counted from 0."
            raise InputError(message)
        return cls(devices * index // shards, devices * (index + 1) // shards)


@dataclass(frozen=True, slots=True)
class Span:
    """The units of one model in a shard: numbers `first` up to, but without, `last`.

    `index` is where the first of them stands in the whole fleet.
    """

    model: str
    first: int
    last: int
    index: int

    def __len__(self) -> int:
        return self.last - self.first


def spans(mix: Mapping[str, int], shard: Shard | None = None) -> Iterator[Span]:
    """Yield the units of a mix, model by model; those of a shard, if one is given."""
    shard = Shard(0, sum(mix.values())) if shard is None else shard
    begins = 0
    for model, count in mix.items():
        first, last = max(begins, shard.first), min(begins + count, shard.last)
        if first < last:
            yield Span(model, first - begins + 1, last - begins + 1, first)
        begins += count


def units_of(
    mix: Mapping[str, int],
    load: Callable[[str], Profile],
    rng: Rng,
    *,
    place: Place,
    epoch_s: float,
    shard: Shard | None = None,
) -> Iterator[Unit]:
    """Yield the units of a mix, switched off, made as they are asked for."""
    for span in spans(mix, shard):
        profile = load(span.model)
        speech = Speech(profile)
        for number in range(span.first, span.last):
            firmware = Firmware(speech, number, rng, place=place, epoch_s=epoch_s)
            index = span.index + number - span.first
            yield Unit(index, firmware, link_of(profile, firmware.key, rng))

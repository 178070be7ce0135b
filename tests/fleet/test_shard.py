"""Shards: any cut of a fleet gives the same units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.device import Place
from simulator.errors import InputError
from simulator.fleet import Shard, Span, spans, units_of
from simulator.profile import load
from simulator.rng import Rng


def split(devices: int, shards: int) -> list[Shard]:
    """Return all shards of a fleet, as each process is told its number."""
    return [Shard.number(index, shards, devices) for index in range(shards)]


MIX = {"milesight-ws101": 3, "gt06": 2, "sensit-v3": 4}


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_shards_cover_a_fleet_once(devices: int, shards: int) -> None:
    """Nobody is left out, nobody is there twice, and no shard is larger than another by two."""
    cut = split(devices, shards)
    sizes = [len(shard) for shard in cut]

    assert [n for shard in cut for n in range(shard.first, shard.last)] == list(range(devices))
    assert max(sizes) - min(sizes) <= 1


@given(st.integers(1, 12))
def test_the_spans_of_shards_are_the_spans_of_the_fleet(shards: int) -> None:
    """Unit by unit, with the same number and the same place in the row."""

    def row(found: list[Span]) -> list[tuple[str, int, int]]:
        return [(s.model, s.first + i, s.index + i) for s in found for i in range(len(s))]

    whole = row(list(spans(MIX)))
    parts = [unit for shard in split(9, shards) for unit in row(list(spans(MIX, shard)))]

    assert parts == whole
    assert whole[0] == ("milesight-ws101", 1, 0)
    assert whole[-1] == ("sensit-v3", 4, 8)


@pytest.mark.parametrize("shards", [1, 2, 9])
def test_units_do_not_depend_on_the_cut(shards: int) -> None:
    """Names, numbers, homes and batteries."""

    def told(shard: Shard | None) -> list[tuple[object, ...]]:
        units = units_of(MIX, load, Rng(5), place=Place(), epoch_s=0.0, shard=shard)
        return [(u.index, u.name, u.firmware.home, u.firmware.battery.level_pct) for u in units]

    assert [unit for shard in split(9, shards) for unit in told(shard)] == told(None)


@pytest.mark.parametrize(("first", "last"), [(-1, 4), (5, 4)])
def test_a_shard_that_is_none_is_refused(first: int, last: int) -> None:
    """Before anything is made."""
    with pytest.raises(InputError, match="is no shard"):
        Shard(first, last)


def test_a_shard_beyond_the_last_is_refused() -> None:
    """Counted from 0."""
    with pytest.raises(InputError, match="counted from 0"):
        Shard.number(2, 2, 10)

"""Delta debugging: what it keeps fails, and nothing of it can be left out."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.rerun.ddmin import fewest, least, minimal


@given(st.integers(1, 300), st.data())
def test_the_culprits_are_what_is_left(size: int, data: st.DataObject) -> None:
    things = list(range(size))
    culprits = data.draw(st.sets(st.sampled_from(things), max_size=5))

    found = fewest(things, lambda some: culprits <= set(some))

    assert found == tuple(sorted(culprits))


@given(st.sets(st.sets(st.integers(0, 40), min_size=1, max_size=4).map(frozenset), min_size=1))
def test_each_one_that_is_left_is_needed(reasons: set[frozenset[int]]) -> None:
    """Several groups may fail; one of them is left, and all of it."""

    def fails(some: Sequence[int]) -> bool:
        return any(reason <= set(some) for reason in reasons)

    found = minimal(range(41), fails)

    assert fails(found)
    assert all(not fails(found[:at] + found[at + 1 :]) for at in range(len(found)))


def test_two_of_ten_thousand_are_found_with_few_large_tests() -> None:
    """What a test costs is what it runs: less than a few runs of the whole."""
    cost = 0

    def fails(some: Sequence[int]) -> bool:
        nonlocal cost
        cost += len(some)
        return {1234, 8765} <= set(some)

    assert fewest(list(range(10_000)), fails) == (1234, 8765)
    assert cost < 15 * 10_000


def test_suspects_that_stand_first_cost_next_to_nothing() -> None:
    cost = 0

    def fails(some: Sequence[int]) -> bool:
        nonlocal cost
        cost += len(some)
        return {0, 1} <= set(some)

    assert fewest(list(range(10_000)), fails) == (0, 1)
    assert cost < 10


@pytest.mark.parametrize("limit", [0.0, 0.1, 3.7, 99.0])
def test_the_least_number_is_approached(limit: float) -> None:
    assert limit <= least(0.0, 100.0, lambda value: value >= limit) <= limit + 100 / 2**8

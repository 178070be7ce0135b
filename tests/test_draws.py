"""Draws over arrays are the draws of the streams, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.draws import (
    device_keys,
    draws,
    exponentials,
    mixed,
    normals,
    picked,
    rounded,
    stream_keys,
)
from simulator.rng import Rng, Stream, device_key, mix

BITS = st.integers(0, 2**64 - 1)


@given(st.lists(BITS, min_size=1, max_size=20))
def test_mixing_arrays_and_numbers_agree(values: list[int]) -> None:
    """For any 64 bits."""
    assert mixed(np.array(values, np.uint64)).tolist() == [mix(value) for value in values]


@given(
    seed=st.integers(0, 2**63),
    profile=st.text(max_size=20),
    purpose=st.text(max_size=20),
    numbers=st.lists(st.integers(0, 2**40), min_size=1, max_size=20),
    count=st.integers(0, 2**32 - 1),
)
def test_a_draw_is_the_same_alone_and_among_many(
    seed: int, profile: str, purpose: str, numbers: list[int], count: int
) -> None:
    """For any seed, device, purpose and count; one count for all, or a count each."""
    rng = Rng(seed)
    devices = device_keys(profile, np.array(numbers, np.uint64))
    keys = stream_keys(rng, devices, purpose)
    each = np.array([count] * len(numbers), np.uint32)
    alone = [rng.stream(device_key(profile, number), purpose).at(count) for number in numbers]

    assert devices.tolist() == [device_key(profile, number) for number in numbers]
    assert draws(keys, count).tolist() == draws(keys, each).tolist() == alone


@pytest.mark.parametrize("purpose", ["schedule", "air"])
def test_the_key_of_a_stream_is_the_key_over_arrays(purpose: str) -> None:
    """So that one gear can go on where the other stopped."""
    rng = Rng(3)
    stream = rng.stream(device_key("gt06", 9), purpose)
    keys = stream_keys(rng, device_keys("gt06", np.array([9], np.uint64)), purpose)
    stream.random()

    assert stream.key == int(keys[0])
    assert Stream(int(keys[0]), stream.count).random() == stream.random()


def test_drawing_leaves_the_keys_as_they_were() -> None:
    """Arrays of keys are made once and drawn from often."""
    keys = stream_keys(Rng(1), device_keys("h02", np.arange(5, dtype=np.uint64)), "air")
    before = keys.copy()
    draws(keys, 7)
    draws(keys, np.arange(5, dtype=np.uint32))

    assert (keys == before).all()


@given(st.lists(st.floats(-180, 180) | st.floats(0, 1e6), max_size=20), st.sampled_from([3, 5, 6]))
def test_rounding_arrays_and_numbers_agree(values: list[float], digits: int) -> None:
    """To the last bit, halves and signs of zero included."""
    halves = [round(value, digits) + 0.5 * 10.0**-digits for value in values]
    many = np.array([*values, *halves], np.float64)

    expected = [round(value, digits) for value in many.tolist()]

    assert list(map(repr, rounded(many, digits).tolist())) == list(map(repr, expected))


@given(BITS, st.integers(0, 1000), st.floats(0.1, 1e5))
def test_shaped_draws_are_the_same_alone_and_among_many(key: int, count: int, scale: float) -> None:
    """Waiting times and errors, which go through functions of the standard library."""
    keys, counts = np.array([key, key ^ 1], np.uint64), np.array([count, count], np.uint32)

    assert exponentials(keys, counts, scale).tolist() == [
        Stream(one, count).exponential(scale) for one in (key, key ^ 1)
    ]
    assert normals(keys, counts, scale).tolist() == [
        Stream(one, count).normal(0, scale) for one in (key, key ^ 1)
    ]


def test_some_of_a_list_are_picked_in_their_order() -> None:
    """None, one or many."""
    for which in ([], [2], [2, 0, 2]):
        assert picked(["a", "b", "c"], np.array(which, np.intp)) == [
            ["a", "b", "c"][at] for at in which
        ]

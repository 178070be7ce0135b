"""Histograms: their error, their sums, and the forms in which they travel."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.load.histogram import (
    BUCKETS,
    LONGEST_NS,
    Histogram,
    HistogramJson,
    bucket_of,
    buckets_of,
    merged,
    middle_ns,
)

durations = st.integers(min_value=0, max_value=LONGEST_NS)
HOUR_NS = 3_600_000_000_000


@given(st.integers(min_value=1_000, max_value=HOUR_NS))
def test_the_error_is_below_two_in_a_thousand_from_a_microsecond_to_an_hour(ns: int) -> None:
    assert abs(middle_ns(bucket_of(ns)) - ns) <= 0.002 * ns


@given(durations)
def test_buckets_are_in_range_and_their_middles_lie_in_them(ns: int) -> None:
    bucket = bucket_of(ns)

    assert 0 <= bucket < BUCKETS
    assert bucket_of(middle_ns(bucket)) == bucket


@given(st.lists(st.integers(min_value=-5, max_value=LONGEST_NS * 2), max_size=50))
def test_arrays_fall_into_the_same_buckets_as_single_values(values: list[int]) -> None:
    many = buckets_of(np.array(values, dtype=np.int64))

    assert many.tolist() == [bucket_of(ns) for ns in values]


@given(st.lists(durations, min_size=1, max_size=200), st.floats(min_value=0.1, max_value=100))
def test_percentiles_agree_with_sorting(values: list[int], percent: float) -> None:
    histogram = Histogram()
    histogram.record_many(np.array(values, dtype=np.int64))
    exact = sorted(values)[max(0, int(np.ceil(len(values) * percent / 100 - 1e-9)) - 1)]

    measured = histogram.percentile_s(percent)

    assert measured is not None
    assert measured * 1e9 == pytest.approx(exact, rel=0.002, abs=1.01)


@given(st.lists(durations, max_size=80), st.lists(durations, max_size=80))
def test_a_sum_is_what_recording_together_gives(ours: list[int], theirs: list[int]) -> None:
    together, a, b = Histogram(), Histogram(), Histogram()
    together.record_many(np.array(ours + theirs, dtype=np.int64))
    a.record_many(np.array(ours, dtype=np.int64))
    for ns in theirs:
        b.record_ns(ns)

    assert merged([a, b]) == together


@given(st.lists(durations, max_size=80))
def test_the_compact_form_comes_back_whole(values: list[int]) -> None:
    histogram = Histogram()
    histogram.record_many(np.array(values, dtype=np.int64))

    text = msgspec.json.encode(histogram.to_json())

    assert Histogram.from_json(msgspec.json.decode(text, type=HistogramJson)) == histogram


@settings(max_examples=5)
@given(st.lists(st.integers(min_value=1_000, max_value=HOUR_NS), min_size=1, max_size=50))
def test_other_tools_read_the_same_values(values: list[int]) -> None:
    histogram = Histogram()
    histogram.record_many(np.array(values, dtype=np.int64))

    hdr = histogram.to_hdr()

    assert hdr.get_total_count() == len(values)
    assert hdr.get_max_value() == pytest.approx(max(values) / 1e3, rel=0.004, abs=1.01)
    assert hdr.get_min_value() == pytest.approx(min(values) / 1e3, rel=0.004, abs=1.01)
    assert Histogram.from_hdr(hdr).n == histogram.n


@pytest.mark.parametrize(
    "form",
    [
        HistogramJson(1, 5, 5, 5, [5]),
        HistogramJson(2, 5, 5, 5, [5, 1]),
        HistogramJson(1, 5, 5, 5, [BUCKETS, 1]),
        HistogramJson(2, 5, 5, 5, [5, 1, 0, 1]),
        HistogramJson(0, 0, 0, 0, [3, 0]),
    ],
)
def test_a_form_that_contradicts_itself_is_refused(form: HistogramJson) -> None:
    with pytest.raises(ValueError, match=r"histogram"):
        Histogram.from_json(form)


@given(st.lists(st.integers(min_value=0, max_value=1 << 60), max_size=12), durations)
def test_any_form_is_read_or_refused(counts: list[int], n: int) -> None:
    form = HistogramJson(n, 0, 0, 0, counts)

    try:
        made = Histogram.from_json(form)
    except ValueError:
        return

    assert sum(made.counts.values()) == n


def test_an_empty_histogram_has_no_percentiles() -> None:
    assert Histogram().percentile_s(99) is None
    assert Histogram().mean_s is None
    assert Histogram().max_s is None


def test_the_share_above_a_limit_counts_only_longer_ones() -> None:
    histogram = Histogram()
    for ms in range(1, 101):
        histogram.record(ms / 1000)

    assert histogram.share_above(0.0901) == pytest.approx(0.1, abs=0.011)
    assert Histogram().share_above(1) == 0

"""Numbers as people read them."""

import pytest

from simulator.report.latency import StageLatency
from simulator.report.words import Scale, count, duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 ms"),
        (0.34, "340 ms"),
        (0.9996, "1.0 s"),
        (2.14, "2.1 s"),
        (59.96, "1 min 00 s"),
        (65.0, "1 min 05 s"),
        (3 * 3600 + 720, "3 h 12 min"),
        (5 * 86400 + 3600, "5 d 1 h"),
    ],
)
def test_durations_keep_the_digits_that_matter(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_no_duration_is_a_dash() -> None:
    assert duration(None) == "\u2013"


def test_numbers_agree_with_their_noun() -> None:
    assert [count(n, "frame") for n in (1, 2, 1000)] == ["1 frame", "2 frames", "1,000 frames"]


def test_the_axis_runs_from_a_millisecond_to_the_longest_time() -> None:
    scale = Scale((StageLatency("air", 1, 1.0, 1.0, 1.0, 100.0),), 200.0)

    assert [scale.x(seconds) for seconds in (None, 0.0, 0.001, 100.0)] == [0.0, 0.0, 0.0, 200.0]
    assert [label for _, label in scale.ticks] == ["10 ms", "0.1 s", "1 s", "10 s", "1 min"]

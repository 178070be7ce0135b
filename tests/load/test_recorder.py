"""Rows that are counted by the thousand come to the same as rows that are counted one by one."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.load.histogram import Histogram
from simulator.load.recorder import Recorder
from simulator.load.result import Stage, Tally
from simulator.load.rows import CALLOUT, DROPS, NO_ROOM, ROW, STALE, UNFINISHED, reason_of
from simulator.load.schedule import KINDS, PRESS

START_S = 1000.0
_STEPS = st.integers(0, 3_000_000).map(lambda us: us / 1e6)
STATUSES = st.sampled_from([200, 200, 200, 204, 404, 503, UNFINISHED, STALE, NO_ROOM, -2])
Made = tuple[float, list[float], int, int, int]
MADE = st.tuples(
    st.integers(0, 5_000_000).map(lambda us: (us + 0.25) / 1e6),  # nothing on the edge of a window
    st.lists(_STEPS, min_size=4, max_size=4),
    st.integers(0, len(KINDS) - 1),
    STATUSES,
    st.sampled_from([1, 2, 1 + CALLOUT]),
)


def packed(made: Made) -> tuple[bytes, dict[str, float]]:
    """Return a row, and its moments in run seconds; a moment that never was is missing."""
    due, steps, kind, status, attempts = made
    moments = {"due": due}
    if status not in DROPS:
        for name, step in zip(("taken", "sent", "flushed"), steps, strict=False):
            moments[name] = max(moments.values()) + step
    else:
        moments["taken"] = due + steps[0]
    if status != UNFINISHED:
        moments["done"] = max(moments.values()) + steps[3]
    names = ("due", "taken", "sent", "flushed", "done")
    times = [moments[name] + START_S if name in moments else 0.0 for name in names]
    return ROW.pack(*times, kind, status, attempts), moments


@settings(max_examples=50)
@given(st.lists(MADE, max_size=20), st.integers(1, 5))
def test_counting_together_is_counting_one_by_one(made: list[Made], parts: int) -> None:
    recorder = Recorder(10.0)
    rows = [packed(one) for one in made]
    for at in range(parts):
        recorder.fold(b"".join(row for row, _ in rows[at::parts]), START_S)

    lateness, latency = Histogram(), Histogram()
    windows: Counter[int] = Counter()
    tallies = {kind.value: Tally() for kind in KINDS}
    reasons: Counter[str] = Counter()
    for (_, _, kind, status, _), (_, moments) in zip(made, rows, strict=True):
        tally, is_ok = tallies[KINDS[kind].value], 200 <= status < 300
        tally.due += 1
        tally.sent += "sent" in moments
        tally.answered += is_ok
        tally.dropped += status in DROPS
        tally.errors += not is_ok and status not in DROPS and status != UNFINISHED
        lateness.record(moments["taken"] - moments["due"])
        if is_ok:
            latency.record(moments["done"] - moments["due"])
            windows[int(moments["done"])] += 1
        elif status != UNFINISHED:
            reasons[reason_of(status)] += 1

    stages, series = recorder.stages(), recorder.series
    for stage, expected in ((Stage.LATENESS, lateness), (Stage.LATENCY, latency)):
        counted = Histogram()
        for one in stages.get(stage, {}).values():
            counted.add(one)
        assert counted.n == expected.n
        assert abs(counted.sum_ns - expected.sum_ns) <= 1000 * len(made)
    assert recorder.kinds == tallies
    assert Counter(recorder.errors) + Counter(recorder.drops) == reasons
    assert {at: w.answered_in for at, w in enumerate(series.windows) if w.answered_in} == windows
    assert sum(window.latency.n for window in series.windows) == latency.n
    assert sum(window.lateness.n for window in series.windows) == lateness.n


def test_a_callout_is_counted_for_presses_that_name_one() -> None:
    recorder = Recorder(10.0)
    for kind, attempts in ((PRESS, 1 + CALLOUT), (PRESS, 1), (PRESS + 1, 1 + CALLOUT)):
        recorder.fold(packed((1.0, [0.1] * 4, kind, 200, attempts))[0], START_S)

    assert recorder.stages()[Stage.CALLOUT]["press"].n == 1


def test_windows_far_apart_are_all_kept() -> None:
    """Only the latest few are open at once; late rows of a closed one are added to it."""
    recorder = Recorder(100.0)
    for second in (*range(20), 3, 3):
        recorder.fold(packed((second + 0.5, [0.0] * 4, PRESS, 200, 1))[0] * 9000, START_S)

    counts = [window.latency.n for window in recorder.series.windows]

    assert counts == [27_000 if second == 3 else 9_000 for second in range(20)]

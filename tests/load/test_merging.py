"""Lines of several workers come out in the order of their times, whatever order they came in."""

from math import inf

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.journal import Answered, CalloutClosed, Pressed, RunStarted
from simulator.load.gathering import Gathering
from simulator.load.health import Pulse
from simulator.load.lines import Lines, callout_of, pack, unpack
from simulator.load.merging import Merge
from simulator.load.task import LINES, PULSE
from tests.load.made import settings


def lines(told_s: float, *times_s: float) -> Lines:
    """Return lines that are their own times."""
    text = b"".join(b"%r\n" % time_s for time_s in times_s)
    return unpack(pack(told_s, times_s, [0] * len(times_s), text))


class Kept:
    """What a merge wrote, as times."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.writes = 0

    def write(self, written: list[bytes]) -> None:
        """Take lines."""
        self.writes += 1
        self.times += [float(line) for line in written]


@pytest.fixture
def kept() -> Kept:
    """Return nothing written yet."""
    return Kept()


def test_a_worker_that_is_seconds_late_is_waited_for(kept: Kept) -> None:
    merge = Merge(2, kept.write)
    for second in range(30):
        merge.take(0, lines(second + 1.0, second + 0.5))
    assert kept.times == []

    merge.take(1, lines(29.5, *(second + 0.25 for second in range(29))))
    merge.left(0)
    merge.left(1)

    assert kept.times == sorted(kept.times)
    assert len(kept.times) == 59
    assert merge.strays == 0


def test_nothing_is_written_before_the_slowest_has_told(kept: Kept) -> None:
    merge = Merge(3, kept.write)

    merge.take(0, lines(9.0, 1.0, 8.0))
    merge.take(1, lines(5.0, 2.0))
    assert kept.times == []
    merge.told(2, 3.0)

    assert kept.times == [1.0, 2.0]
    assert merge.kept == 1
    assert merge.newest_s == 8.0


def test_a_worker_without_lines_holds_nothing_back(kept: Kept) -> None:
    """Its pulse says how far it is."""
    merge = Merge(2, kept.write)
    merge.take(0, lines(2.0, 1.0))

    merge.told(1, 1.5)

    assert kept.times == [1.0]


@pytest.mark.parametrize("gone", [0, 1])
def test_a_worker_that_ended_or_was_killed_is_not_waited_for(kept: Kept, gone: int) -> None:
    merge = Merge(2, kept.write)
    merge.take(gone, lines(1.0, 0.5))
    merge.left(gone)

    merge.take(1 - gone, lines(7.0, 6.0))

    assert kept.times == [0.5, 6.0]


def test_a_worker_that_hangs_is_given_up_when_memory_ends(kept: Kept) -> None:
    merge = Merge(2, kept.write, most_bytes=1000)
    merge.told(1, 0.25)
    for second in range(100):
        merge.take(0, lines(second + 1.0, second + 0.5))
        assert merge.kept <= 20
    assert merge.given_up == {1: 0.25}
    assert merge.strays == 0

    merge.take(1, lines(3.0, 0.3, 0.4))

    assert merge.strays == 2
    merge.settle()
    assert sorted(kept.times) == sorted([0.3, 0.4, *(second + 0.5 for second in range(100))])


def test_one_worker_alone_waits_for_nobody(kept: Kept) -> None:
    """Each frame is written when it comes, in one write; only what may still change place stays."""
    merge = Merge(1, kept.write)

    for second in range(5):
        merge.take(0, lines(second + 1.0, second + 0.5, second + 0.25))

    assert kept.writes == 5
    assert merge.kept == 0
    assert kept.times == sorted(kept.times)


def test_lines_of_one_moment_stay_in_the_order_of_their_worker(kept: Kept) -> None:
    written: list[bytes] = []
    merge = Merge(1, written.extend)
    times = [1.0, 1.0, 0.5, 1.0]

    merge.take(0, unpack(pack(inf, times, [0] * 4, b"a\nb\nfirst\nc\n")))

    assert written == [b"first\n", b"a\n", b"b\n", b"c\n"]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.lists(st.floats(0.0, 2.0), max_size=4)), max_size=40)
)
def test_any_interleaving_is_in_order_and_whole(frames: list[tuple[int, list[float]]]) -> None:
    """Workers go on by their own clocks; each keeps its word on what it has told."""
    kept, clocks = Kept(), [0.0, 0.0, 0.0]
    merge = Merge(3, kept.write)
    sent: list[float] = []
    for worker, parts in frames:
        times = [clocks[worker] + part for part in parts]
        sent += times
        clocks[worker] += 0.5
        merge.take(worker, lines(clocks[worker], *times))
    for worker in range(3):
        merge.left(worker)

    assert kept.times == sorted(sent)
    assert merge.strays == 0


def test_lines_travel_whole() -> None:
    found = unpack(pack(2.5, [1.0, 2.0], [7, -7], b"{}\n{}\n"))

    assert found.told_s == 2.5
    assert found.times_s.tolist() == [1.0, 2.0]
    assert found.callouts.tolist() == [7, -7]
    assert found.text == b"{}\n{}\n"
    assert found.times_s.dtype == np.float64


def test_callouts_travel_beside_their_lines() -> None:
    opened = Answered(t=1.0, device="d", message="m", kind="press", status=200, callout=7)
    moved = Answered(t=1.0, device="d", message="m", kind="move", status=200, callout=7)
    closed = CalloutClosed(t=2.0, device="d", callout=7, by="cancel")
    absurd = CalloutClosed(t=2.0, device="d", callout=10**30, by="cancel")

    found = [callout_of(record) for record in (opened, moved, closed, absurd)]

    assert found == [7, 0, -7, 0]


def test_open_callouts_are_known_while_the_test_runs() -> None:
    gathering = Gathering(settings(workers=2), "2026-06-01T00:00:00Z")

    gathering.take(1, LINES, pack(9.0, [3.0, 4.0, 5.0], [7, 8, -7], b"1\n2\n3\n"))

    assert gathering.callouts == {8: 4.0}
    assert gathering.merge.kept == 3  # worker 0 has not told anything yet


def test_a_journal_out_of_order_is_trouble_that_is_told() -> None:
    journal: list[bytes] = []
    gathering = Gathering(
        settings(workers=2), "2026-06-01T00:00:00Z", on_lines=journal.append, reread=lambda: ()
    )
    gathering.merge = Merge(2, journal.extend, most_bytes=100)
    gathering.take(0, LINES, pack(5.0, [1.0, 2.0, 3.0], [0] * 3, b"1\n2\n3\n"))
    gathering.take(1, LINES, pack(2.0, [1.5], [0], b"1.5\n"))

    gathering.settle()

    assert journal == [b"1\n", b"2\n", b"3\n", b"1.5\n"]
    assert "the journal is not in order: worker 1 from 0.0 s on" in gathering.troubles[0]


def test_a_pulse_tells_how_far_a_worker_is() -> None:
    journal: list[bytes] = []
    gathering = Gathering(
        settings(workers=2), "2026-06-01T00:00:00Z", on_lines=journal.append, reread=lambda: ()
    )
    pressed = Pressed(t=1.0, press="d#1", device="d", gesture="press")
    line = msgspec.json.encode(pressed) + b"\n"
    gathering.take(0, LINES, pack(2.0, [1.0], [0], line))
    assert journal == []

    gathering.take(1, PULSE, msgspec.json.encode(Pulse(told_s=1.5)))

    assert journal == [line]


def test_a_run_that_began_is_written_at_once() -> None:
    """What no worker wrote comes before all of theirs."""
    gathering = Gathering(settings(), "2026-06-01T00:00:00Z")
    begun = RunStarted(
        t=0.0, format=1, version="1", seed=1, clock="real", target="sandbox", tier="sandbox",
        started="2026-06-01T00:00:00Z", for_s=1.0, mix={},
    )  # fmt: skip

    gathering.account(begun)

    assert gathering.ledger.started == begun

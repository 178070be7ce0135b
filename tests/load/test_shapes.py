"""Shapes and schedules: how much is due when, for whom, and the same for any number of workers."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.journal import DeviceLinked, EventSent, FileJournal, RunStarted
from simulator.load.schedule import (
    BATTERY,
    CANCEL,
    MOVE,
    PRESS,
    ReplaySchedule,
    Round,
    Saturation,
    ShapeSchedule,
)
from simulator.load.shapes import Form, Shape, ShapeError

RATED = [form for form in Form if form not in (Form.FLEET, Form.REPLAY, Form.SATURATE)]


def schedule(
    form: Form = Form.CONSTANT, shard: tuple[int, int] = (0, 1), **given: float
) -> ShapeSchedule:
    """Return eight seconds of a shape for twenty devices."""
    shape = Shape(form=form, rate=given.get("rate", 100.0))
    return ShapeSchedule(
        shape.curve(8.0), 8.0, devices=20, life=Round(), seed=int(given.get("seed", 1)), shard=shard
    )


def messages(made: ShapeSchedule | ReplaySchedule) -> list[tuple[float, int, int]]:
    """Return (second, device, kind) of all that is due."""
    return [one for piece in made.slices() for one in zip(*piece, strict=True)]


@pytest.mark.parametrize(
    ("form", "due"),
    [
        (Form.CONSTANT, 4000),
        (Form.RAMP, 2000),
        (Form.STEP, 2400),
        (Form.DIURNAL, 2200),
    ],
)
def test_a_shape_has_as_many_messages_as_its_rate_says(form: Form, due: int) -> None:
    curve = Shape(form=form, rate=500.0).curve(8.0)

    assert curve.count(8.0) == pytest.approx(due, abs=1)


def test_a_spike_is_high_in_the_middle_and_low_outside() -> None:
    curve = Shape(form=Form.SPIKE, rate=500.0, base=20.0).curve(100.0)

    assert curve.rate(50.0) == 500.0
    assert curve.rate(10.0) == curve.rate(90.0) == 20.0


@pytest.mark.parametrize("form", RATED)
def test_messages_are_due_in_order_within_the_time(form: Form) -> None:
    due = [at_s for at_s, _, _ in messages(schedule(form))]

    assert due == sorted(due)
    assert all(0 <= at_s <= 8.0 for at_s in due)
    assert len(due) == Shape(form=form, rate=100.0).curve(8.0).count(8.0)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(RATED), st.integers(1, 5), st.integers(0, 1000))
def test_any_number_of_workers_makes_the_same_schedule(form: Form, shards: int, seed: int) -> None:
    whole = messages(schedule(form, seed=seed))

    parts = [messages(schedule(form, (shard, shards), seed=seed)) for shard in range(shards)]

    assert sorted(one for part in parts for one in part) == whole


def test_another_seed_is_another_schedule() -> None:
    assert messages(schedule()) == messages(schedule())
    assert messages(schedule()) != messages(schedule(seed=2))


@given(st.integers(1, 4), st.integers(0, 9), st.integers(0, 1), st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_a_device_says_nothing_of_an_emergency_that_has_not_begun(
    press: int, move: int, cancel: int, battery: int
) -> None:
    """Positions and cancels follow a press of the same device, in every round."""
    shape = Shape(rate=200.0)
    made = ShapeSchedule(
        shape.curve(4.0), 4.0, devices=7,
        life=Round(press=press, move=move, cancel=cancel, battery=battery), seed=3,
    )  # fmt: skip
    is_open: dict[int, bool] = {}
    for _, device, kind in messages(made):
        if kind == PRESS:
            is_open[device] = True
        elif kind in (MOVE, CANCEL):
            assert is_open.get(device)
            is_open[device] = kind == MOVE


def test_presses_come_at_their_share_from_the_beginning() -> None:
    """A short test of many devices has presses too."""
    shape = Shape(rate=1000.0)
    made = ShapeSchedule(shape.curve(1.0), 1.0, devices=5000, life=Round(), seed=1)

    kinds = [kind for _, _, kind in messages(made)]

    assert kinds.count(PRESS) == pytest.approx(50, abs=25)
    assert kinds.count(BATTERY) > 900


def test_saturation_never_ends_and_uses_all_devices() -> None:
    pieces = Saturation(schedule()).slices()

    devices = {device for _ in range(3) for device in next(pieces).devices}

    assert devices == set(range(20))


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": Form.CONSTANT},
        {"rate": -1.0},
        {"rate": 1e9},
        {"rate": 5.0, "base": -2.0},
        {"rate": 5.0, "steps": 0},
        {"rate": 5.0, "width": 0.0},
        {"rate": 5.0, "at": 1.5},
    ],
)
def test_impossible_shapes_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ShapeError):
        Shape(**wrong)  # type: ignore[arg-type]  # what a load file could say


@pytest.mark.parametrize(
    "wrong", [{"press": -1}, {"press": 0, "cancel": 1}, {"battery": 5000}, {"cancel": 2},
              {"press": 0, "move": 0, "cancel": 0, "battery": 0}],
)  # fmt: skip
def test_impossible_rounds_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError):
        Round(**wrong)


def journal(folder: Path) -> Path:
    """Write a journal with three events of two devices."""
    with FileJournal(folder) as made:
        made.write(
            RunStarted(
                t=0, format=1, version="1", seed=1, clock="real", target="x", tier="sandbox",
                started="2026-06-01T00:00:00Z", for_s=9, mix={"h02": 1, "gt06": 1},
            )
        )  # fmt: skip
        for name in ("h02", "gt06"):
            made.write(
                DeviceLinked(
                    t=0, device=f"{name}/1", profile=name, serial="1", device_id="1", customer=1,
                    latitude=0, longitude=0,
                )
            )  # fmt: skip
        for t, name, kind in (
            (2.0, "h02", "press"),
            (3.0, "gt06", "battery"),
            (4.0, "h02", "move"),
        ):
            made.write(EventSent(t=t, device=f"{name}/1", message="m", kind=kind, seq=1))
        made.write(
            EventSent(t=5, device="h02/1", message="by phone", kind="cancel", press="h02/1#1")
        )
        made.write(
            EventSent(t=6, device="h02/1", message="h02/1#2:press", kind="press", press="h02/1#2")
        )
    return folder


def test_a_journal_is_replayed_at_its_times(tmp_path: Path) -> None:
    replay = ReplaySchedule(journal(tmp_path), speed=2.0)

    assert replay.mix == {"gt06": 1, "h02": 1}
    assert messages(replay) == [(0, 1, PRESS), (0.5, 0, BATTERY), (1, 1, MOVE), (2, 1, PRESS)]
    assert replay.lasts_s == 2.0


def test_a_journal_without_events_cannot_be_replayed(tmp_path: Path) -> None:
    with FileJournal(tmp_path) as made:
        made.write(
            RunStarted(
                t=0, format=1, version="1", seed=1, clock="real", target="x", tier="sandbox",
                started="2026-06-01T00:00:00Z", for_s=9, mix={},
            )
        )  # fmt: skip

    with pytest.raises(InputError, match="no device events"):
        ReplaySchedule(tmp_path)


def test_due_times_follow_the_rate_within_a_second() -> None:
    """On a ramp more is due in the second half of a second than in the first."""
    curve = Shape(form=Form.RAMP, rate=1000.0).curve(1.0)

    due = curve.times(0.0, 1.0, np.linspace(0.001, 0.999, 1000))

    assert np.sum(due > 0.5) == pytest.approx(750, abs=5)

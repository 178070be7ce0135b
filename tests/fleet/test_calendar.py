"""Populations against the textbook: a SimPy process a device, drawing one number at a time."""

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.fleet import Calendar, Rhythm, Rhythms, Shard, each
from simulator.rng import Rng
from simulator.testing.day import TRACKERS, Act, Day, Habits, cancel_after

Event = tuple[float, int, int]
TALKATIVE = Habits(press_s=20_000.0, cancel_share=0.5, talk_s=900.0, cancel_after_s=(5.0, 600.0))


def textbook(devices: int, seed: int, habits: Habits, until_s: float) -> list[Event]:
    """Return what a fleet does when each device is three plain processes."""
    env, rng, seen = simpy.Environment(), Rng(seed), list[Event]()

    def reports(device: int) -> Generator[simpy.Event, object, None]:
        stream = habits.streams(rng, device)["report"]
        at_s = stream.random() * habits.report_s
        while True:
            yield env.timeout(max(0.0, at_s - env.now))
            seen.append((at_s, device, Act.REPORT))
            at_s += stream.jittered(habits.report_s, habits.jitter)

    def moves(device: int) -> Generator[simpy.Event, object, None]:
        streams = habits.streams(rng, device)
        wakes_s = streams["wake"].uniform(*habits.wakes_s)
        at_s = wakes_s + streams["move"].random() * habits.move_s
        while at_s < wakes_s + habits.active_s:
            yield env.timeout(max(0.0, at_s - env.now))
            seen.append((at_s, device, Act.MOVE))
            at_s += streams["move"].jittered(habits.move_s, habits.jitter)

    def person(device: int) -> Generator[simpy.Event, object, None]:
        streams = habits.streams(rng, device)
        at_s = streams["press"].exponential(habits.press_s)
        while True:
            yield env.timeout(max(0.0, at_s - env.now))
            seen.append((at_s, device, Act.PRESS))
            cancels_s = cancel_after(habits, streams["cancel"], at_s)
            if cancels_s < at_s + habits.talk_s:
                env.process(cancel(device, cancels_s))
            at_s = max(at_s + streams["press"].exponential(habits.press_s), at_s + habits.talk_s)

    def cancel(device: int, at_s: float) -> Generator[simpy.Event, object, None]:
        yield env.timeout(max(0.0, at_s - env.now))
        seen.append((at_s, device, Act.CANCEL))

    for device in range(devices):
        env.process(reports(device))
        env.process(person(device))
        if device % TRACKERS == 0:
            env.process(moves(device))
    env.run(until=until_s)
    return seen


def engine(devices: Shard, seed: int, habits: Habits, until_s: float, **how: float) -> list[Event]:
    """Return what the same devices do on the engine."""
    env, seen = simpy.Environment(), list[Event]()

    def emit(at_s: float, device: int, kind: int) -> None:
        seen.append((at_s, device, kind))

    habits = replace(habits, lasts_s=until_s)
    Day(env, devices, emit, seed=seed, habits=habits, **how)  # type: ignore[arg-type]
    env.run(until=until_s)
    return seen


@pytest.mark.parametrize(
    ("shards", "how"),
    [
        (1, {}),
        (1, {"window_s": 60.0, "cohort": 7}),
        (2, {"window_s": 3600.0}),
        (7, {"window_s": 777.7, "cohort": 10}),
    ],
)
def test_any_shards_windows_and_cohorts_do_what_the_textbook_does(
    shards: int, how: dict[str, float]
) -> None:
    """Event by event, to the last bit of each time, with many promotions in between."""
    expected = textbook(60, 7, TALKATIVE, 50_000.0)
    seen = [
        event
        for shard in (Shard.number(index, shards, 60) for index in range(shards))
        for event in engine(shard, 7, TALKATIVE, 50_000.0, **how)
    ]

    assert sorted(seen) == sorted(expected)
    assert sum(kind == Act.PRESS for _, _, kind in expected) > 50
    assert sum(kind == Act.CANCEL for _, _, kind in expected) > 10


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    window_s=st.floats(1.0, 10_000.0),
    talk_s=st.floats(1.0, 20_000.0),
    cohort=st.integers(1, 20),
)
def test_promotion_and_demotion_lose_and_double_nothing(
    seed: int, window_s: float, talk_s: float, cohort: int
) -> None:
    """For any seed, window, length of conversation and cohort."""
    habits = replace(TALKATIVE, talk_s=talk_s, cancel_after_s=(0.5, 1.0))
    expected = textbook(12, seed, habits, 40_000.0)

    seen = engine(Shard(0, 12), seed, habits, 40_000.0, window_s=window_s, cohort=cohort)

    assert sorted(seen) == sorted(expected)


def test_events_come_in_the_order_of_time() -> None:
    """Those of the crowd and those of devices in conversation, in one row."""
    seen = engine(Shard(0, 200), 3, TALKATIVE, 40_000.0)

    assert [at_s for at_s, _, _ in seen] == sorted(at_s for at_s, _, _ in seen)
    assert len({kind for _, _, kind in seen}) == 4


def test_a_sink_may_take_arrays() -> None:
    """Slices of a window, sorted, that hold what calls would have told one by one."""
    env, slices = simpy.Environment(), []

    Day(
        env,
        Shard(0, 50),
        lambda *_: None,
        habits=replace(TALKATIVE, press_s=1e12),
        sink=lambda at_s, codes: slices.append((at_s.tolist(), codes.tolist())),
    )
    env.run(until=30_000.0)
    told = engine(Shard(0, 50), 1, replace(TALKATIVE, press_s=1e12), 30_000.0)

    taken = [pair for times, codes in slices for pair in zip(times, codes, strict=True)]
    assert taken == [(at_s, device << 3 | kind) for at_s, device, kind in told]
    assert len(slices) < len(taken)


def rhythm(devices: int, **more: object) -> Rhythm:
    """Return devices that report every 100 s, from 10 s on."""
    keys = np.arange(devices, dtype=np.uint64)
    next_s = np.full(devices, 10.0)
    return Rhythm(keys, next_s, period_s=100.0, jitter=0.0, first=0, **more)  # type: ignore[arg-type]


def test_a_promoted_device_is_silent_until_it_is_demoted() -> None:
    """What was worked out ahead for it is withdrawn, also within a window."""
    env, seen = simpy.Environment(), list[Event]()
    calendar = Calendar(
        env, [Rhythms(0, 2, [rhythm(2)])], each(lambda *event: seen.append(event)), window_s=1000.0
    )

    def awake() -> Generator[simpy.Event, object, None]:
        yield env.timeout(50.0)
        beats = calendar.promote(0)
        assert (beats[0].next_s, beats[0].count) == (110.0, 2)
        yield env.timeout(170.0)
        beats[0].next_s = 310.0
        calendar.demote(0, beats)

    env.process(awake())
    env.run(until=320.0)

    assert [at_s for at_s, device, _ in seen if device == 0] == [10.0, 310.0]
    assert [at_s for at_s, device, _ in seen if device == 1] == [10.0, 110.0, 210.0, 310.0]


def test_a_stranger_cannot_be_promoted() -> None:
    """A device that no population of the calendar has."""
    env = simpy.Environment()
    calendar = Calendar(env, [Rhythms(0, 2, [rhythm(2)])], each(lambda *_: None))

    with pytest.raises(LookupError, match="Device 2"):
        calendar.promote(2)


def test_a_rhythm_ends_when_it_is_told() -> None:
    """At its last time and after it nothing happens."""
    env, seen = simpy.Environment(), list[Event]()
    ends_s = np.array([210.0, 211.0])
    population = Rhythms(0, 2, [rhythm(2, ends_s=ends_s)])
    Calendar(env, [population], each(lambda *event: seen.append(event)))
    env.run(until=1000.0)

    assert [at_s for at_s, device, _ in seen if device == 0] == [10.0, 110.0]
    assert [at_s for at_s, device, _ in seen if device == 1] == [10.0, 110.0, 210.0]


def test_more_devices_than_fit_are_refused() -> None:
    """An event has 32 bits."""
    with pytest.raises(ValueError, match="no room"):
        Rhythms(0, 2**29 + 1, [rhythm(1)])

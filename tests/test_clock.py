"""Durations, times, clock modes, and the pacer that keeps step with the wall clock."""

import pytest
import simpy

from simulator.clock import (
    REAL,
    VIRTUAL,
    ClockError,
    Pacer,
    clock_mode,
    duration_s,
    epoch_s,
    iso,
    monotonic_s,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("24h", 86400), ("1h30m", 5400), ("500ms", 0.5), ("7d", 604800), ("2min", 120)],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    """Units from milliseconds to weeks, alone or together."""
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "24", "h", "-5s", "1x", "5s!", "five"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    """The message says how to write one."""
    with pytest.raises(ClockError, match="for example 30s"):
        duration_s(text)


def test_clock_modes_are_read_and_written_alike() -> None:
    """A mode prints as it is typed."""
    assert clock_mode("virtual") == VIRTUAL
    assert clock_mode("real") == REAL
    assert clock_mode("scaled=60").speed == 60
    assert [str(clock_mode(t)) for t in ("virtual", "real", "scaled=60")] == [
        "virtual",
        "real",
        "scaled=60",
    ]


@pytest.mark.parametrize("text", ["fast", "scaled", "scaled=0", "scaled=-2", "Virtual"])
def test_unknown_clock_mode_is_refused(text: str) -> None:
    """A clock that does not exist is not guessed."""
    with pytest.raises(ClockError, match="is no clock"):
        clock_mode(text)


def test_times_go_both_ways_in_utc() -> None:
    """ISO 8601 with a Z, with or without a fraction; a time without a zone is UTC."""
    moment = epoch_s("2026-06-10T09:30:00Z")

    assert iso(moment) == "2026-06-10T09:30:00Z"
    assert iso(moment + 0.25, digits=3) == "2026-06-10T09:30:00.250Z"
    assert epoch_s("2026-06-10T11:30:00+02:00") == epoch_s("2026-06-10T09:30:00") == moment
    with pytest.raises(ClockError, match="is no time"):
        epoch_s("yesterday")


async def test_pacer_handles_events_no_earlier_than_they_are_due() -> None:
    """At fifty times real time, a second of the run takes a fiftieth of one."""
    env = simpy.Environment()
    seen: list[float] = []
    env.timeout(0.5).callbacks.append(lambda _: seen.append(env.now))
    began = monotonic_s()

    await Pacer(env, speed=50.0).run(until=1.0)

    assert seen == [0.5]
    assert monotonic_s() - began >= 1.0 / 50.0


async def test_what_is_posted_happens_at_the_present_run_time() -> None:
    """Something from outside enters between the events, and wakes the sleeping pacer."""
    env = simpy.Environment()
    pacer = Pacer(env, speed=1000.0)
    answered = env.event()
    env.timeout(3600.0)
    pacer.post(answered.succeed)

    await pacer.run(until=answered)

    assert answered.processed
    assert env.now < 3600.0


async def test_pacer_stops_at_the_event_it_was_asked_for() -> None:
    """Later events are left in the environment."""
    env = simpy.Environment()
    first = env.timeout(0.1)
    later = env.timeout(50.0)

    await Pacer(env, speed=100.0).run(until=first)

    assert first.processed
    assert not later.processed

"""The receiver: errors that drift, cold starts, and spells without a fix."""

import itertools
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.device.gnss import Fix, Gnss, Receiver
from simulator.device.motion import Position, Wander, distance_m
from simulator.profile import Motion
from simulator.rng import Rng

HOME = Position(-26.2, 28.0)


def receiver(seed: int = 1, *, motion: Motion | None = None, **keys: object) -> Receiver:
    """Return the receiver of one unit, with an error of 10 m."""
    rng = Rng(seed)
    mover = Wander(motion or Motion(), HOME, rng.stream(1, "walk"))
    gnss = Gnss(**keys)  # type: ignore[arg-type]
    return Receiver(gnss, 10.0, mover, rng.stream(1, "gnss"), rng.stream(1, "gnss error"))


def away(fix: Fix | None) -> float:
    """Return how far a fix is from home."""
    assert fix is not None
    return distance_m(HOME, fix.position)


def test_fixes_err_as_the_profile_says() -> None:
    """Ten metres to each side, for one deviation; over many units and hours."""
    errors = [away(receiver(seed).fix(3600.0 * hour)) for seed in range(40) for hour in range(25)]

    # the distance of two normal errors: a Rayleigh distribution
    assert statistics.fmean(errors) == pytest.approx(12.5, rel=0.1)
    assert max(errors) < 60.0


def test_the_error_of_a_true_receiver_drifts() -> None:
    """From one second to the next it hardly changes; over ten minutes it does."""
    heard = [receiver().fix(float(t)) for t in range(3600)]
    places = [fix.position for fix in heard if fix]

    assert max(distance_m(a, b) for a, b in itertools.pairwise(places)) < 1.0
    assert distance_m(places[0], places[600]) > 1.0


def test_a_cold_start_takes_its_time() -> None:
    """Nothing is known before; then fixes are bad at first."""
    cold = receiver(cold_start_s=(30.0, 40.0))
    cold.start(1000.0)
    opens_s = next(t for t in range(1000, 1100) if cold.fix(float(t)))
    fresh, settled = cold.fix(float(opens_s)), cold.fix(opens_s + 61.0)

    assert 1030 <= opens_s <= 1041
    assert fresh is not None
    assert settled is not None
    assert fresh.accuracy_m > 3 * settled.accuracy_m


def test_without_a_fix_the_last_one_is_told() -> None:
    """It grows old; the share of the time is the one that was asked for."""
    motion = Motion(speed_kmh=5.0, roam_m=900.0)
    lossy = receiver(lost_share=0.3, lost_s=600.0, cold_start_s=(0.0, 0.0), motion=motion)
    heard = [lossy.fix(60.0 * minute) for minute in range(60 * 24 * 7)]
    ages = [fix.age_s for fix in heard if fix]

    assert 0.2 < sum(age > 0 for age in ages) / len(ages) < 0.4
    assert max(ages) > 600.0


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20), st.floats(0, 0.9))
def test_a_fix_does_not_depend_on_what_was_asked_before(times: list[float], share: float) -> None:
    """Any order of times gives the same fixes."""
    one, other = receiver(lost_share=share), receiver(lost_share=share)

    assert [one.fix(t) for t in times] == [other.fix(t) for t in reversed(times)][::-1]

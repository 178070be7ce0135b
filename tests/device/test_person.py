"""People press, press again, and take it back: in order, in time, and as often as asked."""

import pytest

from simulator.device import ActKind, People, acts
from simulator.errors import InputError
from simulator.profile import CancelSource, load
from simulator.rng import Rng, device_key

PROFILE = load("aura-structured")
DAY = 86_400.0


def days(people: People, units: int = 400) -> list[list[ActKind]]:
    """Return what the people of many units do in a day."""
    return [
        [act.kind for act in acts(people, PROFILE, Rng(1), device_key("x", unit), DAY)]
        for unit in range(units)
    ]


def test_the_mean_number_of_calls_is_what_was_asked() -> None:
    """Two a run, over four hundred units."""
    calm = People(presses=2.0, cancel_share=0.0, impatient_share=0.0)

    assert sum(map(len, days(calm))) / 400 == pytest.approx(2.0, rel=0.1)


def test_nobody_presses_where_nobody_should() -> None:
    """A fleet of devices with no people."""
    assert sum(map(len, days(People(presses=0.0)))) == 0


def test_shares_of_regret_and_impatience_are_kept() -> None:
    """Cancels per incident, second presses per incident."""
    people = People(presses=3.0, cancel_share=0.5, impatient_share=0.25)
    done = [kind for day in days(people) for kind in day]
    cancels = done.count(ActKind.CANCEL)
    presses = done.count(ActKind.PRESS)

    assert cancels / (presses / 1.25) == pytest.approx(0.5, abs=0.06)


def test_acts_are_in_order_and_within_the_run() -> None:
    """Whatever happens, it happens before the end, one after the other."""
    people = People(presses=20.0, cancel_share=0.9, impatient_share=0.9)
    done = list(acts(people, PROFILE, Rng(2), device_key("x", 3), DAY))
    times = [act.at_s for act in done]

    assert times == sorted(times)
    assert max(times) < DAY


def test_a_device_that_cannot_be_cancelled_is_not() -> None:
    """cancel_source none: nobody tries."""
    import msgspec

    behaviour = msgspec.structs.replace(PROFILE.behaviour, cancel_source=CancelSource.NONE)
    profile = msgspec.structs.replace(PROFILE, behaviour=behaviour)
    people = People(presses=5.0, cancel_share=1.0)
    done = [act.kind for act in acts(people, profile, Rng(2), device_key("x", 3), DAY)]

    assert done
    assert ActKind.CANCEL not in done


@pytest.mark.parametrize(
    "wrong",
    [
        {"presses": -1.0},
        {"cancel_share": 1.5},
        {"impatient_share": -0.1},
        {"cancel_after_s": (9.0, 3.0)},
    ],
)
def test_impossible_people_are_refused(wrong: dict[str, float]) -> None:
    """Shares above one and spans that end before they begin."""
    with pytest.raises(InputError):
        People(**wrong)  # type: ignore[arg-type]

"""Power: cells, cold, chargers, last words, and coming back from the dead."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.device import NEVER, BatteryState, Firmware, Place, PowerOn, Press, Speech
from simulator.device.power import Charger, Charging, Climate
from simulator.frame import Kind
from simulator.profile import Battery, Chemistry, load, mv_at, percent_at, warm_share
from simulator.rng import Rng
from tests.device.units import live, read

HOUR = 3600.0
MIDNIGHT = 1_780_264_800.0  # in South Africa


def cell(chemistry: Chemistry = Chemistry.LINEAR, **keys: object) -> Battery:
    """Return a battery of 100 mAh that sleeps at 1 mA: a hundred hours."""
    made = {"capacity_mah": 100.0, "empty_mv": 3000.0, "full_mv": 4000.0, "idle_ua": 1000.0}
    return Battery(**(made | {"frame_mas": 1.0, "chemistry": chemistry} | keys))  # type: ignore[arg-type]


def unit(name: str, **battery: object) -> Firmware:
    """Return unit 1 of a profile with some of its battery changed."""
    profile = load(name)
    changed = msgspec.structs.replace(profile.battery, **battery)
    profile = msgspec.structs.replace(profile, battery=changed)
    return Firmware(Speech(profile), 1, Rng(1), place=Place(), epoch_s=MIDNIGHT)


@pytest.mark.parametrize("chemistry", Chemistry)
def test_a_voltage_falls_with_the_charge_and_stands_for_it(chemistry: Chemistry) -> None:
    """From full to empty; a gateway that knows the cell finds the charge again."""
    battery = cell(chemistry)
    volts = [mv_at(battery, percent) for percent in range(101)]

    assert (volts[0], volts[-1]) == (3000, 4000)
    assert volts == sorted(volts)
    assert all(abs(percent_at(battery, volts[p]) - p) < 3.0 for p in range(101))


def test_a_cell_without_a_kind_falls_evenly() -> None:
    """Half the charge, half the span."""
    assert mv_at(cell(), 50.0) == 3500
    assert percent_at(cell(), 3250.0) == 25.0
    assert mv_at(cell(Chemistry.LI_SOCL2), 50.0) > 3900


@pytest.mark.parametrize("chemistry", [one for one in Chemistry if one is not Chemistry.LINEAR])
def test_the_cold_keeps_part_of_the_charge_back(chemistry: Chemistry) -> None:
    """The colder the more; at room temperature nothing."""
    shares = [warm_share(cell(chemistry), celsius) for celsius in (-20.0, 0.0, 20.0)]

    assert shares == sorted(shares)
    assert shares[0] < shares[1] < shares[2] == 1.0


def test_what_the_cold_kept_back_comes_again() -> None:
    """A battery looks emptier at night."""
    battery = BatteryState(cell(Chemistry.LI_ION), 80.0, 0.0)
    battery.weather(lambda now: -20.0 if now < 10.0 else 20.0)
    cold = battery.level_pct
    battery.rest_until(11.0)

    assert cold == pytest.approx(40.0)
    assert battery.level_pct == pytest.approx(80.0, abs=0.1)


def test_the_coldest_hour_is_the_coldest() -> None:
    """A wave around the mean."""
    climate = Climate(mean_c=10.0, swing_c=8.0, coldest_hour=5.0)
    by_hour = [climate.celsius(MIDNIGHT + hour * HOUR) for hour in range(24)]

    assert by_hour.index(min(by_hour)) == 5
    assert [min(by_hour), max(by_hour)] == pytest.approx([2.0, 18.0])


def test_a_cell_loses_charge_by_itself() -> None:
    """A lithium ion cell a fifth in a year, beside what the device draws."""
    sleeping = BatteryState(cell(Chemistry.LI_ION, idle_ua=1e-6), 100.0, 0.0)
    sleeping.rest_until(365.25 * 86400.0)

    assert sleeping.level_pct == pytest.approx(80.0, abs=0.1)


def charger(**keys: object) -> Charger:
    """Return the charger of one unit, whose run begins at midnight."""
    return Charger(Charging(**keys), Rng(3).stream(1, "charger"), MIDNIGHT)  # type: ignore[arg-type]


def test_a_charger_is_used_at_night() -> None:
    """From ten to six, by local time."""
    used = charger(hours="22-6", forgets_share=0.0)

    assert [hour for hour in range(24) if used.is_on(hour * HOUR)] == [0, 1, 2, 3, 4, 5, 22, 23]
    assert used.seconds(0.0, 24 * HOUR) == 8 * HOUR
    assert used.next_on_s(12 * HOUR) == 22 * HOUR
    assert used.next_on_s(23 * HOUR) == 23 * HOUR


def test_people_forget_to_charge() -> None:
    """A share of the nights; and some do every night."""
    sloppy = charger(forgets_share=0.4)
    nights = [sloppy.is_on(day * 86400.0 + 23 * HOUR) for day in range(400)]

    assert 0.5 < sum(nights) / len(nights) < 0.7
    assert charger(forgets_share=1.0).next_on_s(0.0) == NEVER


@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=8), st.floats(0, 1))
def test_time_on_the_charger_adds_up(times: list[float], forgets: float) -> None:
    """However it is cut into pieces."""
    used, cuts = charger(forgets_share=forgets), sorted(times)
    pieces = [used.seconds(a, b) for a, b in itertools.pairwise(cuts)]

    assert sum(pieces) == pytest.approx(used.seconds(cuts[0], cuts[-1]), abs=1e-3)


def test_a_charged_battery_is_full_and_no_fuller() -> None:
    """A night gives back more than a day takes."""
    battery = BatteryState(cell(charge_ma=50.0), 60.0, 0.0)
    battery.charger = charger(forgets_share=0.0)
    battery.rest_until(6 * HOUR)

    assert battery.level_pct == pytest.approx(100.0)


def test_a_wearable_dies_and_comes_back_on_its_charger() -> None:
    """It says nothing in between; then it starts like one that is switched on."""
    wearable = unit("eview-ev07b", charge_ma=300.0)
    wearable.battery.charger = charger(hours="22-6", forgets_share=0.0)
    wearable.wake(10 * HOUR, [PowerOn(cold=False)])
    wearable.battery.drain_to(0.0)
    died = wearable.wake(11 * HOUR)
    pressed = wearable.wake(12 * HOUR, [Press("p1", "sos")])
    revived = wearable.wake(died.next_wake)

    assert (died.power, died.frames, died.next_wake) == ("empty", [], 22 * HOUR + 600.0)
    assert (pressed.power, pressed.silenced) == (None, [("p1", "battery empty")])
    assert revived.power == "charged"
    assert not wearable.is_dead
    assert revived.next_wake < NEVER


def test_what_cannot_be_charged_stays_dead() -> None:
    """A charger does nothing for a primary cell."""
    button = unit("milesight-ws101")
    button.battery.charger = charger(forgets_share=0.0)
    button.battery.drain_to(0.0)

    assert button.wake(1.0).next_wake == NEVER
    button.battery.rest_until(1e6)
    assert button.is_dead


def test_a_device_says_its_last_word() -> None:
    """Once when it is low, once more right before the end, each with the level."""
    button = unit("milesight-ws101", initial_percent=(50.0, 50.0))
    button.wake(0.0, [PowerOn(cold=False)])
    said = []
    for second, percent in enumerate((11.0, 9.0, 8.0, 0.9, 0.5), 1):
        button.battery.drain_to(percent)
        woken = button.wake(float(second))
        said += [read(button, f)["battery_percent"] for f in woken.frames if f.kind is Kind.BATTERY]

    assert said == [9, 1]


def test_a_press_costs_its_light_and_sound() -> None:
    """On top of the frame."""
    loud, quiet = unit("milesight-ws101", signal_mas=5e5), unit("milesight-ws101", signal_mas=0.0)
    for one in (loud, quiet):
        one.wake(0.0, [Press("p1", "long")])
        live(one, 10.0, 1.0)

    assert loud.battery.level_pct < quiet.battery.level_pct - 5.0


def test_a_unit_says_when_it_is_on_its_charger() -> None:
    """Where its frames have room for it."""
    wearable = unit("eview-ev07b")
    wearable.battery.charger = charger(hours="22-6", forgets_share=0.0)
    wearable.battery.rest_until(12 * HOUR)
    by_day = wearable.would_say(12 * HOUR, Kind.BATTERY)["charging"]
    wearable.battery.rest_until(23 * HOUR)

    assert (by_day, wearable.would_say(23 * HOUR, Kind.BATTERY)["charging"]) == (False, True)

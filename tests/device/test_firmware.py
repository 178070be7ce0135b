"""The firmware contract: wake(now, inbox) gives frames and the next wake, and nothing else."""

import itertools

import pytest

from simulator.device import (
    NEVER,
    CancelGesture,
    Firmware,
    Place,
    PowerOn,
    Press,
    Reply,
    Speech,
)
from simulator.frame import Kind
from simulator.profile import Profile, load, profile_names
from simulator.rng import Rng
from tests.device.units import live, read, unit


def test_a_unit_that_is_not_switched_on_is_silent() -> None:
    """Nothing happens of its own accord."""
    assert unit().wake(0.0) == ([], NEVER, (), None)


def test_a_press_becomes_a_frame_after_the_time_the_firmware_takes() -> None:
    """The frame carries the press that caused it."""
    firmware = unit()
    woken = firmware.wake(10.0, [Press("p1", "press")])

    assert woken.frames == []
    assert woken.next_wake == 10.0 + firmware.profile.behaviour.press_to_frame_s
    (frame,) = firmware.wake(woken.next_wake).frames
    assert (frame.kind, frame.press, frame.attempt) == (Kind.PRESS, "p1", 1)


def test_positions_follow_a_press_until_their_number_is_reached() -> None:
    """Each carries the press; each comes a period after the other."""
    firmware = unit(sos_position_s=60.0, sos_positions=3)
    firmware.wake(0.0, [Press("p1", "press")])

    said = live(firmware, 3600.0)

    assert [frame.kind for frame in said] == [Kind.PRESS, *[Kind.MOVE] * 3]
    assert {frame.press for frame in said} == {"p1"}
    gaps = [b.at_s - a.at_s for a, b in itertools.pairwise(said)]
    assert gaps == pytest.approx([60.0] * 3)


def test_a_native_cancel_is_sent_and_ends_the_positions() -> None:
    """After the cancel the device has nothing more to say."""
    firmware = unit(sos_position_s=60.0, sos_positions=10)
    firmware.wake(0.0, [Press("p1", "press")])
    live(firmware, 90.0)
    firmware.wake(90.0, [CancelGesture("p1")])

    said = live(firmware, 3600.0, now=90.0)

    assert [frame.kind for frame in said] == [Kind.CANCEL]
    assert said[0].press == "p1"


def test_a_device_without_native_cancel_ignores_the_gesture() -> None:
    """Its cancel comes from the operator."""
    firmware = unit("milesight-ws101")

    assert firmware.wake(0.0, [CancelGesture("p1")]).next_wake == NEVER


def test_reports_come_at_their_period_and_never_at_once_for_all() -> None:
    """A fleet is out of step: the first report falls anywhere in the first period."""
    firmware = unit(report_s=3600.0, report_jitter=0.0)
    firmware.wake(0.0, [PowerOn()])

    said = [frame for frame in live(firmware, 12 * 3600.0) if frame.kind is Kind.BATTERY]

    assert len(said) == 12
    assert 0.0 < said[0].at_s < 3600.0
    assert {round(b.at_s - a.at_s, 6) for a, b in itertools.pairwise(said)} == {3600.0}


def test_switching_on_twice_changes_nothing() -> None:
    """Reports do not double."""
    firmware = unit(report_s=3600.0, report_jitter=0.0)
    firmware.wake(0.0, [PowerOn(), PowerOn()])

    assert len(live(firmware, 3599.0)) == 1


def test_login_is_the_first_thing_said() -> None:
    """A device with a login says who it is when it is switched on."""
    firmware = unit("milesight-ws101")

    (frame,) = firmware.wake(5.0, [PowerOn()]).frames

    assert frame.kind is Kind.LOGIN
    assert read(firmware, frame)["serial"] == firmware.serial


def test_an_unacknowledged_frame_is_sent_again_unchanged_until_it_gives_up() -> None:
    """Same bytes, same sequence number, attempts counted, then silence."""
    firmware = unit("eview-ev07b", ack_timeout_s=15.0, resends=2, sos_positions=0, store=0)
    firmware.wake(0.0, [Press("p1", "sos")])

    said = live(firmware, 600.0)

    assert [frame.attempt for frame in said] == [1, 2, 3]
    assert len({(frame.sequence, frame.payload) for frame in said}) == 1
    assert firmware.unsaid == []


def test_an_acknowledged_frame_is_not_sent_again() -> None:
    """The reply settles it."""
    firmware = unit("eview-ev07b", ack_timeout_s=15.0, resends=2, sos_positions=0, store=0)
    firmware.wake(0.0, [Press("p1", "sos")])
    (frame,) = live(firmware, 10.0)
    assert firmware.unsaid == ["p1"]
    firmware.wake(5.0, [Reply(frame.sequence, b"")])

    assert firmware.unsaid == []
    assert live(firmware, 600.0, now=5.0) == []


def test_a_dead_device_says_nothing_and_names_the_presses_it_swallows() -> None:
    """So that the ledger can say where the press was lost."""
    firmware = unit()
    firmware.battery.drain_to(0.0)

    woken = firmware.wake(1.0, [Press("p1", "press")])

    assert woken == ([], NEVER, [("p1", "battery empty")], "empty")


def test_a_device_that_dies_between_finger_and_frame_names_the_press() -> None:
    """The press was taken, the frame will never be."""
    firmware = unit()
    due = firmware.wake(1.0, [Press("p1", "press")]).next_wake
    firmware.battery.drain_to(0.0)

    assert firmware.wake(due).silenced == [("p1", "battery empty")]


def test_low_battery_is_reported_once() -> None:
    """The warning does not repeat."""
    firmware = unit()
    firmware.battery.drain_to(90.0)
    firmware.wake(0.0)
    firmware.battery.drain_to(3.0)

    first, second = firmware.wake(1.0), firmware.wake(2.0)

    assert [frame.kind for frame in first.frames] == [Kind.BATTERY]
    assert second.frames == []


def test_resting_ends_reports_but_not_what_people_began() -> None:
    """A run that drains still hears of the press."""
    firmware = unit(report_s=600.0, sos_positions=0)
    firmware.wake(0.0, [PowerOn(), Press("p1", "press")])
    firmware.rest()

    assert [frame.kind for frame in live(firmware, 3600.0)] == [Kind.PRESS]


def test_what_a_device_does_costs_charge() -> None:
    """Sleeping costs little, talking more, finding the position most."""
    idle, talker = unit(report_s=None), unit(report_s=60.0, report_jitter=0.0)
    for firmware in (idle, talker):
        firmware.battery.drain_to(100.0)
        firmware.wake(0.0, [PowerOn()])
    live(talker, 86_400.0)
    idle.wake(86_400.0)
    talker.wake(86_400.0)

    assert 100.0 > idle.battery.level_pct > talker.battery.level_pct > 0.0


@pytest.mark.parametrize("name", profile_names())
def test_every_frame_a_profile_can_say_is_readable_by_its_codec(name: str) -> None:
    """Presses by every gesture, positions, reports and logins come back as they were meant."""
    profile = load(name)
    for gesture in profile.behaviour.gestures:
        firmware = unit(name)
        firmware.battery.drain_to(80.0)
        firmware.wake(0.0, [PowerOn(), Press("p1", gesture)])
        for frame in live(firmware, 86_400.0):
            assert read(firmware, frame)


@pytest.mark.parametrize("name", profile_names())
def test_the_same_unit_lives_the_same_life(name: str) -> None:
    """Two units made alike say the same bytes at the same times."""
    lives = []
    for _ in range(2):
        firmware = unit(name, seed=9)
        firmware.wake(0.0, [PowerOn(), Press("p1", firmware.profile.behaviour.gestures[0])])
        lives.append(live(firmware, 2 * 86_400.0))

    assert lives[0] == lives[1]


def test_a_unit_does_not_depend_on_the_others_of_its_fleet() -> None:
    """Unit 17 is unit 17, in a fleet of 20 or of a million."""
    profile: Profile = load("eview-ev07b")
    alone = Firmware(Speech(profile), 17, Rng(5), place=Place(), epoch_s=0.0)
    fleet = [Firmware(Speech(profile), n, Rng(5), place=Place(), epoch_s=0.0) for n in range(20)]

    assert fleet[17].home == alone.home
    assert fleet[17].battery.level_pct == alone.battery.level_pct
    assert len({firmware.home for firmware in fleet}) == 20

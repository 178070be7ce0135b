"""SOS modes: single, continuous, toggled, ended by a reply, a command, a count or a gesture."""

import itertools

import pytest

from simulator.device import CancelGesture, Press, Reply, Silenced
from simulator.frame import Kind
from simulator.gateway import command_bytes
from simulator.profile import Command
from tests.device.units import answered, live, read, unit

TOGGLED = ["abeeway-compact-tracker", "abeeway-smart-badge", "abeeway-at3"]


def test_a_continuous_sos_says_itself_once_a_minute_thirty_times() -> None:
    """SenseCAP T1000: thirty frames, then it has ended."""
    firmware = unit("sensecap-t1000")
    firmware.wake(0.0, [Press("p1", "double_click")])

    said = answered(firmware, 7200.0)

    gaps = {round(b.at_s - a.at_s) for a, b in itertools.pairwise(said)}
    assert [(frame.kind, frame.press) for frame in said] == [(Kind.PRESS, "p1")] * 30
    assert gaps == {60}
    assert not firmware.is_in_emergency


def test_the_double_click_that_ends_a_continuous_sos_is_silent() -> None:
    """No frame says so; the frames merely stop."""
    firmware = unit("sensecap-t1000")
    firmware.wake(0.0, [Press("p1", "double_click")])
    answered(firmware, 200.0)
    firmware.wake(200.0, [CancelGesture("p1")])

    assert answered(firmware, 7200.0, now=200.0) == []


@pytest.mark.parametrize("name", TOGGLED)
def test_the_same_gesture_begins_and_ends_an_sos(name: str) -> None:
    """The second press is no call for help: it is named, and the first one is cancelled."""
    firmware = unit(name)
    firmware.wake(0.0, [Press("p1", "double_click")])
    answered(firmware, 10.0)
    due = firmware.wake(10.0, [Press("p2", "double_click")]).next_wake
    woken = firmware.wake(due)

    assert [(frame.kind, frame.press) for frame in woken.frames] == [(Kind.CANCEL, "p1")]
    assert woken.silenced == [Silenced("p2", "the gesture ended the emergency")]
    assert not firmware.is_in_emergency


def test_nobody_ends_an_sos_that_is_not_on() -> None:
    """On a toggling device the gesture would begin one."""
    firmware = unit("abeeway-compact-tracker")
    firmware.wake(0.0, [CancelGesture("p1")])

    assert live(firmware, 60.0) == []


@pytest.mark.parametrize(
    ("name", "gesture", "flag"),
    [
        ("abeeway-compact-tracker", "double_click", "sos"),
        ("abeeway-at3", "double_click", "sos"),
        ("dragino-trackerd", "hold", "alarm_flag"),
    ],
)
def test_the_flag_is_set_while_the_emergency_is_on(name: str, gesture: str, flag: str) -> None:
    """Press and positions carry it, the cancel does not."""
    firmware = unit(name)
    firmware.wake(0.0, [Press("p1", gesture)])
    said = answered(firmware, 200.0)
    firmware.wake(200.0, [CancelGesture("p1")])
    *_, cancel = answered(firmware, 215.0, now=200.0)

    assert {frame.kind for frame in said} == {Kind.PRESS, Kind.MOVE}
    assert {read(firmware, frame)[flag] for frame in said} == {True}
    assert read(firmware, cancel)[flag] is False


def test_the_first_position_may_come_sooner_than_the_others() -> None:
    """Abeeway: the SOS start has no position; one follows when there is a fix."""
    firmware = unit("abeeway-compact-tracker", press_to_frame_s=0.0)
    firmware.wake(0.0, [Press("p1", "double_click")])

    assert [round(frame.at_s) for frame in live(firmware, 150.0)] == [20, 80, 140]


def test_a_call_for_help_is_repeated_until_the_server_replies() -> None:
    """GPS103: every three minutes, with a position of its own; the reply ends it."""
    firmware = unit("gps103", press_to_frame_s=0.0)
    firmware.wake(0.0, [Press("p1", "hold")])
    said = live(firmware, 600.0)
    assert [round(frame.at_s) for frame in said] == [180, 360, 540]
    assert len({frame.sequence for frame in said}) == 3

    firmware.wake(600.0, [Reply(said[0].sequence, b"**,imei:N,E;")])

    assert live(firmware, 7200.0, now=600.0) == []


def test_a_reply_to_something_else_does_not_end_it() -> None:
    """The heartbeat's ON is not the answer to the alarm."""
    firmware = unit("gps103", press_to_frame_s=0.0)
    firmware.wake(0.0, [Press("p1", "hold")])
    firmware.wake(10.0, [Reply(99, b"ON")])

    assert firmware.is_in_emergency


@pytest.mark.parametrize("name", TOGGLED)
def test_the_server_begins_and_ends_an_sos(name: str) -> None:
    """By downlink: an SOS that nobody pressed, and its end."""
    firmware = unit(name)
    profile = firmware.profile
    begun = firmware.wake(0.0, [Reply(0, command_bytes(profile, Command.START_SOS))]).frames
    is_on = firmware.is_in_emergency
    ended = firmware.wake(30.0, [Reply(1, command_bytes(profile, Command.STOP_SOS))]).frames

    assert [(frame.kind, frame.press) for frame in begun] == [(Kind.PRESS, None)]
    assert is_on
    assert ended[-1].kind is Kind.CANCEL
    assert not firmware.is_in_emergency


def test_the_server_asks_for_a_position_and_a_status() -> None:
    """At once, in the windows after an uplink."""
    firmware = unit("abeeway-compact-tracker")
    commands = [command_bytes(firmware.profile, c) for c in (Command.LOCATE, Command.REPORT)]
    woken = firmware.wake(5.0, [Reply(0, command) for command in commands])

    assert [frame.kind for frame in woken.frames] == [Kind.MOVE, Kind.HEARTBEAT]


def test_noise_in_a_downlink_is_no_command() -> None:
    """What the codec cannot read is ignored."""
    firmware = unit("abeeway-compact-tracker")

    assert firmware.wake(5.0, [Reply(0, b"\xee\x01\x02")]).frames == []


def test_a_trip_ends_with_a_position_that_says_so() -> None:
    """Oyster: in trip until the last position."""
    firmware = unit("digitalmatter-oyster-sigfox")
    firmware.wake(0.0, [Press("p1", "moved")])

    trip = [read(firmware, frame)["in_trip"] for frame in live(firmware, 7200.0)]

    assert trip == [True, True, True, True, True, True, False]


def test_an_older_emergency_does_not_go_on_in_a_newer_one() -> None:
    """A second press begins the positions anew, under its own name."""
    firmware = unit("eview-ev07b", ack_timeout_s=None, press_to_frame_s=0.0)
    firmware.wake(0.0, [Press("p1", "sos")])
    firmware.wake(40.0, [Press("p2", "sos")])

    said = live(firmware, 130.0, now=40.0)

    assert [(frame.press, round(frame.at_s)) for frame in said] == [
        ("p2", 70),
        ("p2", 100),
        ("p2", 130),
    ]


def test_presses_are_counted() -> None:
    """Browan: every frame carries the count."""
    firmware = unit("browan-tbpb100")
    counts = []
    for at_s in (0.0, 100.0):
        firmware.wake(at_s, [Press(f"p{at_s}", "button_1")])
        counts += [
            read(firmware, frame)["press_count"] for frame in live(firmware, at_s + 50, at_s)
        ]

    assert counts == [1, 2]

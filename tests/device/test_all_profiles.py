"""What holds for every profile: its frames mean what they are for, and nothing else."""

import pytest

from simulator.device import CancelGesture, PowerOn, Press
from simulator.frame import Frame, Kind, Value
from simulator.profile import CancelSource, Profile, load, meanings, profile_names, profiles
from tests.device.units import answered, read, unit

NATIVE = [p.name for p in profiles() if p.behaviour.cancel_source is CancelSource.NATIVE]


def meant(profile: Profile, values: dict[str, Value], *, is_open: bool) -> list[Kind]:
    """Return what a frame means that follows a quiet one."""
    quiet = {key: False for key, value in values.items() if value is True}
    return meanings(profile, values, quiet, is_open)


def said_after(name: str, gesture: str) -> tuple[Profile, list[tuple[Frame, dict[str, Value]]]]:
    """Return what a unit says in the hour after a press, and how it is read."""
    firmware = unit(name)
    firmware.battery.drain_to(90.0)
    firmware.wake(0.0, [Press("p1", gesture)])
    return firmware.profile, [(f, read(firmware, f)) for f in answered(firmware, 3600.0)]


@pytest.mark.parametrize("name", profile_names())
def test_every_gesture_for_help_is_read_as_a_press(name: str) -> None:
    """Whatever gesture the device knows."""
    for gesture in load(name).behaviour.gestures:
        profile, said = said_after(name, gesture)
        frame, values = said[0]

        assert frame.kind is Kind.PRESS
        assert Kind.PRESS in meant(profile, values, is_open=False), (gesture, values)


@pytest.mark.parametrize("name", profile_names())
def test_positions_of_an_emergency_move_the_callout(name: str) -> None:
    """Where the device sends any, and never as a new press."""
    profile, said = said_after(name, load(name).behaviour.gestures[0])
    moves = [values for frame, values in said[1:] if frame.kind is Kind.MOVE]
    if profile.behaviour.sos_ends_with_position:
        moves.pop()

    for values in moves:
        assert Kind.MOVE in meanings(profile, values, values, is_open=True), values
        assert Kind.PRESS not in meanings(profile, values, values, is_open=True)


@pytest.mark.parametrize("name", profile_names())
def test_what_a_quiet_device_says_never_calls_for_help(name: str) -> None:
    """A day of logins, reports, heartbeats and positions."""
    firmware = unit(name)
    firmware.battery.drain_to(90.0)
    said = firmware.wake(0.0, [PowerOn()]).frames + answered(firmware, 86_400.0)

    for frame in said:
        kinds = meant(firmware.profile, read(firmware, frame), is_open=False)
        assert not {Kind.PRESS, Kind.CANCEL, Kind.MOVE} & set(kinds) or (
            kinds == [Kind.MOVE] and frame.kind is Kind.MOVE
        ), frame


@pytest.mark.parametrize("name", NATIVE)
def test_a_native_cancel_is_read_as_a_cancel(name: str) -> None:
    """While the callout is open."""
    firmware = unit(name)
    firmware.wake(0.0, [Press("p1", firmware.profile.behaviour.gestures[0])])
    *_, before = answered(firmware, 30.0)
    firmware.wake(30.0, [CancelGesture("p1")])
    (cancel,) = answered(firmware, 31.6 + firmware.profile.behaviour.press_to_frame_s, now=30.0)

    kinds = meanings(firmware.profile, read(firmware, cancel), read(firmware, before), is_open=True)
    assert kinds[0] is Kind.CANCEL


def test_no_two_profiles_share_a_template() -> None:
    """Each has a device type of its own at AURA."""
    types = [profile.aura.device_type_id for profile in profiles()]

    assert len(types) == len(set(types))


def test_the_whole_catalogue_is_there() -> None:
    """Every network, every kind of device, and a native cancel where devices have one."""
    found = profiles()

    assert {p.network for p in found} == {"sigfox", "lorawan", "cellular", "ble", "direct"}
    assert len({p.codec for p in found}) >= 24
    assert {"abeeway-at3", "sia-dc09-panel", "truvami-tag-s", "dragino-trackerd"} <= set(NATIVE)

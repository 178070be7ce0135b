"""Joins and logins: what is asked, how often, with which pauses, and what waits meanwhile."""

import itertools

import pytest

from simulator.device import Firmware, PowerOn, Press, Reply
from simulator.frame import Frame, Kind
from simulator.profile import load, profile_names
from tests.device.units import answer_to, answered, live, read, unit

LOGINS = [name for name in profile_names() if load(name).behaviour.login_reply_s]
JOINS = [name for name in profile_names() if load(name).behaviour.join_s]


def switched_on(name: str, *, join_loss: float) -> Firmware:
    """Return a unit that has just been switched on."""
    firmware = unit(name, join_loss=join_loss)
    firmware.battery.drain_to(90.0)
    firmware.wake(0.0, [PowerOn()])
    return firmware


def logins(frames: list[Frame]) -> list[float]:
    """Return when a unit logged in."""
    return [frame.at_s for frame in frames if frame.kind is Kind.LOGIN]


def test_a_login_is_repeated_and_then_paused_longer_and_longer() -> None:
    """Three tries 5 s apart, a pause; again three tries, twice the pause."""
    firmware = unit("gt06", reconnect_s=(10.0, 40.0), store=5)
    first = firmware.wake(0.0, [PowerOn()]).frames
    times = logins(first + live(firmware, 200.0))
    gaps = [round(b - a) for a, b in itertools.pairwise(times)]

    assert gaps[:12] == [5, 5, 5 + 10, 5, 5, 5 + 20, 5, 5, 5 + 40, 5, 5, 5 + 40]


@pytest.mark.parametrize("name", LOGINS)
def test_nothing_is_said_before_the_login_is_answered(name: str) -> None:
    """Not even a press: it waits, and is said once the server has answered."""
    firmware = unit(name, heartbeat_s=None, position_s=None, position_moving_s=None)
    firmware.battery.drain_to(90.0)
    gesture = firmware.profile.behaviour.gestures[0]
    said = firmware.wake(0.0, [PowerOn(), Press("p1", gesture)]).frames
    said += live(firmware, 4.9)
    (login,) = [frame for frame in said if frame.kind is Kind.LOGIN]
    assert [frame for frame in said if frame.kind is not Kind.LOGIN] == []
    assert firmware.unsaid == ["p1"]

    (answer,) = answer_to(firmware, login)
    after = firmware.wake(5.0, [Reply(login.sequence, answer)]).frames

    assert [(frame.kind, frame.press) for frame in after] == [(Kind.PRESS, "p1")]
    assert read(firmware, after[0])


def test_a_wrong_answer_is_no_login() -> None:
    """Teltonika's server refuses an IMEI with 00."""
    firmware = unit("teltonika-tmt250")
    (login,) = firmware.wake(0.0, [PowerOn()]).frames
    firmware.wake(1.0, [Reply(login.sequence, b"\x00"), Press("p1", "alarm")])

    assert [frame.kind for frame in live(firmware, 14.0)] == []
    after = firmware.wake(14.5, [Reply(login.sequence, b"\x01")]).frames
    assert Kind.PRESS in {frame.kind for frame in after}


def test_a_broken_connection_is_logged_in_anew() -> None:
    """What nobody acknowledges ends the connection; after the login it is sent again."""
    firmware = unit("gt06", resends=1, ack_timeout_s=10.0, sos_positions=0, heartbeat_s=None)
    firmware.wake(0.0, [Press("p1", "sos")])

    said = answered(firmware, 200.0, deaf_s=30.0)

    kinds = [(frame.kind, frame.attempt) for frame in said]
    assert kinds == [(Kind.PRESS, 1), (Kind.PRESS, 2), (Kind.LOGIN, 1), (Kind.PRESS, 3)]
    assert firmware.unsaid == []


@pytest.mark.parametrize("name", JOINS)
def test_a_join_takes_its_time_and_is_tried_until_it_works(name: str) -> None:
    """Nothing is said before; what was pressed meanwhile is said after."""
    quick = switched_on(name, join_loss=0.0)
    never = switched_on(name, join_loss=1.0)
    gesture = quick.profile.behaviour.gestures[0]
    for firmware in (quick, never):
        firmware.wake(0.5, [Press("p1", gesture)])

    assert live(never, 7200.0, now=0.5) == []
    assert never.unsaid == ["p1"]
    said = answered(quick, 200.0, now=0.5)
    assert min(frame.at_s for frame in said) >= 5.0
    assert "p1" in {frame.press for frame in said}


def test_failed_joins_cost_charge() -> None:
    """Each try is a transmission."""
    firmware = unit("netvox-r312a", join_loss=1.0, report_s=None)
    firmware.battery.drain_to(90.0)
    idle = unit("netvox-r312a", report_s=None)
    idle.battery.drain_to(90.0)
    firmware.wake(0.0, [PowerOn()])
    live(firmware, 86_400.0)
    for one in (firmware, idle):
        one.wake(86_400.0)

    assert firmware.battery.level_pct < idle.battery.level_pct


def test_a_status_follows_the_version_at_start() -> None:
    """Netvox: version packet, then status packet."""
    firmware = switched_on("netvox-r312a", join_loss=0.0)

    said = live(firmware, 6.0)

    assert [read(firmware, frame)["report_type"] for frame in said] == [0, 1]


def test_a_warm_unit_has_joined_long_ago() -> None:
    """It may speak at once."""
    firmware = unit("netvox-r312a", report_s=None)
    firmware.wake(0.0, [PowerOn(cold=False), Press("p1", "push")])

    assert [frame.kind for frame in live(firmware, 10.0)] == [Kind.PRESS]

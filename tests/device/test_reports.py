"""When a device speaks of its own accord: reports, heartbeats of their own, positions by motion."""

import itertools

import pytest

from simulator.device import Firmware, PowerOn, Press, ServiceGesture
from simulator.frame import Frame, Kind
from tests.device.units import answered, live, read, unit


def day(firmware: Firmware, kind: Kind) -> list[Frame]:
    """Return what a warm unit says of one kind in a day."""
    firmware.battery.drain_to(90.0)
    firmware.wake(0.0, [PowerOn(cold=False)])
    return [frame for frame in answered(firmware, 86_400.0) if frame.kind is kind]


def test_a_heartbeat_has_its_own_period_beside_the_report() -> None:
    """truvami: battery every 9000 s, heartbeat every 7200 s."""
    batteries = day(unit("truvami-tag-s", report_jitter=0.0), Kind.BATTERY)
    heartbeats = day(unit("truvami-tag-s", report_jitter=0.0), Kind.HEARTBEAT)

    for frames, period in ((batteries, 9000), (heartbeats, 7200)):
        assert {round(b.at_s - a.at_s) for a, b in itertools.pairwise(frames)} == {period}


def test_an_idle_heartbeat_comes_only_after_silence() -> None:
    """SimplePack in guard mode: a press puts it off for a whole period."""
    firmware = unit("simplepack-plus-guard", heartbeat_s=3600.0, report_jitter=0.0)
    firmware.battery.drain_to(90.0)
    firmware.wake(0.0, [PowerOn(cold=False)])
    first, *_ = live(firmware, 3600.0)
    pressed_s = first.at_s + 1800.0
    firmware.wake(pressed_s, [Press("p1", "double")])
    said = live(firmware, pressed_s + 4000.0, pressed_s)

    press, heartbeat = said
    assert press.kind is Kind.PRESS
    assert round(heartbeat.at_s - press.at_s) == 3600


def test_positions_are_closer_on_the_move_than_at_rest() -> None:
    """truvami: 300 s moving, 3600 s steady, and one at each end of a walk."""
    moves = day(unit("truvami-tag-s", report_jitter=0.0), Kind.MOVE)
    firmware = unit("truvami-tag-s")
    moving = [firmware.wander.is_moving(frame.at_s) for frame in moves]
    gaps = [b.at_s - a.at_s for a, b in itertools.pairwise(moves)]
    on_the_way = [gap for gap, before in zip(gaps, moving, strict=False) if before]

    assert any(moving)
    assert not all(moving)
    assert max(on_the_way) <= 300.1
    assert max(gaps) <= 3600.1


def test_a_parked_tracker_reports_when_its_trip_begins_and_ends() -> None:
    """Oyster: without trips one position a day."""
    moves = day(unit("digitalmatter-oyster-lorawan", position_moving_s=90_000.0), Kind.MOVE)
    in_trip = [read(unit("digitalmatter-oyster-lorawan"), frame)["in_trip"] for frame in moves]

    assert sum(map(bool, in_trip)) >= 3
    assert in_trip.count(False) >= 3


def test_a_service_gesture_is_no_call_for_help() -> None:
    """SimplePack: an extra long press asks for a downlink."""
    firmware = unit("simplepack-plus-guard")
    firmware.wake(0.0, [ServiceGesture()])

    (frame,) = live(firmware, 10.0)

    assert (frame.kind, frame.press, frame.asks_reply) == (Kind.OTHER, None, True)
    assert read(firmware, frame)["event"] == "extra_long_press"


def test_sending_costs_what_the_time_on_air_costs() -> None:
    """Three transmissions cost three times as much as one."""
    firmware = unit("sensit-v3")
    firmware.battery.drain_to(50.0)
    before = firmware.battery.level_pct
    firmware.battery.spend_air(2.08)
    once = before - firmware.battery.level_pct
    firmware.battery.spend_air(3 * 2.08)

    assert once > 0
    assert before - firmware.battery.level_pct == pytest.approx(4 * once)

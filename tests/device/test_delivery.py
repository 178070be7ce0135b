"""What becomes of frames: acknowledged, sent again, kept, and told in the order of their time."""

import pytest

from simulator.device import Press, Reply, Silenced
from simulator.frame import Kind
from simulator.profile import load, profile_names
from tests.device.units import answered, live, read, unit

KEEPERS = [
    name
    for name in profile_names()
    if load(name).behaviour.store and load(name).behaviour.ack_timeout_s
]


@pytest.mark.parametrize("name", KEEPERS)
def test_what_was_kept_is_told_when_the_server_is_there_again(name: str) -> None:
    """Ten deaf minutes: the press is said in the end, and nothing is left unsaid."""
    firmware = unit(name)
    firmware.battery.drain_to(90.0)
    firmware.wake(0.0, [Press("p1", firmware.profile.behaviour.gestures[0])])

    said = answered(firmware, 7200.0, deaf_s=600.0)

    late = [frame for frame in said if frame.at_s >= 600.0]
    assert "p1" in {frame.press for frame in late if frame.kind is Kind.PRESS}
    assert all(read(firmware, frame) for frame in late)
    assert firmware.unsaid == []


def test_kept_records_are_sent_oldest_first_and_marked_as_stored() -> None:
    """Queclink: +RESP when it happens, +BUFF afterwards."""
    firmware = unit("queclink-gl300", sos_position_s=60.0, sos_positions=3, resends=0)
    firmware.wake(0.0, [Press("p1", "function_key")])

    said = answered(firmware, 3600.0, deaf_s=400.0)

    late = [read(firmware, frame) for frame in said if frame.at_s >= 400.0]
    times = [str(values["time"]) for values in late]
    assert [values["message_type"] for values in late] == ["GTSOS", "GTFRI", "GTFRI", "GTFRI"]
    assert {values["buffered"] for values in late} == {True}
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("name", "gesture", "key", "live_value", "late_value"),
    [
        ("eview-ev07b", "sos", "stored", None, True),
        ("abeeway-at3", "double_click", "buffered", False, True),
        ("truvami-tag-s", "press", "buffer_level", None, 1),
    ],
)
def test_each_protocol_marks_stored_frames_in_its_own_way(
    name: str, gesture: str, key: str, live_value: object, late_value: object
) -> None:
    """By a flag, by another header, by another port."""
    firmware = unit(name, resends=0, sos_toggle=False)
    firmware.wake(0.0, [Press("p1", gesture)])
    said = answered(firmware, 3600.0, deaf_s=301.0)
    kind = Kind.PRESS if name != "truvami-tag-s" else Kind.MOVE
    mine = [frame for frame in said if frame.kind is kind]
    late = [frame for frame in mine if frame.attempt > 1 and frame.at_s > 301.0]

    assert read(firmware, mine[0]).get(key) == live_value
    assert late
    assert {read(firmware, frame).get(key) for frame in late} == {late_value}


def test_a_position_of_the_watch_without_connection_comes_as_ud2() -> None:
    """It has no answer of its own: what is made while it reconnects is kept."""
    firmware = unit("watch-3g", resends=0, sos_positions=3, sos_position_s=20.0)
    firmware.wake(0.0, [Press("p1", "sos")])

    said = answered(firmware, 3600.0, deaf_s=100.0)

    kinds = [read(firmware, frame)["message_type"] for frame in said if frame.kind is Kind.MOVE]
    assert "UD2" in kinds


def test_another_answer_does_not_settle_a_frame() -> None:
    """Teltonika: any other number makes the device send the packet again."""
    firmware = unit("teltonika-tmt250", ack_timeout_s=10.0, resends=1, sos_positions=0)
    firmware.wake(0.0, [Press("p1", "alarm")])
    (frame,) = live(firmware, 5.0)
    firmware.wake(5.0, [Reply(frame.sequence, b"\x00\x00\x00\x00")])

    assert firmware.unsaid == ["p1"]
    (again,) = live(firmware, 15.0, now=5.0)
    assert (again.payload, again.attempt) == (frame.payload, 2)
    firmware.wake(15.0, [Reply(frame.sequence, b"\x00\x00\x00\x01")])
    assert firmware.unsaid == []


def test_a_frame_that_nobody_answers_is_not_waited_for() -> None:
    """The watch's UD has no reply by its protocol."""
    firmware = unit("watch-3g", sos_positions=1, sos_position_s=20.0)
    firmware.wake(0.0, [Press("p1", "sos")])

    said = answered(firmware, 600.0)

    assert [(frame.kind, frame.attempt) for frame in said] == [(Kind.PRESS, 1), (Kind.MOVE, 1)]


def test_a_full_store_lets_reports_go_before_presses() -> None:
    """Room for two: of four positions the oldest fall out, the press stays."""
    firmware = unit("queclink-gl300", store=2, resends=0, position_s=60.0, position_moving_s=None)
    firmware.wake(0.0, [Press("p1", "function_key")])

    live(firmware, 700.0)

    assert firmware.unsaid == ["p1"]


def test_a_press_that_falls_out_of_the_store_is_named() -> None:
    """So that the ledger can say where it was lost."""
    firmware = unit("queclink-gl300", store=1, resends=0, sos_positions=0)
    firmware.wake(0.0, [Press("p1", "function_key"), Press("p2", "function_key")])
    silenced: list[Silenced] = []
    woken = firmware.wake(3.0)
    while woken.next_wake < 60.0:
        woken = firmware.wake(woken.next_wake)
        silenced += woken.silenced

    assert Silenced("p1", "the store is full") in silenced


def test_the_clock_of_a_kept_panel_message_is_set_anew() -> None:
    """DC-09 refuses a stale time, so a message says when it is sent."""
    firmware = unit("sia-dc09-panel", resends=0)
    firmware.wake(0.0, [Press("p1", "panic_zone")])

    first, *_, last = answered(firmware, 900.0, deaf_s=120.0)

    assert read(firmware, first)["sequence"] == read(firmware, last)["sequence"]
    assert str(read(firmware, first)["time"]) < str(read(firmware, last)["time"])


def test_each_panel_encrypts_with_its_own_key() -> None:
    """The gateway needs the key of the unit to read it."""
    firmware = unit("sia-dc09-panel-aes")
    firmware.wake(0.0, [Press("p1", "panic_zone")])
    (frame,) = live(firmware, 1.0)

    assert b"PA015" not in frame.payload
    assert read(firmware, frame)["code"] == "PA"

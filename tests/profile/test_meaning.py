"""What a frame means by the rules of a profile, whoever reads it."""

import msgspec
import pytest

from simulator.frame import Kind, Value
from simulator.profile import Meaning, Profile, load, meanings


def _profile(*rules: dict[str, object]) -> Profile:
    meaning = msgspec.convert(list(rules), list[Meaning])
    return msgspec.structs.replace(load("simplepack-plus"), meaning=meaning)


def _kinds(
    rule: dict[str, object],
    values: dict[str, Value],
    previous: dict[str, Value] | None = None,
    *,
    is_open: bool = False,
) -> list[Kind]:
    return meanings(_profile({"kind": "press", **rule}), values, previous, is_open)


@pytest.mark.parametrize(
    ("wanted", "found", "holds"),
    [
        (1, 1, True),
        (1, 2, False),
        (1, True, False),
        (True, True, True),
        (True, 1, False),
        ("sos", "sos", True),
        ("sos", None, False),
        ([1, 2], 2, True),
        ([1, 2], 3, False),
        ([["long"], ["short"]], ["long"], True),
        ([["long"], ["short"]], ["double"], False),
        ("present", 0, True),
        ("present", None, False),
        ("absent", None, True),
        ("absent", False, False),
    ],
)
def test_a_value_is_compared_as_the_rule_says(wanted: Value, found: Value, holds: bool) -> None:
    assert bool(_kinds({"when": {"alarm": wanted}}, {"alarm": found})) is holds


def test_a_value_that_is_not_there_is_absent() -> None:
    assert _kinds({"when": {"alarm": "absent"}}, {}) == [Kind.PRESS]
    assert _kinds({"when": {"alarm": "present"}}, {}) == []


@pytest.mark.parametrize(
    ("word", "before", "now", "holds"),
    [
        ("rises", None, {"on": True}, True),
        ("rises", {"on": False}, {"on": True}, True),
        ("rises", {"on": True}, {"on": True}, False),
        ("rises", {"on": False}, {}, False),
        ("falls", {"on": True}, {"on": False}, True),
        ("falls", {"on": 3}, {"on": 0}, True),
        ("falls", {"on": False}, {"on": False}, False),
        ("falls", None, {"on": False}, False),
        ("falls", {"on": True}, {}, False),
    ],
)
def test_a_change_is_one_against_the_devices_last_frame(
    word: str, before: dict[str, Value] | None, now: dict[str, Value], holds: bool
) -> None:
    assert bool(_kinds({"when": {"on": word}}, now, before)) is holds


def test_all_conditions_of_a_rule_must_hold() -> None:
    rule: dict[str, object] = {"when": {"a": 1, "b": 2}}

    assert _kinds(rule, {"a": 1, "b": 2}) == [Kind.PRESS]
    assert _kinds(rule, {"a": 1, "b": 3}) == []


@pytest.mark.parametrize("is_open", [True, False])
def test_a_rule_can_be_held_to_times_when_a_callout_is_open(is_open: bool) -> None:
    assert bool(_kinds({"when_open": True}, {}, is_open=is_open)) is is_open
    assert bool(_kinds({"when_open": False}, {}, is_open=is_open)) is not is_open
    assert _kinds({}, {}, is_open=is_open) == [Kind.PRESS]


def test_a_frame_means_all_rules_that_hold_in_their_order_and_none_twice() -> None:
    """A button that sends its battery with its press says both."""
    profile = _profile(
        {"kind": "battery", "when": {"battery_percent": "present"}},
        {"kind": "press", "when": {"press": "long"}},
        {"kind": "battery", "when": {"press": "long"}},
    )

    kinds = meanings(profile, {"battery_percent": 80, "press": "long"}, None, False)

    assert kinds == [Kind.BATTERY, Kind.PRESS]


def test_a_frame_may_mean_nothing() -> None:
    assert meanings(load("simplepack-plus"), {"event": "armed"}, None, False) == []


OURS = ("aurasim-avr-button", "aurasim-microbit-button")


@pytest.mark.parametrize("name", OURS)
def test_each_frame_of_our_own_firmware_means_one_thing(name: str) -> None:
    """A press is a press, and no message of another kind beside it."""
    profile = load(name)

    for kind, frame in profile.frames.items():
        values = {key: value for key, value in frame.values.items() if key == "event"}
        assert meanings(profile, values, None, is_open=False) == [kind]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (OURS[0], {"message": "identity", "serial": "AB12F00D", "firmware": "1.0.0"}),
        (OURS[0], {"message": "answer", "answer": "done"}),
        (OURS[1], {"message": "event", "event": "identity", "serial": "AB12F00D"}),
        (OURS[1], {"message": "event", "event": "stopped", "serial": "AB12F00D"}),
    ],
)
def test_what_our_own_firmware_answers_is_nothing_to_aura(
    name: str, values: dict[str, Value]
) -> None:
    """It is asked on the bench, or tells that a command was obeyed."""
    assert meanings(load(name), values, None, is_open=True) == []

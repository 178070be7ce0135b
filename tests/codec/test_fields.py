"""Taking values for an encoder: what fits, and what the refusal says."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import FrameError
from simulator.codec._fields import Fields, shown, utc
from simulator.frame import Value


def _of(value: Value) -> Fields:
    return Fields("demo", {"x": value})


@pytest.mark.parametrize(
    ("take", "value", "taken"),
    [
        (lambda f: f.integer("x", 0, 9), 9, 9),
        (lambda f: f.number("x", 0, 255), 7.5001, 8),
        (lambda f: f.number("x", -500, 500, factor=0.1), -25.06, -251),
        (lambda f: f.measure("x", 0, 1), 0.25, 0.25),
        (lambda f: f.flag("x"), False, False),
        (lambda f: f.flag("y", True), None, True),
        (lambda f: f.choice("x", {"a": 1}), "a", 1),
        (lambda f: f.text("x", most=2), "ab", b"ab"),
        (lambda f: f.hexadecimal("x", 2), "0a:FF", b"\x0a\xff"),
        (lambda f: f.epoch("x"), "1970-01-01T01:00:00.9+01:00", 0),
        (lambda f: f.words("x"), [1], [1]),
        (lambda f: f.part("x").integer("y", 0, 1), {"y": 1}, 1),
        (lambda f: [p.integer("y", 0, 1) for p in f.parts("x")], [{"y": 1}], [1]),
        (lambda f: f.names, None, []),
        (lambda f: "x" in f, None, False),
    ],
)
def test_value_that_fits_is_taken(
    take: Callable[[Fields], object], value: Value, taken: object
) -> None:
    assert take(_of(value)) == taken


@pytest.mark.parametrize(
    ("take", "value", "reason"),
    [
        (lambda f: f.value("x"), None, "field 'x' is missing"),
        (lambda f: f.integer("x", 0, 9), 10, "10 is not within 0 to 9"),
        (lambda f: f.integer("x", 0, 9), 10**400, "a huge number is not within"),
        (lambda f: f.integer("x", 0, 9), 1.0, "must be a whole number, not 1.0"),
        (lambda f: f.integer("x", 0, 9), True, "must be a whole number, not True"),
        (lambda f: f.number("x", 0, 9), "1", "must be a number, not '1'"),
        (lambda f: f.number("x", 0, 9), float("inf"), "is no finite number"),
        (lambda f: f.number("x", 0, 9), 10**400, "is no finite number"),
        (lambda f: f.measure("x", 0, 1), float("nan"), "nan is not within 0 to 1"),
        (lambda f: f.measure("x", 0, 1), False, "must be a number"),
        (lambda f: f.flag("x"), None, "field 'x' is missing"),
        (lambda f: f.flag("x"), 1, "must be true or false"),
        (lambda f: f.choice("x", {"a": 1, "b": 2}), "c", "must be one of a, b, not 'c'"),
        (lambda f: f.choice("x", {"a": 1}), ["a"], "not a list of 1"),
        (lambda f: f.text("x", most=2), "abc", "has 3 bytes, there is room for 2"),
        (lambda f: f.text("x", most=2), "é", "is not ascii"),
        (lambda f: f.text("x", most=2), 7, "must be a text"),
        (lambda f: f.hexadecimal("x"), "0g", "is not hex"),
        (lambda f: f.hexadecimal("x", 2), "00", "must be 2 bytes in hex, not 1"),
        (lambda f: f.hexadecimal("x"), 0, "must be hex digits"),
        (lambda f: f.epoch("x"), "1970-01-01T00:00:00", "with its zone"),
        (lambda f: f.epoch("x"), "9999-12-31T00:00:00Z", "is not within"),
        (lambda f: f.epoch("x"), 0, "must be an ISO 8601 time"),
        (lambda f: f.words("x"), "ab", "must be a list"),
        (lambda f: f.parts("x"), [{}, 3], r"field 'x\[1\]' must be an object, not 3"),
        (lambda f: f.parts("x")[0].value("y"), [{}], r"field 'x\[0\].y' is missing"),
        (lambda f: f.part("x").value("y"), {}, r"field 'x.y' is missing"),
    ],
)
def test_value_that_does_not_fit_is_refused(
    take: Callable[[Fields], object], value: Value, reason: str
) -> None:
    with pytest.raises(FrameError, match=reason) as caught:
        take(_of(value))

    assert caught.value.codec == "demo"


@given(seconds=st.integers(0, 0xFFFFFFFF))
def test_time_survives_the_way_there_and_back(seconds: int) -> None:
    assert _of(utc(seconds)).epoch("x") == seconds


@given(text=st.text())
def test_any_value_is_shown_short(text: str) -> None:
    assert len(shown(text)) <= 60

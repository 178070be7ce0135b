"""Sens'it payloads and configurations, bit by bit after the maker's tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("sigfox_sensit")
_DOWN = Context(direction=Direction.DOWNLINK)


def _decoded(frame: str, context: Context | None = None) -> dict[str, Value]:
    return _CODEC.decode(bytes.fromhex(frame), context or Context())


@pytest.mark.parametrize(
    ("frame", "mode", "values"),
    [
        ("ae003081", "standby", {"firmware": "3.2.1"}),
        ("ae09744f", "temperature", {"temperature_c": 21.5, "humidity_percent": 39.5}),
        ("ae100060", "light", {"light": 1.0}),
        ("ae1b0003", "door", {"door_state": 3, "event_counter": 3}),
        ("ae180000", "door", {"door_state": 4}),
        ("ae210005", "vibration", {"vibration": True, "event_counter": 5}),
        ("ae220005", "vibration", {"vibration": False, "mode_bits": 2}),
        ("ae280005", "magnet", {"magnet": False}),
    ],
)
def test_every_mode_goes_both_ways(frame: str, mode: str, values: dict[str, Value]) -> None:
    found = _decoded(frame)

    assert (found["mode"], found["battery_mv"]) == (mode, 3750)
    assert {name: found[name] for name in values} == values
    assert _CODEC.encode(found).hex() == frame


def test_button_bit_is_a_double_press() -> None:
    assert _decoded("ae040000")["press"] == "double"
    assert "press" not in _decoded("ae000000")


def test_percentage_is_told_only_where_it_is_published() -> None:
    assert _decoded("f6000000")["battery_percent"] == 100
    assert "battery_percent" not in _decoded("06000000")


def test_configuration_behind_the_payload_is_kept() -> None:
    frame = "ae00304046003f0f8004223c"

    values = _decoded(frame)

    assert values["config_hex"] == frame[8:]
    assert _CODEC.encode(values).hex() == frame


def test_mode_may_be_given_by_name() -> None:
    values: dict[str, Value] = {
        "mode": "temperature",
        "battery_mv": 4000,
        "temperature_c": -25.0,
        "humidity_percent": 100.0,
        "button": True,
    }

    assert _CODEC.encode(values).hex() == "d60c00c8"


@pytest.mark.parametrize(
    ("frame", "values"),
    [
        ("38503231", {"mode": "standby", "button": True, "firmware": "3.1.0"}),
        ("0950205d", {"mode": "temperature", "temperature_c": 19.0, "humidity_percent": 46.5}),
        ("0a508f07", {"mode": "light", "light": 10.0, "event_counter": 7}),
        ("4b502003", {"mode": "door", "door_state": 1, "frame_type": "alert"}),
        ("4c502003", {"mode": "vibration", "vibration": True}),
        ("0d506003", {"mode": "magnet", "magnet": True}),
    ],
)
def test_payload_version_2_goes_both_ways(frame: str, values: dict[str, Value]) -> None:
    found = _decoded(frame)

    assert found["payload_version"] == 2
    assert {name: found[name] for name in values} == values
    assert _CODEC.encode(found).hex() == frame


@pytest.mark.parametrize(
    ("frame", "values"),
    [
        (
            "7f0a2831ff080333",
            {
                "period": 1,
                "temperature_low_c": 1,
                "temperature_high_c": 31,
                "humidity_low": 42,
                "humidity_high": 34,
                "light_threshold": 636,
                "vibration_threshold": 8,
                "vibration_count": 3,
            },
        ),
        ("01003f0f80040234", {"periodic_modes": ["standby"], "vibration_sensitivity": 2}),
        ("aa94508f080273a0", {"period": 3, "light_low": 1.333, "light_high": 10.0, "door": 1}),
    ],
)
def test_configuration_goes_both_ways(frame: str, values: dict[str, Value]) -> None:
    found = _decoded(frame, _DOWN)

    assert found["command"] == "configuration"
    assert {name: found[name] for name in values} == values
    assert _CODEC.encode(found, _DOWN).hex() == frame


@pytest.mark.parametrize(
    ("frame", "what"),
    [("", "4 or 12 bytes"), ("ae0000", "4 or 12 bytes"), ("ae300000", "mode 6"), ("07000000", "7")],
)
def test_what_is_no_payload_is_refused(frame: str, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _decoded(frame)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "mode"),
        ({"mode": "asleep"}, "mode"),
        ({"mode": "standby", "battery_mv": 5000}, "battery_mv"),
        ({"mode": "door", "battery_mv": 3000, "door_state": 9}, "door_state"),
        ({"command": "configuration", "periodic_modes": ["sleep"], "period": 0}, "periodic_modes"),
    ],
)
def test_values_that_cannot_be_said_name_the_field(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=field):
        _CODEC.encode(values)


@given(frame=st.binary(min_size=4, max_size=4))
def test_what_is_read_is_written_back(frame: bytes) -> None:
    """Whatever bytes are a payload, none of them is lost."""
    try:
        values = _CODEC.decode(frame)
    except FrameError:
        return

    assert _CODEC.encode(values) == frame


@given(frame=st.binary(min_size=8, max_size=8))
def test_any_configuration_survives(frame: bytes) -> None:
    assert _CODEC.encode(_CODEC.decode(frame, _DOWN), _DOWN) == frame

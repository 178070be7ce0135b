"""Digital Matter frames, bit by bit after the maker's tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Value

_CODEC = codec("lorawan_digitalmatter")


def _packed(*fields: tuple[int, int]) -> bytes:
    """Return values of so many bits each, the first one in the lowest bits."""
    number = at = 0
    for value, bits in fields:
        number |= (value & (1 << bits) - 1) << at
        at += bits
    return number.to_bytes(at // 8, "little")


_LATITUDE, _LONGITUDE = -260000000, 280000000
_FULL = ((_LATITUDE, 32), (_LONGITUDE, 32))
_SHORT = ((_LATITUDE >> 8, 24), (_LONGITUDE >> 8, 24))
_ACK = ((5, 7), (1, 1), (2, 8), (3, 8))
_G62 = (
    *((2, 2), (1, 1), (1, 1), (_LATITUDE >> 4, 28)),
    *((1, 1), (0, 1), (1, 1), (1, 1), (_LONGITUDE >> 4, 28)),
    *((45, 8), (60, 8), (200, 8)),
)
_GUPPY = ((1, 1), (100, 7), (130, 8))

_FRAMES: dict[tuple[int, str], bytes] = {
    (1, "oyster"): _packed(*_FULL, (1, 1), (0, 1), (16, 6), (80, 8), (160, 8)),
    (1, "g62"): _packed(*_G62, (12000, 16), (500, 16), (-5, 8), (9, 8)),
    (1, "guppy"): _packed(*_GUPPY),
    (1, "guppy tilt"): _packed(*_GUPPY, (1, 1), (40, 7), (100, 8)),
    (2, "ack"): _packed(*_ACK),
    (2, "ack of a product"): _packed(*_ACK, (98, 8), (1, 8), (10, 8)),
    (2, "g62"): _packed(*_G62),
    (3, "oyster"): _packed(
        *((5, 4), (100, 11), (50, 13), (40, 10), (3, 8)),
        *((30, 9), (60, 9), (10, 8), (4, 7), (52, 9)),
    ),
    (3, "guppy"): _packed((100, 7), (52, 9), (10, 16), (20, 16), (4, 8)),
    (4, "short"): _packed(*_SHORT, (2, 3), (12, 5), (160, 8), *((1, 1),) * 3, (0, 1), (0, 4)),
    (4, "fine"): _packed(*_SHORT, (2, 3), (12, 5), (50, 8), (0, 1), (0, 1), (0, 1), (1, 1), (0, 4)),
    (4, "g62"): _packed((3600, 32), (12345, 32)),
    (5, "ack"): _packed(*_ACK),
    (30, "watchdog"): _packed((1, 8), (10, 8), (98, 8), (1, 8), (2, 8), (259, 16), (0, 8)),
    (31, "statistics"): _packed(
        *((9, 8), (3, 8), (50, 8), (40, 8), (0, 1), (1, 1), (7, 14), (52, 10)),
        *((99, 10), (8, 5), (4, 5), (2, 5), (16, 5)),
    ),
    (33, "inactive"): _packed(
        *((0, 1), (-1211688, 23), (1304796, 24), (0, 1), (0, 1), (1, 1)),
        *((720, 14), (40, 8), (2, 3), (0, 5), (0, 7)),
    ),
}


def _decoded(port: int, model: str) -> dict[str, Value]:
    return _CODEC.decode(_FRAMES[port, model], Context(port=port))


@pytest.mark.parametrize(("port", "model"), _FRAMES)
def test_every_message_goes_both_ways(port: int, model: str) -> None:
    frame = _FRAMES[port, model]

    assert _CODEC.encode(_decoded(port, model), Context(port=port)) == frame


def test_oyster_tells_position_and_trip() -> None:
    values = _decoded(1, "oyster")

    assert (values["latitude"], values["longitude"], values["course_deg"]) == (-26.0, 28.0, 90.0)
    assert (values["in_trip"], values["fix_failed"], values["battery_mv"]) == (True, False, 4000)


def test_coordinates_of_24_bits_are_cut_downwards() -> None:
    values = _decoded(4, "short")

    assert (values["latitude"], values["longitude"]) == (-26.0000000, 28.0000000)
    assert (values["man_down"], values["battery_mv"]) == (True, 4000)


def test_scale_bit_changes_the_battery() -> None:
    assert _decoded(4, "fine")["battery_mv"] == 3500 + 32 * 50


def test_g62_tells_inputs_and_trip_type() -> None:
    values = _decoded(1, "g62")

    assert (values["trip_type"], values["external_power"], values["ignition"]) == (
        "movement",
        True,
        True,
    )
    assert (values["temperature_c"], values["external_mv"], values["battery_mv"]) == (
        -5,
        12000,
        4000,
    )


def test_guppy_tells_man_down_and_tilt() -> None:
    values = _decoded(1, "guppy tilt")

    assert (values["man_down"], values["inclination_deg"], values["azimuth_deg"]) == (
        True,
        60.0,
        150.0,
    )
    assert (values["battery_mv"], values["temperature_c"]) == (3400, 25.0)


def test_inactivity_is_counted_in_two_minutes() -> None:
    values = _decoded(33, "inactive")

    assert (values["inactivity_alarm"], values["inactive_min"]) == (True, 1440)
    assert values["latitude"] == pytest.approx(-26.0, abs=2e-5)


def test_clock_request_is_written_though_another_message_has_its_size() -> None:
    values: dict[str, Value] = {
        "clock_was_set": True,
        "cookie": 7,
        "time": "2013-01-01T00:01:00Z",
    }

    assert _CODEC.encode(values, Context(port=4)) == bytes.fromhex("0f0000003c000000")


@pytest.mark.parametrize(
    ("port", "size", "what"),
    [(1, 3, "bytes, this one 3"), (6, 3, "port 6"), (None, 3, "port None")],
)
def test_what_is_no_message_is_refused(port: int | None, size: int, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(bytes(size), Context(port=port))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"latitude": 300.0}, "latitude"),
        ({"battery_mv": 6400}, "battery_mv"),
        ({"in_trip": 1}, "in_trip"),
    ],
)
def test_values_that_do_not_fit_name_the_field(change: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=field):
        _CODEC.encode({**_decoded(1, "oyster"), **change}, Context(port=1))


@given(frame=st.binary(min_size=11, max_size=11), port=st.sampled_from([1, 2, 3, 31, 33]))
def test_any_11_bytes_survive(frame: bytes, port: int) -> None:
    """No bit of these messages is lost, reserved ones included."""
    context = Context(port=port)

    assert _CODEC.encode(_CODEC.decode(frame, context), context) == frame

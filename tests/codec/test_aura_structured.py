"""The structured device event, as text on the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import FrameError, codec
from simulator.frame import Value

_CODEC = codec("aura_structured")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            '{"message_type":1,"device_id":"00000007","location":'
            '{"latitude":-26.09,"longitude":28.08,"accuracy":70}}',
            {
                "message_type": 1,
                "device_id": "00000007",
                "latitude": -26.09,
                "longitude": 28.08,
                "accuracy_m": 70,
            },
        ),
        ('{"message_type":1,"device_id":7}', {"message_type": 1, "device_id": 7}),
        (
            '{"message_type":2,"device_id":7,"body":{"latitude":1,"longitude":2.5}}',
            {"message_type": 2, "device_id": 7, "latitude": 1, "longitude": 2.5},
        ),
        ('{"message_type":3,"device_id":7,"body":{}}', {"message_type": 3, "device_id": 7}),
        (
            '{"message_type":4,"device_id":7,"body":{"battery":87}}',
            {"message_type": 4, "device_id": 7, "battery_percent": 87},
        ),
    ],
)
def test_event_goes_both_ways(text: str, values: dict[str, Value]) -> None:
    assert _CODEC.decode(text.encode()) == values
    assert _CODEC.encode(values) == text.encode()


def test_names_and_order_of_others_do_not_matter() -> None:
    text = b' {"body": {}, "device_id": 7, "message_type": 3, "device_type_id": 5} '

    assert _CODEC.decode(text) == {"message_type": 3, "device_id": 7}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[1]",
        '{"message_type":1}',
        '{"message_type":0,"device_id":7}',
        '{"message_type":5,"device_id":7}',
        '{"message_type":"1","device_id":7}',
        '{"message_type":1,"device_id":null}',
        '{"message_type":1,"device_id":7,"location":[]}',
        '{"message_type":1,"device_id":7,"location":{"latitude":1}}',
        '{"message_type":1,"device_id":7,"location":{"latitude":91,"longitude":0}}',
        '{"message_type":1,"device_id":7,"location":{"latitude":"1","longitude":0}}',
        '{"message_type":2,"device_id":7}',
        '{"message_type":2,"device_id":7,"location":{"latitude":1,"longitude":0}}',
        '{"message_type":4,"device_id":7,"body":{"battery":101}}',
        '{"message_type":4,"device_id":7,"body":{"battery":NaN}}',
    ],
)
def test_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(FrameError, match="aura_structured: "):
        _CODEC.decode(text.encode())


def test_depth_without_end_is_refused() -> None:
    with pytest.raises(FrameError):
        _CODEC.decode(b'{"x":' * 100_000)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"device_id": 7}, "message_type"),
        ({"message_type": 5, "device_id": 7}, "message_type"),
        ({"message_type": True, "device_id": 7}, "message_type"),
        ({"message_type": 1}, "device_id"),
        ({"message_type": 1, "device_id": -1}, "device_id"),
        ({"message_type": 1, "device_id": 1.5}, "device_id"),
        ({"message_type": 1, "device_id": "\ud800"}, "device_id"),
        ({"message_type": 1, "device_id": 7, "latitude": 1.0}, "longitude"),
        ({"message_type": 2, "device_id": 7}, "latitude"),
        ({"message_type": 1, "device_id": 7, "latitude": 91, "longitude": 0}, "latitude"),
        ({"message_type": 1, "device_id": 7, "latitude": 1, "longitude": "2"}, "longitude"),
        ({"message_type": 4, "device_id": 7, "battery_percent": float("nan")}, "battery_percent"),
    ],
)
def test_value_that_does_not_fit_is_named(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=f"field '{field}'"):
        _CODEC.encode(values)


@given(
    device=st.integers(0, 2**63 - 1) | st.text(st.characters(codec="utf-8"), max_size=60),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
)
def test_position_survives_the_way_there_and_back(
    device: int | str, lat: float, lon: float
) -> None:
    values: dict[str, Value] = {"message_type": 2, "device_id": device}
    values |= {"latitude": lat, "longitude": lon}

    assert _CODEC.decode(_CODEC.encode(values)) == values

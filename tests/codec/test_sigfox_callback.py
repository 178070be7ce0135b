"""Sigfox callbacks: the keys of the network and of middleware, payloads, and the answer."""

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("sigfox_callback")
_DOWN = Context(direction=Direction.DOWNLINK)
_OYSTER = "00" + "00b780f0" + "00769010" + "2d50c8"


def _body(**members: object) -> bytes:
    return json.dumps({"device": "C0FFEE", **members}).encode()


def _decoded(**members: object) -> dict[str, Value]:
    return _CODEC.decode(_body(**members))


@pytest.mark.parametrize(
    "body",
    [
        b'{"device":"C0FFEE","time":1780332496,"data":"0132","seqNumber":17}',
        b'{ "device" : "C0FFEE", "time" : "1780332496", "data" : "0132", "ack" : "true" }',
        b'{"deviceId":"C0FFEE","timestamp":"1780332496","seqNo":"42","payload":"62"}',
        b'{"device":"C0FFEE","rssi":"-98.00","snr":"12.5","lat":"-26.0","lng":"28.0","data":"01"}',
        b'{"device":"C0FFEE","batt":"3.1","temp":21.5,"lqi":"GOOD"}',
        b'{"device":"C0FFEE","computedLocation":{"lat":-26.14,"lng":28.05,"radius":900,"source":2}}',
        b'{"deviceId":"C0FFEE","latitude":"null","moving":false,"recievedPayload":"CB020051"}',
        b'{"device":"C0FFEE","note":"a \\"quoted\\" {word}","time":1780332496}',
    ],
)
def test_any_body_is_given_back(body: bytes) -> None:
    assert _CODEC.encode(_CODEC.decode(body)) == body


def test_numbers_may_arrive_as_text() -> None:
    values = _decoded(time="1780332496", seqNumber="17", rssi="-98.00", duplicate="false")

    assert (values["time"], values["sequence"]) == ("2026-06-01T16:48:16Z", 17)
    assert (values["rssi_dbm"], values["duplicate"]) == (-98.0, False)


def test_absent_value_may_be_the_text_null() -> None:
    assert "temperature_c" not in _decoded(temperature="null", battery=None)


def test_degrees_beside_data_are_those_of_the_station() -> None:
    values = _decoded(data="0132", lat=-26.0, lng=28.0)

    assert (values["station_latitude"], values["station_longitude"]) == (-26.0, 28.0)
    assert "latitude" not in values


def test_degrees_without_data_are_the_position() -> None:
    assert _decoded(lat=-26.0, lng=28.0)["latitude"] == -26.0


def test_computed_location_is_the_position() -> None:
    values = _decoded(location={"lat": -26.14, "lng": 28.05, "radius": 900, "source": 2})

    assert (values["latitude"], values["accuracy_m"], values["location_source"]) == (-26.14, 900, 2)


def test_form_key_is_unquoted_and_quoted_again() -> None:
    body = f"{quote_plus(_body(data='0132').decode())}=".encode()

    values = _CODEC.decode(body)

    assert (values["device_id"], values["payload_hex"]) == ("C0FFEE", "0132")
    assert _CODEC.encode(values) == body


@pytest.mark.parametrize(
    ("data", "values"),
    [
        ("1f81abcdef01c9c38050", {"fix_valid": True, "latitude": -28.036591}),
        ("0f000000000000000050", {"fix_valid": False, "battery_percent": 80}),
        (_OYSTER, {"latitude": -26.0, "course_deg": 90, "battery_mv": 5000}),
        ("0102c819ffe83dd00019a280", {"motion": True, "battery_mv": 4000}),
        ("cb020051", {}),
    ],
)
def test_payload_under_data_is_read(data: str, values: dict[str, Value]) -> None:
    found = _decoded(data=data)

    assert {name: found.get(name) for name in values} == values


@pytest.mark.parametrize(
    ("payload", "values"),
    [
        ("62", {"event": 0x62, "alarm": "sos"}),
        ("22", {"alarm": "sos"}),
        ("2002c1d0000041e00000", {"latitude": -26.0, "longitude": 28.0}),
        ("20033204240550", {"temperature_c": 25.0, "battery_mv": 3600}),
        ("20060102030405064b", {"wifi_mac": "01:02:03:04:05:06", "wifi_value": 75}),
        ("200832ff0102030409057707", {"speed_kmh": 5, "fence": 7}),
    ],
)
def test_payload_of_tags_is_read(payload: str, values: dict[str, Value]) -> None:
    found = _decoded(payload=payload)

    assert {name: found.get(name) for name in values} == values


def test_template_is_filled_in_for_the_next_message() -> None:
    values = {**_decoded(data="0130", time=1780332496, seqNumber=17), "sequence": 18}

    body = json.loads(_CODEC.encode(values))

    assert body == {"device": "C0FFEE", "data": "0130", "time": 1780332496, "seqNumber": 18}


def test_template_may_use_the_names_of_the_network() -> None:
    values: dict[str, Value] = {
        "template": '{"id":"{device}","at":{time},"bytes":"{data}","n":{seqNumber},"p":{rssi}}',
        "device_id": "C0FFEE",
        "time": "2026-06-01T16:48:16Z",
        "payload_hex": "0132",
        "sequence": 17,
        "rssi_dbm": -98,
    }

    assert _CODEC.encode(values) == (
        b'{"id":"C0FFEE","at":1780332496,"bytes":"0132","n":17,"p":-98.00}'
    )


def test_body_has_a_usual_form_without_a_template() -> None:
    values: dict[str, Value] = {"device_id": "C0FFEE", "payload_hex": "0132", "sequence": 17}

    assert _CODEC.encode(values) == b'{ "device": "C0FFEE", "data": "0132", "seqNumber": 17 }'


def test_answer_carries_a_downlink() -> None:
    body = b'{"C0FFEE":{"downlinkData":"0101000000000000"}}'

    values = _CODEC.decode(body, _DOWN)

    assert values == {"device_id": "C0FFEE", "downlink_hex": "0101000000000000"}
    assert _CODEC.encode(values, _DOWN) == body


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "no JSON"),
        (b"[]", "no JSON object"),
        (b"\xff", "UTF-8"),
        (b"[" * 60_000, "no JSON"),
        (b'{"device":"A","time":NaN}', "no JSON"),
        (b"x" * 70_000, "at most"),
        (b'{"data":"00"}', "device"),
        (b'{"device":"A","time":"soon"}', "time"),
        (b'{"device":"A","time":-1}', "time"),
        (b'{"device":"A","rssi":"NaN"}', "rssi"),
        (b'{"device":"A","rssi":1e400}', "rssi"),
        (b'{"device":"A","data":"0g"}', "data"),
        (b'{"device":"A","ack":"maybe"}', "ack"),
        (b'{"device":"A","payload":"200201"}', "tag 02"),
        (b'{"device":"A","payload":"20027fc000007fc00000"}', "finite"),
        (b'{"device":"A","note":"{time}"}', "not filled in"),
    ],
)
def test_what_is_no_callback_is_refused(body: bytes, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(body)


@pytest.mark.parametrize("body", [b"{}", b'{"A":{}}', b'{"A":{"downlinkData":"xy"}}'])
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(FrameError, match="downlinkData"):
        _CODEC.decode(body, _DOWN)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "payload_hex|device_id"),
        ({"device_id": "A", "payload_hex": "xy"}, "payload_hex"),
        ({"device_id": "A", "template": '{"n":{seqNumber}}'}, "sequence"),
        ({"device_id": "A", "template": "no body"}, "no JSON"),
    ],
)
def test_values_that_cannot_be_said_name_the_field(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=field):
        _CODEC.encode(values)


@given(
    device=st.integers(0, 0xFFFFFFFF),
    time=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=12),
    as_text=st.booleans(),
)
def test_any_data_callback_survives(device: int, time: int, payload: bytes, as_text: bool) -> None:
    body = json.dumps(
        {
            "device": f"{device:X}",
            "time": str(time) if as_text else time,
            "data": payload.hex(),
        }
    ).encode()

    assert _CODEC.encode(_CODEC.decode(body)) == body

"""Lines in, answers out: a bad line is an answer too."""

import json

import pytest

from simulator.codec import FrameError
from simulator.codec._batch import context_of, decode_line, encode_line
from simulator.codec._fields import Fields
from simulator.frame import Direction, Value


def _line(**fields: object) -> str:
    return json.dumps(fields)


def _error(answer: object) -> str:
    assert isinstance(answer, dict)
    assert list(answer) == ["error"]
    return str(answer["error"])


def test_frame_becomes_values_and_back() -> None:
    assert decode_line(_line(protocol="sigfox_simplepack", frame_hex="0132")) == {
        "values": {"mode": "press_me", "event": "long_press", "press": "long"}
    }
    values = {"mode": "press_me", "press": "long"}
    assert encode_line(_line(protocol="sigfox_simplepack", values=values)) == {"frame_hex": "0132"}


def test_vector_is_encoded_from_what_it_expects() -> None:
    line = _line(protocol="sigfox_simplepack", expected={"mode": "press_me", "press": "short"})

    assert encode_line(line.encode()) == {"frame_hex": "0130"}


def test_text_protocol_speaks_text() -> None:
    text = '{"message_type":3,"device_id":7,"body":{}}'
    values = {"message_type": 3, "device_id": 7}

    assert decode_line(_line(protocol="aura_structured", frame_text=text)) == {"values": values}
    assert encode_line(_line(protocol="aura_structured", values=values)) == {"frame_text": text}


def test_downlink_is_read_as_one() -> None:
    line = _line(
        protocol="lorawan_milesight_ws101", frame_hex="ff10ff", direction="downlink", fport=85
    )

    assert decode_line(line) == {"values": {"command": "reboot"}}


def test_key_and_address_open_an_encrypted_frame() -> None:
    beside = {
        "protocol": "ble_bthome_v2",
        "address": "A4:C1:38:11:22:33",
        "bindkey": "000102030405060708090a0b0c0d0e0f",
    }
    sealed = encode_line(_line(**beside, values={"count": 3, "encryption_counter": 1}))

    answer = decode_line(_line(**beside, frame_hex=sealed["frame_hex"]))

    assert answer["values"]["count"] == 3


def test_what_travels_beside_the_bytes_is_kept() -> None:
    fields: dict[str, Value] = {
        "fport": 6,
        "direction": "downlink",
        "address": "00:11",
        "key_text": "0123456789abcdef",
        "recv_time": "1970-01-01T02:00:01.5+02:00",
    }

    context = context_of(Fields("line", fields))

    assert (context.port, context.direction) == (6, Direction.DOWNLINK)
    assert (context.address, context.key) == ("00:11", b"0123456789abcdef")
    assert context.received_s == 1.5
    assert context_of(Fields("line", {"key_hex": "0aff"})).key == b"\x0a\xff"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        ("[]", "no JSON object"),
        pytest.param("[" * 100_000, "no JSON", id="deep"),
        ("{}", "field 'protocol' is missing"),
        (_line(protocol=7), "field 'protocol' must be a text"),
        (_line(protocol="_batch", frame_hex="00"), "no codec '_batch'"),
        (_line(protocol="eview"), "field 'frame_hex' is missing"),
        (_line(protocol="eview", frame_hex="0"), "field 'frame_hex' is not hex"),
        (_line(protocol="eview", frame_text=7), "field 'frame_text' must be a text"),
        (_line(protocol="eview", frame_hex="ab"), "eview: a frame has at least 9 bytes"),
        (_line(protocol="eview", frame_hex="ab", fport=-1), "field 'fport'"),
        (_line(protocol="eview", frame_hex="ab", direction="up"), "field 'direction'"),
        (_line(protocol="eview", frame_hex="ab", bindkey="x"), "field 'bindkey'"),
        (_line(protocol="eview", frame_hex="ab", recv_time="now"), "field 'recv_time'"),
        (_line(protocol="eview", frame_hex="ab", recv_time="2026-01-01T00:00:00"), "recv_time"),
    ],
)
def test_unreadable_line_to_decode_says_why(line: str | bytes, reason: str) -> None:
    assert reason in _error(decode_line(line))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "no JSON"),
        (_line(protocol="eview"), "field 'values' is missing"),
        (_line(protocol="eview", values=[]), "field 'values' must be an object"),
        (_line(protocol="eview", values={}), "eview: field 'sequence_id' is missing"),
        (_line(protocol="nothing", values={}), "no codec 'nothing'"),
    ],
)
def test_unreadable_line_to_encode_says_why(line: str, reason: str) -> None:
    assert reason in _error(encode_line(line))


def test_time_of_reception_has_a_zone() -> None:
    with pytest.raises(FrameError, match="with its zone"):
        context_of(Fields("line", {"recv_time": 7}))

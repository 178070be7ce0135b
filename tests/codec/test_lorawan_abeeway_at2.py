"""AT2 frames, byte by byte after the maker's tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("lorawan_abeeway_at2")
_PERCENT, _VOLTS = Context(port=18), Context(port=17)
_DOWN = Context(direction=Direction.DOWNLINK, port=2)
_HEAD = "545080"  # permanent tracking, SOS, moving; 80 %; 20.8 C
_HEARD = "010203040506c00a0b0c0d0e0fb0"
_VOLTAGES = "0180fe4060fe"
_LATITUDE, _LONGITUDE = "f080b700", "10b07600"  # -26.0, 28.0
_VECTOR = "ff38000003e8"

_BODIES = {
    "gps": ("03", "20", "06" + _LATITUDE[:6] + _LONGITUDE[:6] + "08"),
    "gps_timeout": ("03", "21", "0180402010"),
    "wifi_encrypted": ("03", "22", "00112233"),
    "wifi_timeout": ("03", "23", _VOLTAGES),
    "wifi_failure": ("03", "24", _VOLTAGES + "05"),
    "ble": ("03", "27", "06" + _HEARD),
    "ble_failure": ("03", "28", "04"),
    "wifi": ("03", "29", "06" + _HEARD),
    "ble_short_id": ("03", "2a", "06" + _HEARD),
    "ble_long_id": ("03", "2b", "06" + "00" * 16 + "c4"),
    "energy": ("04", "20", "000000100000002000000003"),
    "health": ("04", "21", "0010906000010002000300040f3c"),
    "short heartbeat": ("05", "20", "40"),
    "heartbeat": ("05", "20", "40020200"),
    "long heartbeat": ("05", "20", "40020200030100"),
    "activity": ("07", "20", "010000000a"),
    "configuration": ("07", "20", "02010000003cf600000002"),
    "shock": ("07", "20", "0302" + _VECTOR),
    "shock with index": ("07", "20", "0302" + _VECTOR + "00000007"),
    "periodic activity": ("07", "20", "0400010002000300040005000600000015"),
    "ble address": ("07", "20", "050a0b0c0d0e0f"),
    "shutdown": ("09", "20", "01"),
    "motion end": ("0a", "20", "02" + _VECTOR),
    "motion end with share": ("0a", "20", "02" + _VECTOR + "2f"),
    "temperature alert": ("0a", "20", "0501a06000030001"),
    "angle": ("0a", "20", "094a0010" + _VECTOR * 2 + "2d"),
    "geofencing": ("0a", "20", "0a02b5dffb"),
    "scan by address": ("0b", "21", "c10548c0010203040506"),
    "scan by id": ("0b", "20", "020548c0000303b0000304"),
    "proximity": ("0c", "20", "0301020304"),
    "extended gps": (
        "0e",
        "20",
        "005203" + _LATITUDE + _LONGITUDE + "004d150b5e0013",
    ),
    "extended gps with previous": (
        "0e",
        "20",
        "005203" + _LATITUDE + _LONGITUDE + "004d150b5e0013190769",
    ),
    "extended gps in cm": (
        "0e",
        "20",
        "005200" + _LATITUDE + _LONGITUDE + "ff9c150b5e0013",
    ),
    "extended gps timeout": ("0e", "21", "00520280402010"),
    "extended wifi failure": ("0e", "24", "0052" + _VOLTAGES + "05"),
    "extended wifi": ("0e", "29", "0052" + _HEARD),
    "crash": ("0f", "20", "01434f4445"),
    "length error": ("0f", "22", "0500"),
    "firmware parameters": ("0f", "24", "001b010c007f000000000a20"),
}
_FRAMES = {name: bytes.fromhex(a + _HEAD + b + c) for name, (a, b, c) in _BODIES.items()}


def _decoded(name: str) -> dict[str, Value]:
    return _CODEC.decode(_FRAMES[name], _PERCENT)


@pytest.mark.parametrize("name", _FRAMES)
def test_every_message_goes_both_ways(name: str) -> None:
    assert _CODEC.encode(_decoded(name), _PERCENT) == _FRAMES[name]


def test_header_is_split_into_its_flags() -> None:
    values = _decoded("shutdown")

    assert (values["tracking_mode_name"], values["sos"], values["motion"]) == (
        "permanent_tracking",
        True,
        True,
    )
    assert (values["battery_percent"], values["temperature_c"], values["ack_token"]) == (
        80,
        20.8,
        2,
    )


@pytest.mark.parametrize(
    ("code", "event", "alarm"),
    [(7, "sos_mode_start", "sos"), (8, "sos_mode_end", "sos_clear"), (1, "motion_start", None)],
)
def test_sos_starts_and_ends_with_an_event(code: int, event: str, alarm: str | None) -> None:
    frame = bytes.fromhex("0a" + _HEAD + "00") + bytes((code,))

    values = _CODEC.decode(frame, _PERCENT)

    assert (values["event"], values.get("alarm")) == (event, alarm)
    assert _CODEC.encode(values, _PERCENT) == frame


def test_event_without_a_name_passes() -> None:
    frame = bytes.fromhex("0a" + _HEAD + "00630102")

    assert _CODEC.encode(_CODEC.decode(frame, _PERCENT), _PERCENT) == frame


def test_short_position_lacks_the_lowest_byte() -> None:
    values = _decoded("gps")

    assert (values["latitude"], values["longitude"]) == (-26.0, 28.0)
    assert (values["age_s"], values["accuracy_m"]) == (48, 31.37)


@pytest.mark.parametrize(("code", "metres"), [(250, 250), (251, 500), (254, 4000), (255, None)])
def test_extended_accuracy_has_ranges(code: int, metres: int | None) -> None:
    frame = bytearray(_FRAMES["extended gps"])
    frame[18] = code

    values = _CODEC.decode(bytes(frame), _PERCENT)

    assert values.get("accuracy_m") == metres
    assert _CODEC.encode(values, _PERCENT) == frame


def test_altitude_is_in_centimetres_or_metres() -> None:
    assert _decoded("extended gps")["altitude_m"] == 77
    assert _decoded("extended gps in cm")["altitude_m"] == -1.0


@pytest.mark.parametrize("raw", range(256))
def test_every_voltage_byte_survives(raw: int) -> None:
    frame = bytearray.fromhex("0a" + _HEAD + "0007")
    frame[2] = raw

    assert _CODEC.encode(_CODEC.decode(bytes(frame), _VOLTS), _VOLTS) == frame


def test_voltage_rounded_to_ten_millivolts_keeps_its_byte() -> None:
    """4130 mV may be byte f1 or f2; the byte that was read decides."""
    frame = bytes.fromhex("0a00f28e0000")
    values = {**_CODEC.decode(frame, _VOLTS), "battery_mv": 4130}

    assert _CODEC.encode(values, _VOLTS) == frame
    assert _CODEC.encode({**values, "battery_mv": 3000}, _VOLTS)[2] == 37


def test_battery_byte_zero_is_charging() -> None:
    values = _CODEC.decode(bytes.fromhex("0a00008e0000"), _PERCENT)

    assert values["charging"] is True
    assert "battery_percent" not in values


def test_frame_pending_and_text_have_no_common_header() -> None:
    pending, text = bytes.fromhex("0003"), bytes.fromhex("0d5000000a") + b"help"

    assert _CODEC.decode(pending) == {"message_type": 0, "ack_token": 3}
    assert _CODEC.decode(text)["text"] == "help"
    assert _CODEC.encode(_CODEC.decode(pending)) == pending
    assert _CODEC.encode(_CODEC.decode(text)) == text


@pytest.mark.parametrize(
    ("frame", "command"),
    [
        ("0104", "pos_on_demand"),
        ("020402", "set_mode"),
        ("0304fdfe", "request_config"),
        ("0404", "start_sos"),
        ("0504", "stop_sos"),
        ("0604", "request_temperature_status"),
        ("060401", "request_temperature_status"),
        ("07040201", "proximity"),
        ("080401", "angle_detection"),
        ("090401", "request_status"),
        ("0b04010000003c", "set_param"),
        ("0c04", "clear_motion_percentage"),
        ("0d0400000168690a", "sms"),
        ("ff040300", "debug_command"),
    ],
)
def test_every_command_goes_both_ways(frame: str, command: str) -> None:
    values = _CODEC.decode(bytes.fromhex(frame), _DOWN)

    assert (values["command"], values["ack_token"]) == (command, 4)
    assert _CODEC.encode(values, _DOWN) == bytes.fromhex(frame)


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        ("", "empty"),
        ("02" + _HEAD + "00", "message type 2"),
        ("0a" + _HEAD, "ends at byte"),
        ("03" + _HEAD + "0c00", "sub-type 12"),
        ("03" + _HEAD + "0906010203", "entries have 7"),
        ("07" + _HEAD + "0007", "tag 7"),
        ("0b" + _HEAD + "03000000", "sub-type 3"),
        ("09" + _HEAD + "000100", "too many"),
    ],
)
def test_what_is_no_message_is_refused(frame: str, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(bytes.fromhex(frame), _PERCENT)


@pytest.mark.parametrize("frame", ["", "01", "0a00", "020006", "0c0400", "020400ff"])
def test_what_is_no_command_is_refused(frame: str) -> None:
    with pytest.raises(FrameError, match="lorawan_abeeway_at2"):
        _CODEC.decode(bytes.fromhex(frame), _DOWN)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "message_type"),
        ({"message_type": 2}, "message_type"),
        ({"message_type": 3}, "position_type"),
        ({"message_type": 10, "event": "party"}, "event"),
        ({"command": "set_param"}, "parameters"),
        ({"command": "set_mode", "mode": 3}, "mode"),
    ],
)
def test_values_that_cannot_be_said_name_the_field(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=field):
        _CODEC.encode(values)


@given(body=st.binary(max_size=30), kind=st.sampled_from([3, 4, 5, 7, 9, 10, 11, 12, 14, 15]))
def test_what_is_read_is_written_back(body: bytes, kind: int) -> None:
    """Whatever bytes are a message, none of them is lost."""
    frame = bytes((kind,)) + bytes.fromhex(_HEAD) + body
    try:
        values = _CODEC.decode(frame, _PERCENT)
    except FrameError:
        return

    assert _CODEC.encode(values, _PERCENT) == frame

"""GT06 trackers: binary frames with a CRC, positions, alarms in two places, and the replies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError
from simulator.codec.gt06 import CODEC
from simulator.frame import Direction, Value

_TIME = "1a03020a0f00"
_GPS = f"{_TIME}c903a3176001f95f00171038"  # 33.9 S, 18.4 E, 23 km/h, 56 degrees
_CELL = "028f0a00150010a1"


def _crc(data: bytes) -> int:
    """CRC-16/X-25, bit by bit, to check the frames by another way than the codec's."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc ^ 0xFFFF


def _frame(kind: int, content: str, serial: int = 7, *, is_long: bool = False) -> bytes:
    body = bytes((kind,)) + bytes.fromhex(content) + serial.to_bytes(2, "big")
    body = (len(body) + 2).to_bytes(2 if is_long else 1, "big") + body
    start = b"\x79\x79" if is_long else b"\x78\x78"
    return start + body + _crc(body).to_bytes(2, "big") + b"\r\n"


def test_login_has_the_imei() -> None:
    values = CODEC.decode(_frame(0x01, "0359000000000001"))

    assert values == {"message_type": 1, "serial_number": 7, "imei": "359000000000001"}


def test_login_of_newer_models_has_model_and_zone() -> None:
    frame = _frame(0x01, "0359000000000001100f190a")

    values = CODEC.decode(frame)

    assert (values["device_model_code"], values["time_zone_code"]) == ("100f", "190a")
    assert CODEC.encode(values) == frame


def test_position_is_read_from_all_bits() -> None:
    values = CODEC.decode(_frame(0x12, _GPS + _CELL))

    assert values["time"] == "2026-03-02T10:15:00Z"
    assert (values["latitude"], values["longitude"]) == (-33.9, 18.4)
    assert (values["satellites"], values["speed_kmh"], values["course_deg"]) == (9, 0x17, 0x38)
    assert values["fix_valid"] is True
    assert values["cell"] == {"mcc": 655, "mnc": 10, "lac": 21, "cid": 4257}


@pytest.mark.parametrize(
    ("word", "north", "east", "valid"),
    [("1400", True, True, True), ("1c00", True, False, True), ("0000", False, True, False)],
)
def test_hemispheres_are_bits(word: str, north: bool, east: bool, valid: bool) -> None:
    values = CODEC.decode(_frame(0x10, _GPS[:-4] + word))

    assert isinstance(latitude := values["latitude"], float)
    assert isinstance(longitude := values["longitude"], float)
    assert (latitude > 0, longitude > 0, values["fix_valid"]) == (north, east, valid)


@pytest.mark.parametrize("word", ["0000", "0400", "0800", "0c00"])
def test_hemisphere_of_zero_is_written_back(word: str) -> None:
    frame = _frame(0x10, f"{_TIME}c0{'00' * 8}00{word}")

    assert CODEC.encode(CODEC.decode(frame)) == frame


def test_state_of_a_position_is_read() -> None:
    values = CODEC.decode(_frame(0x22, f"{_GPS}{_CELL}01050100000fa0"))

    assert (values["acc_on"], values["report_reason"], values["buffered"]) == (True, 5, True)
    assert values["odometer_m"] == 4000


@pytest.mark.parametrize(
    ("status", "byte", "alarm"),
    [
        ("20", "00", "sos"),
        ("00", "01", "sos"),
        ("20", "04", "sos"),
        ("08", "01", "sos"),
        ("00", "02", "power_cut"),
        ("08", "00", "vibration"),
        ("00", "03", "vibration"),
        ("00", "04", "geofence_enter"),
        ("00", "05", "geofence_exit"),
        ("00", "06", "overspeed"),
        ("00", "09", "movement"),
        ("18", "00", "low_battery"),
        ("00", "0e", "low_battery"),
        ("00", "0f", "low_battery"),
        ("00", "19", "low_battery"),
        ("00", "13", "tamper"),
        ("38", "00", "removed"),
        ("30", "00", "geofence"),
        ("00", "00", None),
        ("00", "77", None),
    ],
)
def test_alarm_may_stand_in_either_place(status: str, byte: str, alarm: str | None) -> None:
    frame = _frame(0x16, f"{_GPS}09{_CELL}{status}0404{byte}02")

    values = CODEC.decode(frame)

    assert values.get("alarm") == alarm
    assert CODEC.encode(values) == frame


@pytest.mark.parametrize(
    ("middle", "level", "percent"),
    [
        (f"09{_CELL}", "04", 66),
        (_CELL, "06", 100),
        ("09028f0a0015000010a1", "3e", 62),
        ("09028f0a0015000010a1", "05", 5),
        ("0a828f000a00150010a1", "03", 50),
        ("", "00", 0),
        ("00" * 20, "55", 85),
    ],
)
def test_alarm_is_read_whatever_stands_in_its_middle(middle: str, level: str, percent: int) -> None:
    frame = _frame(0x26, f"{_GPS}{middle}00{level}040102")

    values = CODEC.decode(frame)

    assert (values["alarm"], values["battery_percent"]) == ("sos", percent)
    assert CODEC.encode(values) == frame


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        (0x13, "4406040002", {"charging": True, "acc_on": False, "battery_percent": 100}),
        (0x13, "440604", {"voltage_level": 6}),
        (0x13, "4406040002ff", {"tail_hex": "ff"}),
        (0x23, "c00122040001", {"battery_mv": 2900, "gsm_level": 4, "charging": False}),
        (0x19, f"{_CELL}0004040102", {"alarm": "sos", "battery_percent": 66}),
        (0x19, "aabb0004040102", {"middle_hex": "aabb"}),
        (0x27, f"{_GPS}09{_CELL}0004040102ff", {"alarm": "sos", "fence_number": 255}),
        (0x10, f"{_GPS}0001", {"tail_hex": "0001"}),
        (0x12, f"{_GPS}028f", {"tail_hex": "028f"}),
        (0x22, f"{_GPS}{_CELL}0000", {"tail_hex": "0000"}),
        (0x15, "0a00000001444f4e4521210002", {"server_flag": 1, "text": "DONE!!"}),
        (0x80, "0900000000444f4e4521", {"text": "DONE!"}),
        (0x94, "0004b0", {"external_mv": 12000}),
        (0x94, "0441", {"text": "A"}),
        (
            0x94,
            "0a035900000000000105200502187214018966051912408052452f",
            {"imei": "359000000000001", "iccid": "8966051912408052452"},
        ),
        (0x8A, "", {"message_type": 0x8A}),
        (0x28, "10010d", {"content_hex": "10010d"}),
        (0x01, "0359000000000001100f19", {"tail_hex": "19"}),
        (0x10, f"{'00' * 6}{_GPS[12:]}", {"time_hex": "000000000000"}),
    ],
)
def test_every_type_goes_both_ways(kind: int, content: str, expected: dict[str, Value]) -> None:
    frame = _frame(kind, content)

    values = CODEC.decode(frame)

    assert values.items() >= expected.items()
    assert CODEC.encode(values) == frame


@pytest.mark.parametrize("content", ["0000000101444f4e45", "000000010200440026"])
def test_long_answer_has_its_encoding(content: str) -> None:
    frame = _frame(0x21, content, is_long=True)

    values = CODEC.decode(frame)

    assert (values["server_flag"], values["is_long"]) == (1, True)
    assert values["text"] in ("DONE", "D&")
    assert CODEC.encode(values) == frame


def test_alarm_is_built_from_plain_values() -> None:
    values: dict[str, Value] = {
        "message_type": 0x16,
        "serial_number": 1,
        "time": "2026-03-02T10:15:00Z",
        "latitude": -33.9,
        "longitude": 18.4,
        "fix_valid": True,
        "alarm": "sos",
        "battery_percent": 50,
        "charging": True,
    }

    back = CODEC.decode(CODEC.encode(values))

    assert back.items() >= values.items()
    assert (back["alarm_byte"], back["voltage_level"]) == (1, 3)


@pytest.mark.parametrize("alarm", ["vibration", "removed", "geofence", "fall", "power_on"])
def test_every_alarm_finds_its_place(alarm: str) -> None:
    values: dict[str, Value] = {"message_type": 0x13, "serial_number": 1, "battery_percent": 100}

    assert CODEC.decode(CODEC.encode({**values, "alarm": alarm}))["alarm"] == alarm


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (0x01, "0359000000000001"),
        (0x13, "4406040002"),
        (0x23, "c00122040001"),
        (0x12, _GPS + _CELL),
        (0x16, f"{_GPS}09{_CELL}0004040102"),
        (0x19, f"{_CELL}0004040102"),
    ],
)
def test_reply_repeats_type_and_serial(kind: int, content: str) -> None:
    reply = CODEC.reply(_frame(kind, content, 0x1234))

    assert reply == _frame(kind, "", 0x1234)
    assert CODEC.reply(reply) is None
    assert CODEC.encode(CODEC.decode(reply)) == reply


def test_answers_and_commands_get_no_reply() -> None:
    frame = _frame(0x15, "0900000000444f4e4521")

    assert CODEC.reply(frame) is None
    assert CODEC.reply(_frame(0x13, "4406040002"), Context(direction=Direction.DOWNLINK)) is None


def test_request_for_the_time_is_answered_with_it() -> None:
    frame = _frame(0x8A, "")

    assert CODEC.reply(frame) is None
    assert CODEC.reply(frame, Context(received_s=1_772_446_500)) == _frame(0x8A, _TIME)


def test_wrong_crc_is_refused_with_the_right_one() -> None:
    frame = bytearray(_frame(0x13, "4406040002"))
    frame[-3] ^= 1

    with pytest.raises(FrameError, match=f"should be {_crc(bytes(frame[2:-4])):04x}"):
        CODEC.decode(bytes(frame))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x78\x78\r\n",
        b"\x78\x78\x05\x13\x00\x07",
        _frame(0x13, "4406040002") + b"\x00",
        _frame(0x01, "03590000"),
        _frame(0x01, "03590000000000ab"),
        _frame(0x12, _GPS[:20]),
        _frame(0x16, _GPS),
        _frame(0x13, "44"),
        _frame(0x23, "c001"),
        _frame(0x10, f"{_TIME}cfffffffff0000000000ffff"),
    ],
)
def test_malformed_frames_are_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        CODEC.decode(frame)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("message_type", 256),
        ("serial_number", -1),
        ("latitude", 91),
        ("longitude", "x"),
        ("alarm", "vibration"),
        ("alarm", "temperature"),
        ("battery_percent", 12),
        ("charging", True),
        ("satellites", 16),
        ("cell", {"mcc": 1}),
        ("is_long", 1),
    ],
)
def test_value_that_cannot_be_written_is_named(name: str, value: Value) -> None:
    values = CODEC.decode(_frame(0x16, f"{_GPS}09{_CELL}0004040102"))

    with pytest.raises(FrameError, match=name):
        CODEC.encode({**values, name: value})


@given(
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    course=st.integers(0, 1023),
    speed=st.integers(0, 255),
)
def test_positions_survive_the_round_trip(
    latitude: float, longitude: float, course: int, speed: int
) -> None:
    values: dict[str, Value] = {
        "message_type": 0x12,
        "serial_number": 1,
        "time": "2026-03-02T10:15:00Z",
        "latitude": latitude,
        "longitude": longitude,
        "course_deg": course,
        "speed_kmh": speed,
        "fix_valid": True,
    }

    back = CODEC.decode(CODEC.encode(values))

    assert back["latitude"] == pytest.approx(latitude, abs=1e-6)
    assert back["longitude"] == pytest.approx(longitude, abs=1e-6)
    assert (back["course_deg"], back["speed_kmh"]) == (course, speed)


@given(content=st.binary(min_size=1, max_size=80), kind=st.integers(0, 255))
def test_any_content_that_reads_is_written_back(content: bytes, kind: int) -> None:
    frame = _frame(kind, content.hex())
    try:
        values = CODEC.decode(frame)
    except FrameError:
        return

    assert CODEC.encode(values) == frame

"""GPS watches: text in brackets, with alarms in a status word and voice as escaped bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import FrameError
from simulator.codec.watch3g import CODEC
from simulator.frame import Value

_POSITION = "020326,101500,A,33.900000,S,18.400000,E,4.5,90.0,12.0,9,80,55,100,2"


def _frame(content: str, maker: str = "3G", index: str = "") -> bytes:
    return f"[{maker}*8800000015*{index}{len(content):04X}*{content}]".encode()


def _alarm(status: str, behind: str = "") -> bytes:
    return _frame(f"AL,{_POSITION},{status}{behind}")


def test_keep_alive_tells_steps_and_battery() -> None:
    values = CODEC.decode(_frame("LK,50,3,87"))

    assert (values["steps"], values["turnovers"], values["battery_percent"]) == (50, 3, 87)


def test_position_is_read_from_all_columns() -> None:
    values = CODEC.decode(_frame(f"UD,{_POSITION},00000010"))

    assert values["time"] == "2026-03-02T10:15:00Z"
    assert (values["latitude"], values["longitude"]) == (-33.9, 18.4)
    assert (values["speed_kmh"], values["course_deg"], values["altitude_m"]) == (4.5, 90.0, 12.0)
    assert (values["satellites"], values["gsm_level"], values["battery_percent"]) == (9, 80, 55)
    assert values["motion"] is True
    assert "alarm" not in values


@pytest.mark.parametrize(
    ("status", "alarm"),
    [
        ("00010000", "sos"),
        ("00200000", "fall"),
        ("00400000", "fall"),
        ("00100000", "removed"),
        ("00004000", "power_cut"),
        ("0001", "low_battery"),
        ("00020000", "low_battery"),
        ("00040000", "geofence_exit"),
        ("00000004", "geofence_enter"),
        ("00010001", "sos"),
    ],
)
def test_status_word_says_the_most_urgent_alarm(status: str, alarm: str) -> None:
    assert CODEC.decode(_alarm(status))["alarm"] == alarm


def test_cells_and_access_points_are_read() -> None:
    values = CODEC.decode(
        _alarm("00010000", ",1,255,655,10,21,4097,130,1,home,aa:bb:cc:00:11:22,-61,25.5")
    )

    assert values["cells"] == [{"mcc": 655, "mnc": 10, "lac": 21, "cid": 4097, "rssi": 130}]
    assert values["access_points"] == [
        {"name": "home", "mac": "aa:bb:cc:00:11:22", "rssi_dbm": -61}
    ]
    assert values["accuracy_m"] == 25.5


@pytest.mark.parametrize("behind", [",0,1,,,,00", ",2,255,655", ",x", ",1,1,655,10,21,9,,00"])
def test_strange_radio_part_is_kept_and_written_back(behind: str) -> None:
    frame = _alarm("00010000", behind)

    assert CODEC.encode(CODEC.decode(frame)) == frame


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("heart,71", {"heart_rate_bpm": 71}),
        ("BLOOD,120,80", {"systolic": 120, "diastolic": 80}),
        ("bphrt,120,80,60,,,,", {"systolic": 120, "diastolic": 80, "heart_rate_bpm": 60}),
        ("oxygen,0,97", {"spo2_percent": 97}),
        ("btemp2,1,36.6", {"temperature_c": 36.6}),
        ("UPLOAD,600", {"interval_s": 600}),
        ("SOS,0821234567,0829876543", {"arguments": ["0821234567", "0829876543"]}),
        ("FIND", {"message_type": "FIND"}),
    ],
)
def test_health_and_commands_go_both_ways(content: str, expected: dict[str, Value]) -> None:
    frame = _frame(content)

    values = CODEC.decode(frame)

    assert values.items() >= expected.items()
    assert CODEC.encode(values) == frame


def test_spelling_of_a_device_is_kept_until_the_value_changes() -> None:
    values = CODEC.decode(_frame(f"UD,{_POSITION},00000000").replace(b",4.5,", b",4.500,"))

    assert b",4.500," in CODEC.encode(values)
    assert b",7.0," in CODEC.encode({**values, "speed_kmh": 7})


def test_wrong_length_is_told_and_written_back() -> None:
    frame = b"[3G*8800000015*0099*LK]"

    values = CODEC.decode(frame)

    assert (values["length_declared"], values["length_matches"]) == (0x99, False)
    assert CODEC.encode(values) == frame


def test_length_in_small_letters_is_kept_while_it_is_true() -> None:
    frame = b"[ZJ*8800000015*0001*000a*heart,0071]"

    values = CODEC.decode(frame)

    assert (values["message_index"], values["length_matches"]) == ("0001", True)
    assert CODEC.encode(values) == frame
    assert CODEC.encode({**values, "heart_rate_bpm": 70}).startswith(b"[ZJ*8800000015*0001*0008*")


@pytest.mark.parametrize(
    "content",
    [
        b"TK,#!AMR}\x01}\x02}\x03}\x04}\x05\xff",
        b"TK,unescaped},*",
        b"JXTK,0,watch,1,6,#!AMR\x0c",
        b"JXTK,0,watch",
        b"TK,1",
    ],
)
def test_media_are_bytes_inside_the_text(content: bytes) -> None:
    frame = b"[CS*1234567890*%04X*%b]" % (len(content), content)

    values = CODEC.decode(frame)

    assert CODEC.encode(values) == frame
    is_heard = content.startswith(b"JXTK")
    assert CODEC.reply(frame) == (b"[CS*1234567890*0007*JXTKR,1]" if is_heard else None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("device_id", "x"),
        ("manufacturer", "3GG"),
        ("message_index", "12"),
        ("message_type", "A B"),
        ("arguments", ["a,b"]),
        ("arguments", ["a]"]),
        ("arguments", ["\u2603"]),
        ("data_hex", "zz"),
        ("data_hex", "00" * 70000),
        ("length_text", "xyzw"),
    ],
)
def test_value_that_cannot_be_written_is_named(name: str, value: Value) -> None:
    values = CODEC.decode(_frame("FIND", index="0001*"))

    with pytest.raises(FrameError, match=rf"field '(message_type|{name})'"):
        CODEC.encode({**values, name: value})


def test_alarm_alone_makes_the_status_word() -> None:
    values: dict[str, Value] = {
        "manufacturer": "3G",
        "device_id": "8800000015",
        "message_type": "AL",
        "time": "2026-03-02T10:15:00Z",
        "fix_valid": True,
        "latitude": -33.9,
        "longitude": 18.4,
        "alarm": "sos",
    }

    assert CODEC.decode(CODEC.encode(values))["status_word"] == "00010000"


def test_alarm_against_its_status_word_is_refused() -> None:
    values = CODEC.decode(_alarm("00010000"))

    with pytest.raises(FrameError, match="'alarm'"):
        CODEC.encode({**values, "alarm": "fall"})


@given(st.binary(min_size=1, max_size=60))
def test_voice_goes_both_ways_whatever_its_bytes(data: bytes) -> None:
    frame = CODEC.encode(
        {
            "manufacturer": "CS",
            "device_id": "1234567890",
            "message_type": "TK",
            "data_hex": data.hex(),
        }
    )

    assert b"]" not in frame[:-1]
    assert CODEC.decode(frame)["data_hex"] == data.hex()


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        ("LK", "LK"),
        ("LK,1,2,3", "LK"),
        (f"AL,{_POSITION},00010000", "AL"),
        (f"AL_LTE,{_POSITION},00010000", "AL"),
        ("TKQ", "TKQ"),
        ("INIT", "INIT,1"),
    ],
)
def test_server_answers_what_a_watch_waits_for(content: str, answer: str) -> None:
    assert CODEC.reply(_frame(content)) == _frame(answer)
    assert CODEC.reply(_frame(content, "ZJ", "0007*")) == _frame(answer, "ZJ", "0007*")


@pytest.mark.parametrize("content", [f"UD,{_POSITION},0", "heart,70", "CR"])
def test_other_frames_get_no_answer(content: str) -> None:
    assert CODEC.reply(_frame(content)) is None


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"[3G*8800000015*0002*LK",
        b"[3G*abc*0002*LK]",
        b"[3G*8800000015*00*LK]",
        b"[3G*8800000015*0000*]",
        b"[3G*8800000015*0003*LK[]",
        _frame("heart,x"),
        _frame("UD,020326,10:15,A"),
        _frame("UD,020326,101500,Q,1.0,N,1.0,E"),
        _frame("UD,020326,101500,A,91.0,N,x,E"),
    ],
)
def test_malformed_frames_are_refused(frame: bytes) -> None:
    with pytest.raises(FrameError):
        CODEC.decode(frame)


def test_wrong_field_is_named() -> None:
    with pytest.raises(FrameError, match=r"field 2: heart_rate_bpm cannot be 'x'|heart_rate_bpm"):
        CODEC.decode(_frame("heart,x"))


@given(
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    speed=st.floats(0, 300),
    percent=st.integers(0, 100),
)
def test_positions_survive_the_round_trip(
    latitude: float, longitude: float, speed: float, percent: int
) -> None:
    values: dict[str, Value] = {
        "manufacturer": "3G",
        "device_id": "8800000015",
        "message_type": "UD",
        "time": "2026-03-02T10:15:00Z",
        "fix_valid": True,
        "latitude": latitude,
        "longitude": longitude,
        "speed_kmh": speed,
        "battery_percent": percent,
    }

    back = CODEC.decode(CODEC.encode(values))

    assert back["latitude"] == pytest.approx(latitude, abs=1e-6)
    assert back["longitude"] == pytest.approx(longitude, abs=1e-6)
    assert back["speed_kmh"] == pytest.approx(speed, abs=1e-6)
    assert back["battery_percent"] == percent

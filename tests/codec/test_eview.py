"""Eview frames assembled key by key after the maker's layout."""

from struct import pack

import pytest
from fastcrc.crc16 import xmodem
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, Framer, codec
from simulator.frame import Direction, Value

_CODEC = codec("eview")
_IMEI = b"862222081234567"
_TIME = 0x65000000  # 2023-09-12T06:06:56Z
_ISO = "2023-09-12T06:06:56Z"


def _frame(*keys: bytes, message_type: int = 1, flags: int = 0x10, sequence: int = 7) -> bytes:
    """Return a frame of keys, each of which starts with its number."""
    content = bytes((message_type,)) + b"".join(bytes((len(key),)) + key for key in keys)
    return pack("<BBHHH", 0xAB, flags, len(content), xmodem(content), sequence) + content


_WHO = b"\x01" + _IMEI
_HOW = b"\x24" + pack("<II", _TIME, 64 << 24 | 24 << 19 | 1 << 9)
_SOS = b"\x02" + pack("<II", 1 << 12, _TIME)
_GPS = b"\x20" + pack("<iiHHhHIB", -338_568_000, 183_000_000, 5, 90, -3, 9, 1234, 11)


def _decode(*keys: bytes, message_type: int = 1) -> dict[str, Value]:
    """Decode a frame of keys and prove that it encodes to the same bytes."""
    frame = _frame(*keys, message_type=message_type)
    values = _CODEC.decode(frame)
    assert _CODEC.encode(values) == frame
    return values


def _subset(values: dict[str, Value], *names: str) -> dict[str, Value]:
    return {name: values[name] for name in names}


def test_press_says_who_where_and_how() -> None:
    values = _decode(_WHO, _HOW, _SOS, _GPS)

    assert values == {
        "flags": 16,
        "sequence_id": 7,
        "ack_requested": True,
        "message_type": 1,
        "keys": [0x01, 0x24, 0x02, 0x20],
        "imei": _IMEI.decode(),
        "time": _ISO,
        "status_word": 64 << 24 | 24 << 19 | 1 << 9,
        "battery_percent": 64,
        "charging": False,
        "motion": True,
        "signal": 24,
        "alarm_bits": 4096,
        "alarm": "sos",
        "alarm_time": _ISO,
        "latitude": -33.8568,
        "longitude": 18.3,
        "fix_valid": True,
        "speed_kmh": 5,
        "course_deg": 90,
        "altitude_m": -3,
        "hdop": 0.9,
        "odometer_m": 1234,
        "satellites": 11,
    }


def test_words_are_composed_from_their_meaning() -> None:
    """A profile says battery and alarm; the raw words only win where they are given."""
    values: dict[str, Value] = {
        "sequence_id": 7,
        "keys": [0x01, 0x24, 0x02],
        "imei": _IMEI.decode(),
        "time": _ISO,
        "battery_percent": 64,
        "signal": 24,
        "motion": True,
        "alarm": "sos",
        "alarm_time": _ISO,
    }

    assert _CODEC.encode(values) == _frame(_WHO, _HOW, _SOS)
    assert _CODEC.encode({**values, "alarm_bits": 4}) == _frame(
        _WHO, _HOW, b"\x02" + pack("<II", 4, _TIME)
    )


def test_keys_follow_from_the_values_where_none_are_listed() -> None:
    values: dict[str, Value] = {"sequence_id": 7, "alarm": "fall", "imei": _IMEI.decode()}

    assert _CODEC.encode(values) == _frame(_WHO, b"\x02" + pack("<I", 4))


@pytest.mark.parametrize(
    ("bits", "alarm"),
    [
        (1 << 0, "low_battery"),
        (1 << 1, "overspeed"),
        (1 << 2, "fall"),
        (1 << 8, "power_off"),
        (1 << 9, "power_on"),
        (1 << 10, "movement"),
        (1 << 12, "sos"),
        (1 << 13, "side_button_1"),
        (1 << 14, "side_button_2"),
        (1 << 31, "bark"),
    ],
)
def test_alarm_bit_has_a_name(bits: int, alarm: str) -> None:
    values = _decode(b"\x02" + pack("<II", bits, _TIME))

    assert _subset(values, "alarm", "alarm_bits") == {"alarm": alarm, "alarm_bits": bits}
    assert _CODEC.encode({"sequence_id": 7, "alarm": alarm, "alarm_time": _ISO}) == _frame(
        b"\x02" + pack("<II", bits, _TIME)
    )


@pytest.mark.parametrize(
    ("bits", "alarm", "fence"),
    [(1 << 4, "geofence_exit", 1), (1 << 7 | 1 << 29, "geofence_enter", 4)],
)
def test_fence_tells_enter_from_exit(bits: int, alarm: str, fence: int) -> None:
    values = _decode(b"\x02" + pack("<I", bits))

    assert _subset(values, "alarm", "geofence") == {"alarm": alarm, "geofence": fence}
    said: dict[str, Value] = {"sequence_id": 7, "alarm": alarm, "geofence": fence}
    assert _CODEC.encode(said) == _frame(b"\x02" + pack("<I", bits))


def test_sos_is_not_hidden_behind_a_low_battery() -> None:
    values = _decode(b"\x02" + pack("<II", 1 << 12 | 1, _TIME))

    assert values["alarm"] == "sos"
    assert values["alarms"] == ["sos", "low_battery"]


def test_no_alarm_bit_is_no_alarm() -> None:
    assert "alarm" not in _decode(b"\x02" + pack("<II", 0, _TIME))


@pytest.mark.parametrize(
    ("key", "values"),
    [
        (b"\x14" + pack("<BH", 87, 3987), {"battery_percent": 87, "battery_mv": 3987}),
        (b"\x30" + pack("<II", _TIME, 5000), {"steps": 5000, "steps_time": _ISO}),
        (b"\x40" + pack("<IB", _TIME, 71), {"heart_rate_bpm": 71, "heart_rate_time": _ISO}),
        (b"\x41" + pack("<IB", _TIME, 97), {"spo2_percent": 97, "spo2_time": _ISO}),
        (
            b"\x37" + pack("<II", _TIME, 1 << 31 | 12),
            {"bark_count": 12, "bark_stopped": True, "bark_time": _ISO},
        ),
        (
            b"\x31" + pack("<IIII", _TIME, 1, _TIME, 2),
            {"activities": [{"time": _ISO, "value": 1}, {"time": _ISO, "value": 2}]},
        ),
        (
            b"\x21" + pack("<HBbHH", 655, 1, 25, 0x1234, 0x5678),
            {
                "cells": [
                    {
                        "key": 0x21,
                        "mcc": 655,
                        "mnc": 1,
                        "rssi": 25,
                        "lac": 0x1234,
                        "cid": 0x5678,
                    }
                ]
            },
        ),
        (
            b"\x2b" + pack("<HHbHI", 655, 10, -70, 7, 0x12345678),
            {
                "cells": [
                    {
                        "key": 0x2B,
                        "mcc": 655,
                        "mnc": 10,
                        "rssi": -70,
                        "lac": 7,
                        "cid": 0x12345678,
                    }
                ]
            },
        ),
        (
            b"\x22\xc4\x01\x02\x03\x04\x05\x06",
            {"wifi": [{"mac": "010203040506", "rssi_dbm": -60}]},
        ),
        (
            b"\x19\xc4\x01\x02\x03\x04\x05\x06\x04home",
            {"wifi": [{"mac": "010203040506", "rssi_dbm": -60, "name": "home"}]},
        ),
    ],
)
def test_key_of_one_kind(key: bytes, values: dict[str, Value]) -> None:
    assert _subset(_decode(key), *values) == values


@pytest.mark.parametrize("key", [0x21, 0x29])
def test_cell_ids_are_short_or_long(key: int) -> None:
    one = pack("<bHH" if key == 0x21 else "<bHI", 20, 1, 2)

    cells = _decode(bytes((key,)) + pack("<HB", 655, 1) + one * 3)["cells"]

    assert isinstance(cells, list)
    assert len(cells) == 3


def test_battery_report_is_more_exact_than_the_status() -> None:
    report = b"\x14" + pack("<BH", 63, 3900)

    assert _decode(_HOW, report)["battery_percent"] == 63
    assert _decode(report, _HOW)["battery_percent"] == 63


def test_status_may_carry_a_second_word() -> None:
    values = _decode(_HOW + pack("<I", 3))

    assert _subset(values, "battery_percent", "status_word_2") == {
        "battery_percent": 64,
        "status_word_2": 3,
    }


def test_stored_record_says_so() -> None:
    word = 64 << 24 | 1 << 7 | 1 << 4

    values = _decode(b"\x24" + pack("<II", _TIME, word))

    assert _subset(values, "stored", "charging") == {"stored": True, "charging": True}


def test_home_beacon_gives_its_place() -> None:
    mac = bytes((6, 5, 4, 3, 2, 1))

    values = _decode(b"\x23" + mac + pack("<ii", -338_000_000, 184_000_000) + b"Kitchen")

    assert _subset(values, "anchor_mac", "anchor_text", "latitude", "longitude") == {
        "anchor_mac": "010203040506",
        "anchor_text": "Kitchen",
        "latitude": -33.8,
        "longitude": 18.4,
    }
    said = _subset(values, "anchor_mac", "anchor_text", "latitude", "longitude", "sequence_id")
    assert _CODEC.encode(said) == _CODEC.encode(values)


_BEACON = bytes((6, 5, 4, 3, 2, 1)) + pack("<bb", -60, -59)
_PLACE = pack("<ii", 10_000_000, 20_000_000)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (b"\x28\x03" + _BEACON, {"index": 3}),
        (b"\x28\xc1" + _BEACON + _PLACE + b"Door", {"text": "Door", "latitude": 1.0}),
        (b"\x28\x40" + _BEACON + b"\xff\xfe", {"text_hex": "fffe"}),
        (b"\x28\x00" + _BEACON + b"\x01", {"rest_hex": "01"}),
        (b"\x2c\x00" + _BEACON + b"\x63", {"battery_percent": 99}),
        (
            b"\x2c\xc0" + _BEACON + b"\x63" + _PLACE + b"\x04Door" + pack("<h", -25),
            {"text": "Door", "longitude": 2.0, "temperature_c": -2.5},
        ),
    ],
)
def test_beacon_entry(key: bytes, said: dict[str, Value]) -> None:
    beacons = _decode(key)["beacons"]

    assert isinstance(beacons, list)
    (entry,) = beacons
    assert isinstance(entry, dict)
    expected = {"mac": "010203040506", "rssi_dbm": -60, "rssi_1m_dbm": -59, **said}
    assert {name: entry[name] for name in expected} == expected


def test_beacon_without_a_place_is_no_anchor() -> None:
    assert "anchor_mac" not in _decode(b"\x28\x00" + _BEACON)


def test_several_beacons_stay_in_one_record() -> None:
    values = _decode(
        _HOW,
        b"\x2c\x00" + _BEACON + b"\x63",
        b"\x28\x01" + _BEACON,
        b"\x2c\x02" + _BEACON + b"\x62",
    )

    assert "records" not in values
    assert values["keys"] == [0x24, 0x2C, 0x28, 0x2C]


def test_known_wifi_gives_its_place_and_text() -> None:
    values = _decode(b"\x2a\xc0\x01\x02\x03\x04\x05\x06\xc4" + _PLACE + b"Office")

    assert _subset(values, "latitude", "anchor_mac", "anchor_text") == {
        "latitude": 1.0,
        "anchor_mac": "010203040506",
        "anchor_text": "Office",
    }


def test_known_network_gives_its_place() -> None:
    assert _subset(_decode(b"\x27" + _PLACE + b"\x05"), "latitude", "longitude") == {
        "latitude": 1.0,
        "longitude": 2.0,
    }


def test_fix_of_the_receiver_goes_before_an_anchor() -> None:
    home = b"\x23" + _BEACON[:6] + _PLACE

    for keys in ((_GPS, home), (home, _GPS)):
        assert _decode(*keys)["latitude"] == -33.8568


def test_anchor_goes_before_a_receiver_without_a_fix() -> None:
    lost = b"\x20" + pack("<iiHHhHIB", 5, 6, 0, 0, 0, 0, 0, 0)
    home = b"\x23" + _BEACON[:6] + _PLACE

    for keys in ((lost, home), (home, lost)):
        assert _decode(*keys)["latitude"] == 1.0


def test_receiver_without_a_fix_says_so() -> None:
    values = _decode(b"\x20" + pack("<iiHHhHIB", 5, 6, 0, 0, 0, 0, 0, 0))

    assert values["fix_valid"] is False
    assert _CODEC.encode(values | {"hdop": None}) == _CODEC.encode(values)


def test_longer_values_of_newer_firmware_are_kept() -> None:
    values = _decode(_SOS + b"\x01\x02")

    assert values["alarm"] == "sos"
    assert values["surplus"] == [{"key": 2, "value_hex": "0102"}]


def test_unknown_keys_are_kept() -> None:
    values = _decode(_WHO, b"\x99\x01", b"\x9a")

    assert values["other_keys"] == [
        {"key": 0x99, "value_hex": "01"},
        {"key": 0x9A, "value_hex": ""},
    ]


def test_repeated_key_starts_the_next_record() -> None:
    """A history says who once, and beside its records what the last one says."""
    older = b"\x24" + pack("<II", _TIME - 60, 70 << 24)

    values = _decode(_WHO, older, _SOS, _HOW, _GPS)

    records = values["records"]
    assert isinstance(records, list)
    assert [r["keys"] for r in records if isinstance(r, dict)] == [[1, 0x24, 2], [0x24, 0x20]]
    assert _subset(values, "imei", "time", "alarm", "latitude") == {
        "imei": _IMEI.decode(),
        "time": _ISO,
        "alarm": "sos",
        "latitude": -33.8568,
    }


def test_configuration_carries_intervals() -> None:
    values = _decode(
        b"\x03" + _IMEI, b"\x44" + pack("<III", 1 << 31 | 270, 5, 3600), message_type=2
    )

    assert _subset(values, "imei", "heartbeat_interval_s", "heartbeat_enabled") == {
        "imei": _IMEI.decode(),
        "heartbeat_interval_s": 270,
        "heartbeat_enabled": True,
    }
    assert _subset(values, "upload_interval_s", "lazy_interval_s") == {
        "upload_interval_s": 5,
        "lazy_interval_s": 3600,
    }


def test_services_ask_and_answer() -> None:
    asked = _decode(_WHO, b"\x12", b"\x11", message_type=3)
    answered = _decode(b"\x12" + pack("<I", _TIME), b"\x11" + _PLACE + b"Home", message_type=3)

    assert _subset(asked, "time_requested", "position_requested") == {
        "time_requested": True,
        "position_requested": True,
    }
    assert _subset(answered, "time", "latitude", "address") == {
        "time": _ISO,
        "latitude": 1.0,
        "address": "Home",
    }


def test_response_is_its_result() -> None:
    assert _decode(b"\x02", message_type=0x7F)["result"] == 2
    assert _CODEC.encode({"sequence_id": 7, "message_type": 0x7F, "result": 0}) == _frame(
        b"\x00", message_type=0x7F
    )


def test_system_message_passes_through() -> None:
    assert _decode(b"\x1f\x00test", message_type=4)["other_keys"] == [
        {"key": 0x1F, "value_hex": "0074657374"}
    ]


def test_wanted_acknowledgement_repeats_the_sequence() -> None:
    answer = _CODEC.reply(_frame(_WHO, _SOS, sequence=0x1234))

    assert answer == _frame(b"\x00", message_type=0x7F, flags=0, sequence=0x1234)


def test_time_service_is_answered_with_the_time_of_reception() -> None:
    asked = _frame(_WHO, b"\x12", message_type=3)

    answer = _CODEC.reply(asked, Context(received_s=_TIME + 0.9))

    assert answer == _frame(b"\x12" + pack("<I", _TIME), message_type=3, flags=0)
    assert _CODEC.reply(asked) == _frame(b"\x00", message_type=0x7F, flags=0)


@pytest.mark.parametrize(
    ("frame", "context"),
    [
        (_frame(_WHO, flags=0), Context()),
        (_frame(b"\x00", message_type=0x7F), Context()),
        (_frame(_WHO)[:-1], Context()),
        (_frame(_WHO), Context(direction=Direction.DOWNLINK)),
    ],
)
def test_what_asks_for_nothing_gets_no_answer(frame: bytes, context: Context) -> None:
    assert _CODEC.reply(frame, context) is None


def test_downlink_wants_no_acknowledgement_by_itself() -> None:
    values: dict[str, Value] = {"sequence_id": 7, "message_type": 3, "time": _ISO}

    frame = _CODEC.encode(values, Context(direction=Direction.DOWNLINK))

    assert frame == _frame(b"\x12" + pack("<I", _TIME), message_type=3, flags=0)


def _with(frame: bytes, at: int, value: int) -> bytes:
    return frame[:at] + bytes((value,)) + frame[at + 1 :]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "at least 9 bytes"),
        (_frame(_WHO)[:8], "at least 9 bytes"),
        (_with(_frame(_WHO), 0, 0xAC), "byte 0: ab expected, not ac"),
        (_with(_frame(_WHO), 2, 99), "byte 2: the content has 99 bytes"),
        (_with(_frame(_WHO), 4, 0), "byte 4: checksum"),
        (_with(_frame(_WHO), 20, 0), "byte 4: checksum"),
        (_frame(_WHO, message_type=9), "byte 8: there is no message type 0x09"),
        (_frame(b"\x01123"), "byte 9: key 0x01: an IMEI has 15 digits"),
        (_frame(_WHO, b"\x20\x00"), "byte 26: key 0x20: 21 bytes expected, 1 there"),
        (_frame(_HOW + b"\x00"), "8 or 12 bytes expected, 9 there"),
        (_frame(b""), "byte 9: a key of 0 bytes"),
        (_frame(b"\x31\x01"), "pairs of 8 bytes"),
        (_frame(b"\x22\x01\x02"), "6 bytes expected"),
        (_frame(b"\x12\x01", message_type=3), "4 bytes expected"),
        (_frame(b"\x00\x01", message_type=0x7F), "a result has no value"),
    ],
)
def test_frame_of_another_form_is_refused(frame: bytes, reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        _CODEC.decode(frame)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"sequence_id": None}, "sequence_id"),
        ({"sequence_id": 65536}, "sequence_id"),
        ({"sequence_id": 1.5}, "sequence_id"),
        ({"flags": 256}, "flags"),
        ({"message_type": 5}, "message_type"),
        ({"imei": "123"}, "imei"),
        ({"imei": 123}, "imei"),
        ({"keys": "all"}, "keys"),
        ({"keys": [256]}, "keys"),
        ({"keys": [1], "alarm": "sos"}, "alarm"),
        ({"keys": [0x99]}, "other_keys"),
        ({"keys": [0x24], "time": _ISO}, "battery_percent"),
        ({"keys": [0x02], "alarm": "boredom"}, "alarm"),
        ({"alarm": "geofence_exit"}, "geofence"),
        ({"time": "today", "battery_percent": 1}, "time"),
        ({"time": _ISO, "battery_percent": 101}, "battery_percent"),
        ({"satellites": 1, "latitude": 91, "longitude": 0}, "speed_kmh"),
        ({"wifi": [{"mac": "0102", "rssi_dbm": -3}]}, r"wifi\[0\].mac"),
        ({"wifi": [{"mac": "010203040506", "rssi_dbm": -300}]}, r"wifi\[0\].rssi_dbm"),
        ({"beacons": [{"mac": "010203040506"}]}, r"beacons\[0\].rssi_dbm"),
        ({"keys": [40, 40], "beacons": []}, "beacons"),
        ({"cells": [{"mcc": 1}]}, r"cells\[0\].mnc"),
        ({"other_keys": [{"key": 0x99, "value_hex": "00" * 255}]}, "keys"),
        ({"records": [3]}, r"records\[0\]"),
    ],
)
def test_value_that_does_not_fit_is_named(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=f"field '{field}'"):
        _CODEC.encode({"sequence_id": 1, **values})


def test_latitude_beyond_the_pole_is_refused() -> None:
    values = _CODEC.decode(_frame(_GPS))

    with pytest.raises(FrameError, match="field 'latitude' does not fit"):
        _CODEC.encode({**values, "latitude": 90.1})


def test_history_that_no_frame_can_hold_is_refused() -> None:
    record: dict[str, Value] = {"other_keys": [{"key": 0x99, "value_hex": "00" * 250}]}

    with pytest.raises(FrameError, match="room for 65535"):
        _CODEC.encode({"sequence_id": 1, "records": [record] * 300})


def _fed(data: bytes, size: int) -> tuple[list[bytes], int]:
    framer: Framer | None = _CODEC.framer()
    assert framer is not None
    found = [f for at in range(0, len(data), size) for f in framer.feed(data[at : at + size])]
    return found, framer.discarded


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_stream_is_cut_whatever_the_portions(size: int) -> None:
    """Garbage, a broken checksum and a length that leads astray cost no frame behind them."""
    one, two = _frame(_WHO, _SOS), _frame(_GPS)
    broken = _with(one, 12, 0x00)
    stream = b"noise\xab" + one + broken + b"\xab\x10\xff\x0f" + two + one

    # The false length asks for 4095 bytes, so that what follows decides only once they are there.
    found, discarded = _fed(stream + bytes(5000), size)

    assert found == [one, two, one]
    assert discarded == len(stream) - 2 * len(one) - len(two) + 5000


def test_frames_come_as_soon_as_they_are_whole() -> None:
    frame = _frame(_WHO)

    assert _fed(frame, 1) == ([frame], 0)
    assert _fed(frame[:-1], 1) == ([], 0)


@settings(max_examples=200, deadline=None)
@given(
    keys=st.lists(
        st.tuples(
            st.sampled_from([1, 2, 0x14, 0x19, 0x20, 0x21, 0x22, 0x23, 0x24, 0x27, 0x28, 0x29])
            | st.sampled_from([0x2A, 0x2B, 0x2C, 0x30, 0x31, 0x37, 0x40, 0x41, 0x11, 0x12])
            | st.integers(0, 255),
            st.binary(max_size=40),
        ),
        max_size=5,
    ),
    message_type=st.sampled_from([1, 2, 3, 4, 0x7F]),
)
def test_any_content_is_values_or_refused(keys: list[tuple[int, bytes]], message_type: int) -> None:
    """The checksum keeps plain fuzzing out of the content, so here it is right."""
    frame = _frame(*(bytes((key,)) + data for key, data in keys), message_type=message_type)

    try:
        values = _CODEC.decode(frame)
        again = _CODEC.encode(values)
    except FrameError:
        return

    assert again == frame

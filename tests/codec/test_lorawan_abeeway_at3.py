"""AT3 frames, byte by byte after the maker's tables."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.frame import Direction, Value

_CODEC = codec("lorawan_abeeway_at3")
_DOWN = Context(direction=Direction.DOWNLINK, port=3)
_NOTE, _PLACE = "0a501234", "12501234"
_VECTOR = "ff38000003e8"
_HEARD = "010203040506c0"
_POINT = "f080b70010b07600"
_PAGE_0 = "010602010203040102030001000228fb0a0e74" + "0001" * 7 + "aabbccdd"

_BODIES = {
    "status": _NOTE + "001580" + _PAGE_0,
    "other status page": _NOTE + "0015810102",
    "low battery": _NOTE + "0100640c80",
    "ble": _NOTE + "0201",
    "tamper": _NOTE + "0301",
    "short heartbeat": _NOTE + "04f638",
    "heartbeat": _NOTE + "04f638aabbccdd",
    "shutdown": _NOTE + "0502",
    "buffering": _NOTE + "06006600000067000000",
    "update": _NOTE + "0771",
    "sos on": _NOTE + "10",
    "sos off": _NOTE + "11",
    "hot": _NOTE + "2041",
    "normal": _NOTE + "22",
    "motion start": _NOTE + "30",
    "motion end": _NOTE + "31" + _VECTOR + "2f",
    "shock": _NOTE + "32" + _VECTOR + "0502",
    "later shock": _NOTE + "32" + _VECTOR + "0000000502",
    "network": _NOTE + "40010100",
    "cellular network": _NOTE + "41020102001000000e10",
    "zone": _NOTE + "52",
    "measurements": _NOTE + "600100648241a40000030032",
    "gnss": _PLACE + "8a030010" + _POINT + "ffe1079000101164",
    "gnss failure": _PLACE + "2a0000012205231867",
    "wifi": _PLACE + "83000002" + _HEARD * 2,
    "ble by address": _PLACE + "84090004" + _HEARD,
    "ble by short id": _PLACE + "850900040102c0",
    "ble by long id": _PLACE + "86090004" + "00" * 16 + "c0",
    "lr11xx": _PLACE + "81000304aabbcc",
    "aided": _PLACE + "eb000000",
    "unknown trigger": _PLACE + "83008001",
    "query": "1a501234020105",
    "response": "22501234050000aabbccdd",
    "one of several": "a2501234700106bd4726",
    "telemetry": "2a5012348001",
    "stored": "0ad06700000010",
    "no clock": "0a7fffff10",
}
_FRAMES = {name: bytes.fromhex(frame) for name, frame in _BODIES.items()}


def _decoded(name: str) -> dict[str, Value]:
    return _CODEC.decode(_FRAMES[name])


@pytest.mark.parametrize("name", _FRAMES)
def test_every_message_goes_both_ways(name: str) -> None:
    assert _CODEC.encode(_decoded(name)) == _FRAMES[name]


def test_sos_starts_and_ends_with_a_notification() -> None:
    assert (_decoded("sos on")["alarm"], _decoded("sos off")["alarm"]) == ("sos", "sos_clear")


def test_every_uplink_of_an_sos_has_its_bit() -> None:
    frame = bytes((_FRAMES["gnss"][0] | 0x40,)) + _FRAMES["gnss"][1:]

    assert _CODEC.decode(frame)["sos"] is True


def test_fix_tells_position_and_quality() -> None:
    values = _decoded("gnss")

    assert (values["latitude"], values["longitude"], values["altitude_m"]) == (-26.0, 28.0, -31)
    assert (values["fix"], values["satellites"], values["triggers"]) == (
        "fix_3d",
        4,
        ["geoTriggerInMotion"],
    )


def test_satellites_of_a_failure_are_counted() -> None:
    values = _decoded("gnss failure")

    assert (values["status"], values["timeout_cause"]) == ("timeout", "t1_timeout")
    assert values["satellites_seen"] == [
        {"sv": 5, "constellation": "gps", "cn_db": 35},
        {"sv": 24, "constellation": "glonass", "cn_db": 39},
    ]


def test_measurements_keep_their_precision() -> None:
    assert _decoded("measurements")["measurements"] == [
        {"quantity": "resistance_ohm", "value": 100},
        {"quantity": "temperature_c", "value": 20.5},
        {"quantity": "humidity_percent", "value": 50},
    ]


def test_time_is_known_only_with_its_reception() -> None:
    assert "time" not in _decoded("sos on")
    assert _decoded("stored")["time"] == "2024-10-04T14:47:28Z"


@pytest.mark.parametrize(
    ("received", "second", "time"),
    [
        ("2026-06-01T10:00:00", 35940, "2026-06-01T09:59:00Z"),
        ("2026-06-01T10:00:00", 39600, "2026-06-01T11:00:00Z"),
        ("2026-06-01T10:00:00", 39601, "2026-05-31T23:00:01Z"),
        ("2026-06-01T12:00:30", 43190, "2026-06-01T11:59:50Z"),
        ("2026-06-01T23:59:59", 0, "2026-06-01T12:00:00Z"),
    ],
)
def test_half_day_is_the_one_before_the_reception(received: str, second: int, time: str) -> None:
    """Up to an hour ahead of the reception is a fast clock, more is the half day before."""
    context = Context(received_s=datetime.fromisoformat(received).replace(tzinfo=UTC).timestamp())

    values = _CODEC.decode(bytes.fromhex("0a50") + second.to_bytes(2, "big") + b"\x10", context)

    assert values["time"] == time


def test_time_alone_makes_the_second_of_the_half_day() -> None:
    values: dict[str, Value] = {
        "notification": "sos_on",
        "time": "2026-06-01T13:00:05Z",
        "battery_percent": 50,
    }

    assert _CODEC.encode(values) == bytes.fromhex("08320e1510")


@pytest.mark.parametrize(
    ("frame", "command"),
    [
        ("0c00", "clear_and_reset"),
        ("0c02", "start_sos"),
        ("0c03", "stop_sos"),
        ("0c05", "position_on_demand"),
        ("0c060102", "set_gps_almanac"),
        ("0c0a0100", "system_event"),
        ("0c0c67000000003c05", "get_data_buffering_entries"),
        ("140206050608", "generic_configuration_get"),
        ("14050000", "crc_configuration_request"),
        ("140601", "sensor_request"),
    ],
)
def test_every_command_goes_both_ways(frame: str, command: str) -> None:
    values = _CODEC.decode(bytes.fromhex(frame), _DOWN)

    assert (values["command"], values["ack_token"]) == (command, 4)
    assert _CODEC.encode(values, _DOWN) == bytes.fromhex(frame)


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        ("", "ends at byte 0"),
        ("0a50", "within its time"),
        ("0a501234", "notification"),
        ("0a5012340f", "notification 0f"),
        ("0a501234600400", "quantity 4"),
        ("0a50123460827fc00000", "finite"),
        ("0a501234608241", "must follow"),
        ("125012342a00000122", "fewer"),
        ("3a501234", "message type 7"),
        ("125012349f000000", "position_type"),
    ],
)
def test_what_is_no_message_is_refused(frame: str, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(bytes.fromhex(frame))


@pytest.mark.parametrize("frame", ["", "0c", "0c63", "0c0300", "2402"])
def test_what_is_no_command_is_refused(frame: str) -> None:
    with pytest.raises(FrameError, match="lorawan_abeeway_at3"):
        _CODEC.decode(bytes.fromhex(frame), _DOWN)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "type_code"),
        ({"notification": "party"}, "notification"),
        ({"position_type": "gnss", "latitude": 1, "status": "lost"}, "status"),
        ({"notification": "telemetry", "measurements": [{"quantity": "x"}]}, "quantity"),
        ({"position_type": "wifi", "triggers": ["birthday"]}, "triggers"),
        ({"command": "dance"}, "command"),
    ],
)
def test_values_that_cannot_be_said_name_the_field(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=field):
        _CODEC.encode(values)


@given(head=st.integers(0, 255), rest=st.binary(min_size=3, max_size=40))
def test_what_is_read_is_written_back(head: int, rest: bytes) -> None:
    """Whatever bytes are a message, none of them is lost."""
    frame = bytes((head,)) + rest
    try:
        values = _CODEC.decode(frame)
    except FrameError:
        return

    assert _CODEC.encode(values) == frame

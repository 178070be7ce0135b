"""BTHome frames by hand after https://bthome.io/format, and against an independent decoder."""

from typing import Any

import pytest
from bleak.backends.device import BLEDevice
from bthome_ble import BTHomeBluetoothDeviceData
from bthome_ble.const import MEAS_TYPES
from habluetooth import BluetoothServiceInfoBleak
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import Context, FrameError, codec
from simulator.codec._bthome_objects import BUTTON_EVENTS, BY_ID, BTHomeObject, Form
from simulator.codec._bthome_replay import RepeatFilter
from simulator.frame import Value

_CODEC = codec("ble_bthome_v2")
_ADDRESS = "A4:C1:38:11:22:33"
_KEY = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
_SEALED = Context(address=_ADDRESS, key=_KEY)
_HEAD: dict[str, Value] = {"encrypted": False, "sleepy": False}
_NUMBERS = [each for each in BY_ID.values() if each.form is Form.NUMBER]


@pytest.mark.parametrize(
    ("frame", "values"),
    [
        ("400007", {"packet_id": 7}),
        ("40015d", {"battery_percent": 93}),
        ("4002f6ff", {"temperature_c": -0.1}),
        ("4004138a01", {"pressure_hpa": 1008.83}),
        ("400c020c", {"voltage_v": 3.074}),
        ("401501", {"low_battery": True}),
        ("402100", {"motion": False}),
        ("403a80", {"buttons": ["hold"]}),
        ("403a003a04", {"buttons": ["none", "long"]}),
        ("403b0002", {"command": "toggle"}),
        ("403b02031401", {"command": "step_up", "command_args_hex": "1401"}),
        ("403c0205", {"dimmer": "rotate_right", "dimmer_steps": 5}),
        ("403ff6ff", {"rotation_deg": -1.0}),
        ("40505d396164", {"timestamp": "2023-05-14T19:41:17Z"}),
        ("40530568656c6c6f", {"text": "hello"}),
        ("405300", {"text": ""}),
        ("40540201ff", {"raw_hex": "01ff"}),
        ("4062c0ffffff", {"speed_m_s": -0.000064}),
        ("40f00100", {"device_type_id": 1}),
        ("40f100010204", {"firmware_version": "4.2.1.0"}),
    ],
)
def test_object_goes_both_ways(frame: str, values: dict[str, Value]) -> None:
    assert _CODEC.decode(bytes.fromhex(frame)) == {**_HEAD, **values, **_kept(frame)}
    assert _CODEC.encode(values | _kept(frame)) == bytes.fromhex(frame)


def _kept(frame: str) -> dict[str, Value]:
    """Return the ids that are told because they are not the usual ones of their name."""
    return {"objects": [0x62]} if frame.startswith("4062") else {}


@pytest.mark.parametrize("entry", _NUMBERS, ids=lambda entry: f"{entry.id:02x}")
def test_every_number_goes_both_ways_at_its_bounds(entry: BTHomeObject) -> None:
    for steps in (*entry.bounds, 1):
        data = steps.to_bytes(entry.size, "little", signed=entry.signed)
        frame = bytes((0x40, entry.id)) + data

        assert _CODEC.encode(_CODEC.decode(frame)) == frame


@pytest.mark.parametrize(
    ("values", "frame"),
    [
        ({"count": 300}, "403d2c01"),
        ({"count": 70000}, "403e70110100"),
        ({"count": -1}, "4059ff"),
        ({"temperature_c": 400}, "4045a00f"),
        ({"volume_l": 1.234}, "404ed2040000"),
        ({"power_w": -2.5}, "405c06ffffff"),
        ({"firmware_version": "6.1.0"}, "40f2000106"),
    ],
)
def test_value_finds_the_object_that_holds_it(values: dict[str, Value], frame: str) -> None:
    assert _CODEC.encode(values).hex() == frame


def test_objects_are_sent_by_ascending_id() -> None:
    """The format demands it; the order of the values does not matter."""
    values: dict[str, Value] = {"buttons": ["long"], "battery_percent": 90, "packet_id": 1}

    assert _CODEC.encode({**values, "sleepy": True}) == bytes.fromhex("440001015a3a04")


def test_names_that_repeat_are_counted() -> None:
    frame = bytes.fromhex("40020a00021400")

    values = _CODEC.decode(frame)

    assert (values["temperature_c"], values["temperature_c_2"]) == (0.1, 0.2)
    assert _CODEC.encode(values) == frame


@pytest.mark.parametrize("frame", ["403a0101 5a", "4045160102ca09", "402e34"])
def test_unusual_ids_and_orders_are_kept(frame: str) -> None:
    data = bytes.fromhex(frame)

    values = _CODEC.decode(data)

    assert "objects" in values
    assert _CODEC.encode(values) == data


def test_unknown_object_ends_the_parsing() -> None:
    values = _CODEC.decode(bytes.fromhex("40015aee0102"))

    assert (values["battery_percent"], values["unparsed_hex"]) == (90, "ee0102")
    assert _CODEC.encode(values) == bytes.fromhex("40015aee0102")


def test_event_without_a_word_keeps_its_code() -> None:
    values = _CODEC.decode(bytes.fromhex("403a77"))

    assert values["buttons"] == ["0x77"]
    assert _CODEC.encode(values) == bytes.fromhex("403a77")


def test_address_in_the_frame_is_little_endian() -> None:
    frame = bytes.fromhex("42332211 38c1a4 2101".replace(" ", ""))

    values = _CODEC.decode(frame)

    assert values["mac"] == _ADDRESS
    assert _CODEC.encode(values) == frame


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("", "2 to 1650 bytes"),
        ("40", "2 to 1650 bytes"),
        ("200001", "version 1 is not 2"),
        ("4002ca", "object 02 at byte 0: 2 bytes expected, 1 left"),
        ("40015a0c", "object 0c at byte 2"),
        ("405305ff", "object 53 at byte 0"),
        ("4053", "object 53"),
        ("405301ff", "not UTF-8"),
        ("402102", "a flag is 0 or 1"),
        ("42010203", "address and objects expected"),
        ("4101020304050607", "too few"),
    ],
)
def test_frame_of_another_form_is_refused(frame: str, reason: str) -> None:
    with pytest.raises(FrameError, match=reason):
        _CODEC.decode(bytes.fromhex(frame), _SEALED)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"packet_id": 256}, "packet_id"),
        ({"battery_percent": 101}, "battery_percent"),
        ({"temperature_c": 1e9}, "temperature_c"),
        ({"temperature_c": "warm"}, "temperature_c"),
        ({"motion": 1}, "motion"),
        ({"buttons": "long"}, "buttons"),
        ({"buttons": ["long", "hard"]}, "buttons_2"),
        ({"dimmer": "rotate_left"}, "dimmer_steps"),
        ({"command": "on", "command_args_hex": "00" * 32}, "command_args_hex"),
        ({"text": "x" * 256}, "text"),
        ({"raw_hex": "0"}, "raw_hex"),
        ({"timestamp": "2023-05-14"}, "timestamp"),
        ({"firmware_version": "1.2.3.256"}, "firmware_version"),
        ({"objects": [0x99], "count": 1}, "objects"),
        ({"objects": [], "count": 1}, "count"),
        ({"mac": "0102", "count": 1}, "mac"),
        ({"encrypted": "yes", "count": 1}, "encrypted"),
        ({"reserved_bits": 1, "count": 1}, "reserved_bits"),
    ],
)
def test_value_that_does_not_fit_is_named(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=f"field '{field}'"):
        _CODEC.encode(values)


def test_nothing_to_say_is_no_frame() -> None:
    with pytest.raises(FrameError, match="none of the values"):
        _CODEC.encode({"sleepy": True})


def test_encrypted_frame_needs_key_and_address() -> None:
    values: dict[str, Value] = {"count": 1, "encrypted": True, "encryption_counter": 5}
    frame = _CODEC.encode(values, _SEALED)

    for context in (Context(), Context(key=_KEY), Context(address=_ADDRESS)):
        with pytest.raises(FrameError, match="needs"):
            _CODEC.decode(frame, context)
        with pytest.raises(FrameError, match="needs"):
            _CODEC.encode(values, context)
    with pytest.raises(FrameError, match="16 bytes"):
        _CODEC.decode(frame, Context(address=_ADDRESS, key=b"short"))
    with pytest.raises(FrameError, match="encryption_counter"):
        _CODEC.encode({"count": 1}, _SEALED)


def test_key_asks_for_encryption_unless_told_otherwise() -> None:
    values: dict[str, Value] = {"count": 1, "encryption_counter": 5}

    assert _CODEC.encode(values, _SEALED)[0] == 0x41
    assert _CODEC.encode({**values, "encrypted": False}, _SEALED) == bytes.fromhex("400901")


@pytest.mark.parametrize("at", [0, 1, -8, -1])
def test_changed_encrypted_frame_is_refused(at: int) -> None:
    frame = bytearray(_CODEC.encode({"count": 1, "encryption_counter": 5}, _SEALED))
    frame[at] ^= 0x08

    with pytest.raises(FrameError, match="integrity check"):
        _CODEC.decode(bytes(frame), _SEALED)


def _independent(frame: bytes, key: bytes | None = None) -> dict[str, Any]:
    """Return what the `bthome-ble` package reads from a frame, by its own keys."""
    device = BTHomeBluetoothDeviceData(bindkey=key)
    found = device.update(
        BluetoothServiceInfoBleak(
            name="button",
            address=_ADDRESS,
            rssi=-60,
            manufacturer_data={},
            service_data={"0000fcd2-0000-1000-8000-00805f9b34fb": frame},
            service_uuids=[],
            source="",
            device=BLEDevice(_ADDRESS, "button", None),
            advertisement=None,
            connectable=False,
            time=0.0,
            tx_power=None,
        )
    )
    values = {key.key: value.native_value for key, value in found.entity_values.items()}
    values |= {key.key: value.native_value for key, value in found.binary_entity_values.items()}
    values |= {key.key: event.event_type for key, event in found.events.items()}
    values.pop("signal_strength", None)
    return values


@pytest.mark.parametrize("entry", _NUMBERS[:-1], ids=lambda entry: f"{entry.id:02x}")
@given(data=st.data())
def test_numbers_are_read_by_another_decoder(entry: BTHomeObject, data: st.DataObject) -> None:
    steps = data.draw(st.integers(*entry.bounds))
    value = round(steps * entry.factor, entry.places) if entry.places else steps

    frame = _CODEC.encode({entry.name: value, "objects": [entry.id]})

    rounded = 0.05 if entry.id == 0x58 else 1e-9  # the other decoder shows tenths of its 0.35 K
    assert list(_independent(frame).values()) == [pytest.approx(value, abs=rounded + 1e-9)]


def test_table_of_objects_is_that_of_another_decoder() -> None:
    """Ids, lengths, signs and factors agree; flags are a byte there too."""
    assert set(BY_ID) == set(MEAS_TYPES)
    for entry in _NUMBERS:
        other = MEAS_TYPES[entry.id]
        is_signed = other.data_format == "signed_integer"
        assert (other.data_length, other.factor, is_signed) == (
            entry.size,
            entry.factor,
            entry.signed,
        )


@pytest.mark.parametrize(("code", "word"), list(BUTTON_EVENTS.items())[1:])
def test_button_events_are_read_by_another_decoder(code: int, word: str) -> None:
    frame = _CODEC.encode({"buttons": [word], "sleepy": True})

    assert frame[-1] == code
    gesture = {"short": "press"}.get(word, f"{word}_press")
    assert _independent(frame) == {"button": gesture if word != "hold_release" else word}


@given(
    counter=st.integers(0, 0xFFFFFFFF),
    battery=st.integers(0, 100),
    packet=st.integers(0, 255),
    has_mac=st.booleans(),
)
def test_encryption_is_undone_by_another_decoder(
    counter: int, battery: int, packet: int, has_mac: bool
) -> None:
    values: dict[str, Value] = {"packet_id": packet, "battery_percent": battery}
    said = values | {"encryption_counter": counter, "mac": _ADDRESS if has_mac else None}

    frame = _CODEC.encode(said, _SEALED)

    assert _independent(frame, _KEY) == {"packet_id": packet, "battery": battery}
    decoded = _CODEC.decode(frame, _SEALED)
    assert decoded["encryption_counter"] == counter
    assert _CODEC.encode(decoded, _SEALED) == frame


def test_same_and_older_packets_are_repeats_for_four_seconds() -> None:
    seen = RepeatFilter()

    accepted = [seen.accepts_packet(n, at) for n, at in ((9, 0), (9, 1), (8, 2), (10, 3), (10, 8))]

    assert accepted == [True, False, False, True, True]


def test_packet_id_wraps() -> None:
    seen = RepeatFilter()

    assert [seen.accepts_packet(n, 0.0) for n in (253, 47, 253)] == [True, True, False]


def test_lower_counter_is_a_replay_unless_it_restarts() -> None:
    seen = RepeatFilter()

    accepted = [seen.accepts_counter(n) for n in (500, 500, 499, 501, 0, 1)]

    assert accepted == [True, False, False, True, True, True]


def test_frame_longer_than_any_advertisement_is_refused() -> None:
    """The cipher itself takes 65535 bytes at most, and says so in words of its own."""
    frame = b"\x41" + bytes(70_000)

    with pytest.raises(FrameError, match="2 to 1650 bytes"):
        _CODEC.decode(frame, _SEALED)
    with pytest.raises(FrameError, match="more than an advertisement holds"):
        _CODEC.encode({"plaintext_hex": "00" * 70_000, "encryption_counter": 1}, _SEALED)

"""Advertisements as bumble hears them, any bytes at all."""

from bumble.device import Advertisement
from bumble.hci import Address
from hypothesis import given
from hypothesis import strategies as st

from simulator.bench.links.heard import property_words, said_in
from simulator.bench.links.radio import full_uuid


def heard(data: bytes) -> Advertisement:
    """Return an advertisement with these bytes."""
    return Advertisement(address=Address("F0:00:00:00:00:01"), rssi=-50, data_bytes=data)


def test_all_parts_are_read() -> None:
    data = bytes.fromhex("020106 0303e0ff 0616d2fc403a01 04ff590041") + b"\x05\x09AURA"

    said = said_in(heard(data))

    assert said.local_name == "AURA"
    assert said.service_uuids == [full_uuid("ffe0")]
    assert said.service_data == {full_uuid("fcd2"): bytes.fromhex("403a01")}
    assert said.manufacturer_data == {0x59: b"A"}
    assert said.rssi == -50


@given(st.binary(max_size=62))
def test_any_bytes_are_read(data: bytes) -> None:
    said_in(heard(data))


@given(st.integers(0, 255), st.binary(max_size=20))
def test_any_part_is_read(kind: int, content: bytes) -> None:
    said_in(heard(bytes([len(content) + 1, kind]) + content))


def test_properties_have_the_words_of_bluez() -> None:
    assert property_words(0b00010110) == ["read", "write-without-response", "notify"]

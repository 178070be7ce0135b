"""NMEA sentences, field by field after the standard."""

from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.codec import FrameError, Framer, codec
from simulator.frame import Value

_CODEC = codec("serial_nmea0183")


def _sentence(line: str) -> bytes:
    return f"${line}*{reduce(xor, line.encode()):02X}".encode()


def _decoded(line: str) -> dict[str, Value]:
    return _CODEC.decode(_sentence(line))


def _framer() -> Framer:
    framer = _CODEC.framer()
    assert framer is not None
    return framer


_LINES = {
    "RMC": "GPRMC,101530.00,A,2608.4000,S,02802.9000,E,10.0,090.0,150326,,,A",
    "GGA": "GNGGA,101530.00,2608.4000,S,02802.9000,E,2,09,0.9,1720.5,M,25.1,M,1.2,0120",
    "GLL": "GPGLL,2608.4,S,02802.9,E,101530,V,N",
    "GSA": "GPGSA,A,3,02,,12,,,,,,,,,,2.1,1.2,1.7",
    "GST": "GPGST,101530,1.2,3.0,2.0,45.5,1.1,1.2,3.3",
    "GSV": "GPGSV,2,1,07,02,40,083,46,12,17,308,41",
    "TXT": "GPTXT,01,01,02,antenna ok",
    "VTG": "GPVTG,090.0,T,,M,10.0,N,18.52,K,A",
    "ZDA": "GPZDA,101530.25,15,03,2026,02,00",
    "PUBX00": "PUBX,00,101530.00,2608.4,S,02802.9,E,1720.5,G3,2.0,3.0,18.5,90,0.1,,1,1,1,9,0,0",
    "PMTK001": "PMTK001,314,3",
    "XDR": "IIXDR,C,19.5,C,AIR",
}


@pytest.mark.parametrize("sentence", _LINES)
def test_every_sentence_goes_both_ways(sentence: str) -> None:
    values = _decoded(_LINES[sentence])

    assert values["sentence"] == sentence
    assert _CODEC.encode(values) == _sentence(_LINES[sentence])


def test_recommended_minimum_tells_time_place_and_speed() -> None:
    values = _decoded(_LINES["RMC"])

    assert (values["time"], values["fix_valid"]) == ("2026-03-15T10:15:30Z", True)
    assert (values["latitude"], values["longitude"]) == (-26.14, 28.0483333)
    assert (values["speed_kmh"], values["course_deg"]) == (18.52, 90.0)
    assert "time_of_day" not in values


def test_sentence_without_a_date_tells_the_time_of_day() -> None:
    assert _decoded(_LINES["GGA"])["time_of_day"] == "10:15:30"
    assert _decoded("GPRMC,101530.5,V,,,,,,,,,")["time_of_day"] == "10:15:30.5"


def test_satellites_of_empty_columns_are_left_out() -> None:
    assert _decoded(_LINES["GSA"])["satellites_used"] == [2, 12]


def test_date_fraction_and_zone_of_zda() -> None:
    values = _decoded(_LINES["ZDA"])

    assert (values["time"], values["local_zone_hours"]) == ("2026-03-15T10:15:30.25Z", 2)


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("latitude", 1.5, b",0130,N,"),
        ("latitude", -26.14, b",2608.4000,S,"),
        ("speed_kmh", 37.04, b",20,090.0,"),
        ("time", "2026-12-31T23:59:59Z", b",235959,A,"),
        ("fix_valid", False, b",V,"),
    ],
)
def test_only_a_changed_value_changes_its_text(name: str, value: Value, part: bytes) -> None:
    values = {**_decoded(_LINES["RMC"]), name: value}

    assert part in _CODEC.encode(values)


def test_sentence_can_be_made_from_values_alone() -> None:
    values: dict[str, Value] = {
        "talker": "GP",
        "sentence": "GGA",
        "time_of_day": "10:15:30",
        "latitude": -26.14,
        "longitude": 28.0,
        "quality": 1,
        "satellites": 7,
        "altitude_m": 1720.5,
    }

    assert _CODEC.encode(values) == _sentence("GPGGA,101530,2608.4,S,02800,E,1,07,,1720.5,M,,M,,")


def test_line_without_a_checksum_says_so() -> None:
    values = _CODEC.decode(b"$GPGLL,2608.4,S,02802.9,E,101530,A\r\n")

    assert (values["checksum_present"], values["line_end"]) == (False, "\r\n")
    assert _CODEC.encode(values) == b"$GPGLL,2608.4,S,02802.9,E,101530,A\r\n"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"", "starts with"),
        (b"GPGLL,1", "starts with"),
        (b"$GPGLL,1*00", "checksum"),
        (b"$GPGLL,1*", "checksum"),
        (b"$GP", "too short"),
        (b"$,1", "no address"),
        (b"$GPTXT,01,01,02,\xe9", "ASCII"),
        (b"$GPTXT,01$GPTXT,02", "another sentence"),
        (b"$GPGLL,xx08.4,S", "latitude"),
        (b"$GPGLL,2608.4,Q", "latitude"),
        (b"$GPRMC,256060,A", "time_of_day"),
        (b"$GPGGA,,,,,,one", "quality"),
        (b"$GPRMC,101530,A,,,,,,,310226", "time"),
        (b"$" + b"G" * 300, "300|301"),
    ],
)
def test_what_is_no_sentence_is_refused(line: bytes, what: str) -> None:
    with pytest.raises(FrameError, match=what):
        _CODEC.decode(line)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "sentence"),
        ({"sentence": "GLL"}, "talker"),
        ({"talker": "GP", "sentence": "GLL", "latitude": 200.0}, "latitude"),
        ({"talker": "GP", "sentence": "GLL", "latitude": float("nan")}, "latitude"),
        ({"talker": "GP", "sentence": "TXT", "text": "a,b"}, "text"),
        ({"talker": "GP", "sentence": "GLL", "time_of_day": "noon"}, "time_of_day"),
        ({"talker": "GP", "sentence": "RMC", "time": "2026-01-01"}, "time"),
        ({"talker": "GP", "sentence": "GLL", "fields": ["*"]}, "fields"),
    ],
)
def test_values_that_cannot_be_said_name_the_field(values: dict[str, Value], field: str) -> None:
    with pytest.raises(FrameError, match=field):
        _CODEC.encode(values)


@given(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180), knots=st.floats(0, 500))
def test_any_position_survives(latitude: float, longitude: float, knots: float) -> None:
    values: dict[str, Value] = {
        "talker": "GN",
        "sentence": "RMC",
        "latitude": latitude,
        "longitude": longitude,
        "speed_kmh": knots * 1.852,
    }

    found = _CODEC.decode(_CODEC.encode(values))

    assert found["latitude"] == pytest.approx(latitude, abs=1e-6)
    assert found["longitude"] == pytest.approx(longitude, abs=1e-6)
    assert found["speed_kmh"] == pytest.approx(knots * 1.852, abs=1e-4)


def test_lines_are_cut_from_their_last_start_on() -> None:
    framer = _framer()
    gll, gsa = _sentence(_LINES["GLL"]), _sentence(_LINES["GSA"])

    found = framer.feed(b"noise$GPRM" + gll + b"\r\n" + gsa + b"\n\r\nno line\r\n")

    assert found == [gll, gsa]
    assert framer.discarded == len(b"noise$GPRM") + len(b"\r\n") + len(b"no line\r\n")


@given(names=st.lists(st.sampled_from(sorted(_LINES)), max_size=5), size=st.integers(1, 30))
def test_portions_do_not_matter(names: list[str], size: int) -> None:
    lines = [_sentence(_LINES[name]) for name in names]
    stream, framer = b"".join(line + b"\r\n" for line in lines), _framer()

    portions = (stream[at : at + size] for at in range(0, len(stream), size))
    found = [line for portion in portions for line in framer.feed(portion)]

    assert (found, framer.discarded) == (lines, 0)

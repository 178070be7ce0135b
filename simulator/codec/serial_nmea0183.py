"""NMEA 0183 sentences of a GNSS receiver: a line of fields between `$` and a checksum.

Read here and not by the library at hand, which rounds coordinates and writes every field anew: a
line could not be given back as it came. Sentences without a table of their own pass with `fields`.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import xor
from typing import ClassVar

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._delimited import DelimitedCutter
from simulator.codec._fields import Fields, shown
from simulator.codec._nmea_fields import (
    KMH_PER_KNOT,
    NAME,
    Field,
    Texts,
    clock,
    degrees,
    moment,
    printable,
    real,
    satellites,
    switch,
    whole,
    word,
)
from simulator.frame import Value

_LONGEST = 256  # the standard says 82; receivers' own sentences are longer
_STARTS = ("$", "!")


def _position(column: int) -> tuple[Field, ...]:
    return (
        degrees("latitude", column, "NS", 2),
        degrees("longitude", column + 2, "EW", 3),
    )


_VALID = ("A", "V")
_PUBX = "PUBX"
_TABLES: Mapping[str, Sequence[Field]] = {
    "RMC": (
        clock(0),
        switch("fix_valid", 1, *_VALID),
        *_position(2),
        real("speed_kmh", 6, factor=KMH_PER_KNOT),
        real("course_deg", 7),
        moment(0, 8),
        word("mode", 11),
    ),
    "GGA": (
        clock(0),
        *_position(1),
        whole("quality", 5),
        whole("satellites", 6, 2),
        real("hdop", 7),
        real("altitude_m", 8),
        real("geoid_separation_m", 10),
        real("correction_age_s", 12),
        word("station", 13),
    ),
    "GLL": (*_position(0), clock(4), switch("fix_valid", 5, *_VALID), word("mode", 6)),
    "GSA": (
        word("mode", 0),
        whole("fix_type", 1),
        satellites(2, 13),
        real("pdop", 14),
        real("hdop", 15),
        real("vdop", 16),
    ),
    "GST": (
        clock(0),
        real("rms", 1),
        real("major_error_m", 2),
        real("minor_error_m", 3),
        real("orientation_deg", 4),
        real("lat_error_m", 5),
        real("lon_error_m", 6),
        real("alt_error_m", 7),
    ),
    "GSV": (
        whole("message_count", 0),
        whole("message_number", 1),
        whole("satellites_in_view", 2, 2),
    ),
    "TXT": (
        whole("message_count", 0, 2),
        whole("message_number", 1, 2),
        whole("text_kind", 2, 2),
        word("text", 3),
    ),
    "VTG": (real("course_deg", 0), real("speed_kmh", 6), word("mode", 8)),
    "ZDA": (
        clock(0),
        moment(0, 1, 2, 3),
        whole("local_zone_hours", 4, 2),
        whole("local_zone_minutes", 5, 2),
    ),
    "PUBX00": (
        clock(1),
        *_position(2),
        real("altitude_m", 6),
        word("nav_status", 7),
        real("accuracy_m", 8),
        real("vertical_accuracy_m", 9),
        real("speed_kmh", 10),
        real("course_deg", 11),
        real("vertical_speed_m_s", 12),
        real("correction_age_s", 13),
        real("hdop", 14),
        real("vdop", 15),
        real("tdop", 16),
        whole("satellites", 17),
    ),
}
_BLANKS: Mapping[str, str] = {
    "RMC": ",,,,,,,,,,",
    "GGA": ",,,,,,,,,M,,M,,",
    "GLL": ",,,,,",
    "VTG": ",T,,M,,N,,K",
    "PUBX00": "00,,,,,,,,,,,,,,,,,,0,0",
}
"""Sentences with no values, where columns stand that have no value of their own."""


class Nmea(Codec):
    """One sentence; its line end belongs to the stream, and is kept where a frame has one."""

    name: ClassVar[str] = NAME
    is_text: ClassVar[bool] = True

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what a sentence says, and the texts of all its `fields`.

        >>> CODEC.decode(b"$GPGLL,4916.45,N,12311.12,W,225444,A,*1D")["latitude"]
        49.2741667
        """
        line, values = _opened(frame)
        address, *texts = line.split(",")
        values |= _address(address, texts)
        for field in _TABLES.get(str(values["sentence"]), ()):
            field.decode(texts, values)
        if "time" in values:
            values.pop("time_of_day", None)
        values["fields"] = [*texts]
        return values

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return a sentence; `fields`, where given, keep their text unless a value differs."""
        fields = Fields(NAME, values)
        sentence = printable(fields, "sentence")
        texts = _given_texts(fields, sentence)
        for field in _TABLES.get(sentence, ()):
            field.encode(fields, texts)
        line = ",".join([_address_text(fields, sentence), *texts])
        return _closed(fields, line).encode("ascii")

    def framer(self) -> Framer:
        """Return a cutter that gives each line from its `$` (or `!`) on, without its end."""
        return _LineFramer()


def _opened(frame: bytes) -> tuple[str, dict[str, Value]]:
    """Return the text between start and checksum, and what the frame around it is like."""
    if len(frame) > _LONGEST:
        raise FrameError(NAME, f"has {len(frame)} bytes, a sentence has at most {_LONGEST}")
    text = frame.decode("latin-1")
    line = text.rstrip("\r\n")
    if not line.startswith(_STARTS):
        raise FrameError(NAME, "byte 0: a sentence starts with $ or !")
    if not line.isascii() or not line.isprintable():
        raise FrameError(NAME, "a sentence has printable ASCII only")
    body, star, checksum = line[1:].partition("*")
    if any(start in body for start in _STARTS):
        raise FrameError(NAME, "another sentence starts within this one")
    values: dict[str, Value] = {}
    if text != line:
        values["line_end"] = text[len(line) :]
    if line[0] != _STARTS[0]:
        values["start"] = line[0]
    if not star:
        values["checksum_present"] = False
    elif checksum.upper() != _checksum(body):
        reason = f"the checksum is {_checksum(body)}, the sentence says '{checksum:.10}'"
        raise FrameError(NAME, reason)
    elif checksum != checksum.upper():
        values["checksum_is_lower"] = True
    return body, values


def _checksum(body: str) -> str:
    return f"{reduce(xor, body.encode('ascii'), 0):02X}"


def _closed(fields: Fields, line: str) -> str:
    start = fields.choice("start", {s: s for s in _STARTS}) if "start" in fields else _STARTS[0]
    ends = {"\r\n": "\r\n", "\n": "\n", "\r": "\r"}
    end = fields.choice("line_end", ends) if "line_end" in fields else ""
    if not fields.flag("checksum_present", True):
        return f"{start}{line}{end}"
    checksum = _checksum(line)
    is_lower = fields.flag("checksum_is_lower", False)
    return f"{start}{line}*{checksum.lower() if is_lower else checksum}{end}"


def _address(address: str, texts: Texts) -> dict[str, Value]:
    if not address.isalnum():
        raise FrameError(NAME, f"byte 1: '{address:.20}' is no address")
    if address.startswith("P"):
        number = texts[0] if address == _PUBX and texts else ""
        return {"sentence": address + number}
    if len(address) < 4:
        raise FrameError(NAME, f"byte 1: '{address}' is too short for talker and sentence")
    return {"talker": address[:2], "sentence": address[2:]}


def _address_text(fields: Fields, sentence: str) -> str:
    if not sentence.isalnum():
        fields.refuse("sentence", f"must be letters and digits, not {shown(sentence)}")
    if "talker" not in fields and sentence.startswith("P"):
        return _PUBX if sentence.startswith(_PUBX) else sentence
    talker = printable(fields, "talker")
    if len(talker) != 2 or not talker.isalnum() or talker.startswith("P") or len(sentence) < 2:
        fields.refuse("talker", "must be two letters, and not start with P")
    return talker + sentence


def _given_texts(fields: Fields, sentence: str) -> Texts:
    if "fields" not in fields:
        blank = sentence[len(_PUBX) :] if sentence.startswith(_PUBX) else ""
        line = _BLANKS.get(sentence, blank)
        return line.split(",") if line else []
    texts = fields.words("fields")
    if len(texts) > _LONGEST:
        fields.refuse("fields", f"has {len(texts)} entries, which no sentence has room for")
    return [printable(Fields(NAME, {"fields": text}), "fields") for text in texts]


class _LineFramer:
    """Cuts lines at their line feed; what stands before the last `$` of a line is discarded."""

    __slots__ = ("_cutter",)

    def __init__(self) -> None:
        self._cutter = DelimitedCutter(b"\n", limit=_LONGEST, start=_start_of_sentence)

    @property
    def discarded(self) -> int:
        return self._cutter.discarded

    @property
    def pending(self) -> int:
        return self._cutter.pending

    def feed(self, data: bytes) -> list[bytes]:
        return [line.removesuffix(b"\r") for line in self._cutter.feed(data)]


def _start_of_sentence(line: bytes) -> int:
    return max(line.rfind(b"$"), line.rfind(b"!"))


CODEC = Nmea()

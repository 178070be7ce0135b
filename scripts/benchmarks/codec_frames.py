"""Frames a second through each codec, beside json.loads of an event with the same values.

The frame is the one for help of a profile that speaks the protocol; protocols without a profile get
a frame built from plain values. Values to encode are those that were decoded. All is measured in
one process, in turn, three times; ratios are taken within a round, and figures are medians.
"""

import json
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from measure import Result

from simulator.clock import monotonic_s
from simulator.codec import Codec, Context, Values, codec
from simulator.faults import frame_of
from simulator.frame import Kind
from simulator.profile import codec_of, profiles

ROUNDS, SPAN_S, FLOOR = 3, 0.08, 100_000
BUILT = {
    "serial_cobs": b"\x11" + bytes(range(0x20, 0x30)),
    "serial_slip": b"\xc0" + bytes(range(0x20, 0x30)) + b"\xdb\xdc\xc0",
    "serial_nmea0183": b"$GPRMC,120000.00,A,2606.0000,S,02803.0000,E,2.5,90.0,010626,,,A*76",
    "sigfox_callback": b'{ "device": "1A2B3C", "time": 1780332496, "data": "0132" }',
}
REASONS = {
    "aura_structured": "JSON",
    "sigfox_callback": "JSON",
    "ble_bthome_v2": "objects in any number and order",
    "ble_bthome_v2 (AES)": "AES-CCM",
    "eview": "keys and records in any number, CRC of the whole",
    "gps103": "text, spelling kept",
    "gt06": "several parts of any number, CRC, calendar time",
    "h02": "text, spelling kept",
    "lorawan_milesight_at101": "channels in any number and order",
    "lorawan_milesight_ws101": "channels in any number and order",
    "lorawan_milesight_ws136": "channels in any number and order",
    "minifinder_v1": "text, spelling kept",
    "queclink": "text of 20 columns and more, spelling kept",
    "serial_nmea0183": "text, spelling kept",
    "sia_dc09": "text, blocks in any number",
    "sia_dc09 (AES)": "text, AES-CBC",
    "teltonika": "records of I/O elements in any number, CRC of the whole",
    "watch3g": "text, spelling kept",
}
"""Why a protocol is below the floor: none of these has a fixed layout."""


@dataclass(frozen=True)
class Subject:
    """One protocol with one frame."""

    name: str
    codec: Codec
    context: Context
    frame: bytes
    values: Values


def subjects() -> Iterator[Subject]:
    """Yield each protocol once; a profile that encrypts is a subject of its own."""
    seen: set[str] = set()
    for profile in profiles():
        speaker, key = codec_of(profile), profile.identity.key_of(1)
        name = profile.codec + (" (AES)" if key else "")
        if name not in seen:
            seen.add(name)
            frame = frame_of(profile, Kind.PRESS)
            context = Context(port=frame.port, address=frame.address, key=key, received_s=1.78e9)
            values = speaker.decode(frame.payload, context)
            yield Subject(name, speaker, context, frame.payload, values)
    for name, frame_bytes in BUILT.items():
        if name not in seen:
            speaker = codec(name)
            yield Subject(name, speaker, Context(), frame_bytes, speaker.decode(frame_bytes))


def rate(act: Callable[[], object]) -> float:
    """Return how often a second a call can be made."""
    done, began, batch = 0, monotonic_s(), 50
    while (spent := monotonic_s() - began) < SPAN_S:
        for _ in range(batch):
            act()
        done += batch
    return done / spent


def measured(subject: Subject) -> dict[str, float]:
    """Return the figures of one round."""
    said, text = subject.codec, json.dumps(subject.values)
    decode = rate(lambda: said.decode(subject.frame, subject.context))
    loads = rate(lambda: json.loads(text))
    encode = rate(lambda: said.encode(subject.values, subject.context))
    return {"decode": decode, "encode": encode, "of_loads": decode / loads}


def run() -> list[Result]:
    """Measure all protocols, in turn."""
    found = sorted(subjects(), key=lambda subject: subject.name)
    rounds = []
    for number in range(ROUNDS):
        sys.stderr.write(f"round {number + 1} of {ROUNDS}\n")
        rounds.append([measured(subject) for subject in found])
    rows, figures = [], {}
    for at, subject in enumerate(found):
        median = {
            key: statistics.median(one[at][key] for one in rounds)
            for key in ("decode", "encode", "of_loads")
        }
        rows.append(row(subject, median))
        figures[f"{subject.name}_decode_s"] = median["decode"]
        figures[f"{subject.name}_encode_s"] = median["encode"]
    columns = ["codec", "bytes", "decoded/s", "encoded/s", "decode : json.loads", "below 100 k/s"]
    notes = [__doc__.split("\n\n", 1)[1].replace("\n", " ").strip()]
    return [Result("Frames through codecs", columns, rows, figures, notes)]


def row(subject: Subject, median: dict[str, float]) -> list[str]:
    """Return one line of the table; slow protocols say why."""
    is_slow = min(median["decode"], median["encode"]) < FLOOR
    reason = REASONS.get(subject.name, "no reason is known") if is_slow else ""
    return [
        subject.name,
        str(len(subject.frame)),
        f"{median['decode']:,.0f}",
        f"{median['encode']:,.0f}",
        f"{median['of_loads']:.2f}",
        reason,
    ]

"""Drafts are tried against frames of known layouts: what is there is found, doubt is said."""

import json
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from simulator.codec import LayoutTable, layout_codec, sums
from simulator.profile import DeviceKind, layout_of, read
from simulator.profile.making import (
    NETWORKS,
    CaptureError,
    Draft,
    NewProfile,
    Sample,
    draft_of,
    profile_text,
    read_capture,
)
from simulator.rng import Rng

_Row = dict[str, Any]


def tracker(checksum: str = "crc16/ibm_3740", start: int = 0, size: int = 2, **options: str) -> str:
    """Return a layout with a position, a counter and a checksum."""
    order, scale = options.get("order", "big"), options.get("scale", "1e-7")
    framing = f"framing = {options['framing']}" if "framing" in options else ""
    position = f'bytes = 4, signed = true, scale = {scale}, order = "{order}"'
    return f"""
    form = "binary"
    {framing}
    [messages.press]
    fields = [
      {{ constant = "a7" }},
      {{ constant = "01" }},
      {{ name = "sequence", bytes = 2, order = "{order}" }},
      {{ name = "latitude", {position} }},
      {{ name = "longitude", {position} }},
      {{ name = "battery_percent", bytes = 1 }},
      {{ name = "temperature_c", bytes = 1, scale = 0.5, offset = -40 }},
      {{ checksum = "{checksum}", bytes = {size}, from = {start}, order = "{order}" }},
    ]
    [messages.battery]
    fields = [
      {{ constant = "a7" }},
      {{ constant = "02" }},
      {{ name = "sequence", bytes = 2, order = "{order}" }},
      {{ name = "battery_percent", bytes = 1 }},
      {{ checksum = "{checksum}", bytes = {size}, from = {start}, order = "{order}" }},
    ]
    """


def rows(count: int) -> list[_Row]:
    """Return what a device said in turn: a press and a battery report."""
    stream = Rng(11).stream(0, "capture")
    said: list[_Row] = []
    for number in range(count):
        row: _Row = {"sequence": 250 + number, "battery_percent": 95 - number}
        if number % 2 == 0:
            row["latitude"] = round(stream.uniform(-27, -25), 6)
            row["longitude"] = round(stream.uniform(27, 29), 6)
            row["temperature_c"] = 20 + stream.below(30) / 2
        said.append({"message": "battery" if number % 2 else "press", **row})
    return said


def capture(layout: str, said: Sequence[_Row], known: Sequence[str]) -> list[Sample]:
    """Return the frames of a layout as a tester would label them."""
    table = msgspec.convert(tomllib.loads(layout), LayoutTable)
    codec = layout_codec("known", table)
    return [
        Sample(
            codec.encode(row),
            row["message"],
            {name: row[name] for name in known if name in row},
            is_text=codec.is_text,
        )
        for row in said
    ]


def fields_of(draft: Draft, message: str) -> dict[str, _Row]:
    """Return the named fields and the checksum that a draft has for a message."""
    table = tomllib.loads(draft.text)["layout"]["messages"][message]["fields"]
    return {field.get("name", "checksum"): field for field in table if "constant" not in field}


def is_same(one: str, other: str) -> bool:
    """Return whether two names of a catalogue mean one checksum."""
    return sums()[one].of(b"123456789") == sums()[other].of(b"123456789")


KNOWN = ("battery_percent", "latitude", "longitude", "temperature_c")


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("scale", ["1e-7", "1e-6", "1e-5"])
def test_position_battery_counter_and_checksum_are_found(order: str, scale: str) -> None:
    """With their places, sizes, byte order, sign and scale."""
    layout = tracker(order=order, scale=scale)

    draft = draft_of(capture(layout, rows(24), KNOWN), "found")
    press, battery = fields_of(draft, "press"), fields_of(draft, "battery")

    assert draft.repeated == 24
    for name in ("latitude", "longitude"):
        assert press[name]["order"] == order
        assert press[name]["signed"] is True
        assert press[name]["scale"] == pytest.approx(float(scale))
    assert (press["temperature_c"]["scale"], press["temperature_c"]["offset"]) == (0.5, -40)
    assert press["battery_percent"]["bytes"] == battery["battery_percent"]["bytes"] == 1
    assert is_same(press["checksum"]["checksum"], "crc16/ibm_3740")
    assert press["sequence"]["bytes"] == 2


@pytest.mark.parametrize("name", list(sums()))
def test_every_checksum_is_found_or_named_as_a_rival(name: str) -> None:
    size = sums()[name].size
    layout = tracker(name, 1, size)

    draft = draft_of(capture(layout, rows(20), KNOWN), "sums")

    found = fields_of(draft, "press")["checksum"]["checksum"]
    assert draft.repeated == 20
    assert is_same(found, name) or name in draft.text


@pytest.mark.parametrize("kind", ["slip", "cobs"])
def test_framing_of_a_stream_is_found(kind: str) -> None:
    layout = tracker(framing=f'{{ kind = "{kind}" }}')

    draft = draft_of(capture(layout, rows(20), KNOWN), "framed")

    assert f'kind = "{kind}"' in draft.text
    assert draft.repeated == 20


def test_draft_is_a_sound_profile(tmp_path: Path) -> None:
    """It is loaded, and its own frames can be written."""
    path = tmp_path / "sound.toml"
    path.write_text(draft_of(capture(tracker(), rows(20), KNOWN), "sound").text)

    codec = layout_of(read(path))

    assert codec is not None
    assert [message.name for message in codec.messages] == ["press", "battery"]


def test_two_frames_are_called_doubtful() -> None:
    """A checksum of eight bits that fits two frames is no evidence."""
    draft = draft_of(capture(tracker("xor8", size=1), rows(2), ()), "few")

    assert "DOUBTFUL" in draft.text
    assert "sure:" not in draft.text


def test_one_frame_shows_no_checksum_and_that_is_said() -> None:
    draft = draft_of([Sample(bytes.fromhex("a7010203"), "press", {})], "one")

    assert any("one frame shows none" in doubt for doubt in draft.doubts)
    assert "checksum =" not in draft.text


def test_random_bytes_have_no_checksum_and_that_is_said() -> None:
    stream = Rng(5).stream(0, "noise")
    frames = [bytes(stream.below(256) for _ in range(12)) for _ in range(12)]

    draft = draft_of([Sample(frame, "press", {}) for frame in frames], "noise")

    assert any("no known sum fits" in doubt for doubt in draft.doubts)
    assert 'as = "hex"' in draft.text
    assert draft.repeated == 12


def test_labels_that_no_constant_tells_apart_become_one_message() -> None:
    """A byte that goes with the label is proposed as the kind; without one there is only doubt."""
    samples = [
        Sample(bytes((i % 5, 1 if i % 2 else 2, 7 * i % 251)), "battery" if i % 2 else "press", {})
        for i in range(10)
    ]
    samples += [Sample(b"\x01\x02\x03", "press", {}), Sample(b"\x01\x02\x03", "battery", {})]

    draft = draft_of(samples, "alike")

    assert "[layout.messages.frame]" in draft.text
    assert any("tells labels apart" in doubt for doubt in draft.doubts)


TEXT = """
form = "text"
framing = { kind = "line" }
text = { prefix = "$", checksum = "xor8" }
[messages.press]
fields = [
  { constant = "PB" },
  { constant = "P" },
  { name = "serial", as = "text" },
  { name = "battery_percent", minimum = 0 },
  { name = "latitude", digits = 5 },
]
[messages.battery]
fields = [{ constant = "PB" }, { constant = "B" }, { name = "battery_percent", minimum = 0 }]
"""
JSON = """
form = "json"
framing = { kind = "line" }
[messages.press]
fields = [
  { path = "type", constant = "alarm" },
  { path = "dev.id", name = "serial", as = "text" },
  { path = "dev.battery", name = "battery_percent", minimum = 0 },
]
[messages.battery]
fields = [{ path = "type", constant = "ok" }, { path = "dev.battery", name = "battery_percent" }]
"""


@pytest.mark.parametrize("layout", [TEXT, JSON], ids=["text", "json"])
def test_columns_and_paths_are_found(layout: str) -> None:
    said: list[_Row] = [
        {"message": "press", "serial": f"AB{n}", "battery_percent": 90 - n, "latitude": -26 - n / 8}
        if n % 2
        else {"message": "battery", "battery_percent": 90 - n}
        for n in range(12)
    ]

    draft = draft_of(capture(layout, said, ("serial", "battery_percent", "latitude")), "text")

    assert draft.repeated == 12
    assert {"serial", "battery_percent"} <= set(fields_of(draft, "press"))
    assert "unknown" not in draft.text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no frames"),
        ("nonsense\n", "no JSON object"),
        ('{"frame_hex": "0g", "label": "press"}', "not hex"),
        ('{"frame_hex": "01"}', "needs a label"),
        ('{"label": "press"}', "needs frame_hex"),
        (
            '{"frame_hex": "01", "label": "press"}\n{"frame_text": "a", "label": "press"}',
            "mixes",
        ),
    ],
)
def test_bad_capture_is_refused_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "capture.jsonl"
    path.write_text(text)

    with pytest.raises(CaptureError, match=reason):
        read_capture(path)


def test_capture_is_read_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "capture.jsonl"
    line = {"frame_hex": "A5 01", "label": "press", "battery_percent": 7, "comment": "desk"}
    path.write_text(json.dumps(line) + "\n\n")

    assert read_capture(path) == [Sample(b"\xa5\x01", "press", {"battery_percent": 7})]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("change", [str, str.upper], ids=["plain", "quoted"])
def test_new_profile_is_sound(tmp_path: Path, network: str, change: Callable[[str], str]) -> None:
    """On every network, whatever the title says."""
    title = change('A "quoted" \\ title\n')
    text = profile_text(
        NewProfile(
            name="acme-one",
            title=title,
            kind=DeviceKind.WEARABLE,
            network=network,
            gestures=("press", "double"),
        )
    )
    path = tmp_path / "acme-one.toml"
    path.write_text(text)

    profile = read(path)

    assert (profile.title, profile.network) == (title, network)
    assert profile.behaviour.gestures == ["press", "double"]

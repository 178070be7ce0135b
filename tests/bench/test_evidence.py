"""What a session leaves: wire log, replay, report, the record of a unit."""

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.bench.acceptance import Verdict
from simulator.bench.being.voices import PtyVoice, open_voice
from simulator.bench.ear import Ear
from simulator.bench.links import Address, Chunk, LinkDown, LinkReason, LinkUp, link_to
from simulator.bench.replaying import replay
from simulator.bench.report import append_history, read_history, render, write_reports
from simulator.bench.wire_log import WireLine, WireLog, WireLogError, read_wire_log
from simulator.clock import monotonic_s
from simulator.errors import InputError, UnavailableError
from simulator.profile import load
from tests.bench.conftest import opened
from tests.bench.device import plugged

PENDANT = load("serial-pendant-base")
FRAME = "a5010e0000000100001840f0d3bf"


def test_a_wire_log_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Both directions, the times, and the comings and goings."""
    now = monotonic_s()
    with WireLog(tmp_path / "w.ndjson", profile="gt06", link="/dev/x") as log:
        log.note(LinkUp(now))
        log.note(Chunk(now + 0.5, b"\x01\x02", "ffe1", "A4:C1", is_whole=True))
        log.sent(b"\x03")
        log.note(LinkDown(now + 1.0, LinkReason.LOST, "pulled"))

    head, lines = read_wire_log(tmp_path / "w.ndjson")

    assert (head.profile, head.link) == ("gt06", "/dev/x")
    assert [line.what for line in lines] == ["up", "in", "out", "down"]
    assert lines[1].data == b"\x01\x02"
    assert (lines[1].channel, lines[1].address, lines[1].whole) == ("ffe1", "A4:C1", True)
    assert lines[1].t - lines[0].t == pytest.approx(0.5, abs=1e-3)
    assert "pulled" in lines[3].reason


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    """A kill in the middle of a line loses that line and no other."""
    path = tmp_path / "w.ndjson"
    with WireLog(path, profile="gt06", link="x") as log:
        log.sent(b"\x03")
    with path.open("ab") as file:
        file.write(b'{"t": 1.0, "what": "i')

    assert len(read_wire_log(path)[1]) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ('{"a": 1}\n', ":1: is no wire log"),
        ('{"aurasim_wire_log":9,"profile":"a","link":"b","started":"2026-01-01"}\n', "format 9"),
        (
            '{"aurasim_wire_log":1,"profile":"a","link":"b","started":"2026-01-01"}\n{"t":0}\n',
            ":2: is no line",
        ),
        (
            '{"aurasim_wire_log":1,"profile":"a","link":"b","started":"2026-01-01"}\n'
            '{"t":0,"what":"in","hex":"zz"}\n',
            ":2: is no line",
        ),
    ],
)
def test_what_is_no_wire_log_is_refused_with_its_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    """The file, the line, and why."""
    path = tmp_path / "w.ndjson"
    path.write_text(text)

    with pytest.raises(WireLogError, match=reason):
        read_wire_log(path)


@given(st.binary(max_size=200))
def test_any_file_is_a_wire_log_or_refused(data: bytes) -> None:
    """Nothing else happens."""
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        with pytest.raises(WireLogError):
            read_wire_log(Path(file.name))


def test_a_missing_log_and_a_folder_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    """Both errors name the next step."""
    with pytest.raises(WireLogError, match="bench capture"):
        read_wire_log(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="Name another file"):
        WireLog(tmp_path / "file" / "w.ndjson", profile="a", link="b")


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial's own
@pytest.mark.parametrize("place", ["pty", "tcp", "rfc2217"])
async def test_a_recording_is_heard_as_the_device_was(place: str) -> None:
    """The same bytes, over every kind of port, at many times the speed."""
    recorded = bytes.fromhex(FRAME) + b"\xff" * 3 + bytes.fromhex("a5020b0000000101002b42")
    lines = [WireLine(0.0, "up")]
    lines += [
        WireLine(1.0 + at, "in", recorded[at : at + 5].hex()) for at in range(0, len(recorded), 5)
    ]
    ear = Ear(PENDANT)

    async with open_voice(place, PENDANT, lambda _: None) as voice:
        link = link_to(Address(port=voice.where.removeprefix("--port ")), PENDANT)
        async with opened(link) as log:
            played = await replay(lines, voice, speed=200.0)
            await log.until_bytes(len(recorded))
    frames = [frame for one in log.seen if isinstance(one, Chunk) for frame in ear.hear(one)]

    assert log.data == recorded
    assert [frame.values["message"] for frame in frames] == ["alarm", "reset"]
    assert played.sent_bytes == len(recorded)
    assert ear.counts.garbage_bytes == 3


async def test_a_recorded_unplug_is_played_too() -> None:
    """The listener sees the loss and the return."""
    lines = [
        WireLine(0.0, "up"),
        WireLine(0.1, "in", FRAME),
        WireLine(5.0, "down"),
        WireLine(6.0, "up"),
        WireLine(30.0, "in", FRAME),
    ]

    async with open_voice("pty", PENDANT, lambda _: None) as voice:
        assert isinstance(voice, PtyVoice)
        link = link_to(Address(port=voice.where.removeprefix("--port ")), PENDANT)
        async with opened(link) as log:
            playing = asyncio.create_task(replay(lines, voice, speed=10.0))
            await log.until_bytes(28)
            played = await playing

    assert log.data.hex() == 2 * FRAME
    assert len(log.downs) == 1
    assert played.plugs == 2


async def test_a_speed_that_cannot_be_is_refused() -> None:
    """Zero times as fast never ends."""
    async with open_voice("pty", PENDANT, lambda _: None) as voice:
        with pytest.raises(InputError, match="speed"):
            await replay([], voice, speed=0.0)


@pytest.mark.parametrize("place", ["ble", "usb:0", "tcp:70000", "tcp:x"])
async def test_a_place_that_does_not_exist_is_refused(place: str) -> None:
    """What can be said is in the message."""
    with pytest.raises(InputError):
        async with open_voice(place, PENDANT, lambda _: None):
            pass


async def test_a_taken_tcp_port_is_told() -> None:
    """Two devices cannot listen in one place."""
    async with open_voice("tcp", PENDANT, lambda _: None) as voice:
        taken = voice.where.rpartition(":")[2]
        with pytest.raises(UnavailableError, match="another port"):
            async with open_voice(f"tcp:{taken}", PENDANT, lambda _: None):
                pass


async def test_a_report_says_all_and_opens_from_disk(tmp_path: Path) -> None:
    """Identity, measurements with limits, frames in hex and decoded, wire log, verdict."""
    async with plugged(tmp_path) as device:
        record = await device.session(tmp_path / "out").hold()
    append_history(tmp_path, record, tmp_path / "earlier")
    history = read_history(tmp_path, record.identity.profile, record.identity.serial)

    page = write_reports(tmp_path / "out", record, history).read_text()
    data = json.loads((tmp_path / "out" / "report.json").read_text())

    assert 'http-equiv="Content-Security-Policy"' in page
    assert "src=" not in page
    for text in ("00000017", "passed", "finger down to frame", "battery_percent", "wire.ndjson"):
        assert text in page
    assert record.frames[0].hex in page
    assert "earlier" in page
    assert data["verdict"] == "passed"
    assert data["identity"]["serial"] == "00000017"
    assert {"name", "unit", "values", "good", "bearable", "grade"} <= set(data["measurements"][0])


async def test_a_report_is_harmless_whatever_the_device_says(tmp_path: Path) -> None:
    """Names and values of a frame are text."""
    import msgspec

    async with plugged(tmp_path) as device:
        record = await device.session(tmp_path / "out").hold()
    evil = "<script>alert(1)</script>"
    identity = msgspec.structs.replace(record.identity, serial=evil, firmware=evil)

    page = render(msgspec.structs.replace(record, identity=identity, reasons=[evil]), [])

    assert evil not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_every_verdict_has_a_page(tmp_path: Path, verdict: Verdict) -> None:
    """Device failed, bench broken and void are told apart."""
    import msgspec

    async with plugged(tmp_path) as device:
        device.port.unplug()
        record = await device.session(tmp_path / "out").hold()

    page = render(msgspec.structs.replace(record, verdict=verdict), [])

    assert f"<strong>{verdict}</strong>" in page


async def test_the_record_of_a_unit_is_kept_by_its_serial(tmp_path: Path) -> None:
    """Another unit's sessions are not among them, and odd serials make no odd paths."""
    import msgspec

    async with plugged(tmp_path) as device:
        record = await device.session(tmp_path / "out").hold()
    odd = msgspec.structs.replace(
        record, identity=msgspec.structs.replace(record.identity, serial="../../x")
    )

    for one in (record, record, odd):
        path = append_history(tmp_path, one, tmp_path / "s1")

    history = read_history(tmp_path, record.identity.profile, "00000017")
    assert path.parent == tmp_path / "units"
    assert [line.verdict for line in history] == [Verdict.PASSED, Verdict.PASSED]
    assert history[0].worst["press_to_frame"] >= 0
    assert len(read_history(tmp_path, record.identity.profile, "../../x")) == 1

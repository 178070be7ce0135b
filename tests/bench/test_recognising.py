"""A device whose profile nobody named: raw bytes, until a profile reads them."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.bench.being import PtyPort
from simulator.bench.being.ble_button import BlePeripheral
from simulator.bench.ear import HeardFrame
from simulator.bench.links import (
    Chunk,
    LinkError,
    LinkReason,
    SerialLink,
    SerialSettings,
    WildLink,
    channel_of,
)
from simulator.bench.recognising import BlindListener, Recognised
from simulator.bench.wire_log import read_wire_log
from simulator.frame import Kind
from simulator.profile import Wire, load
from tests.bench.conftest import PATIENCE_S, Air, opened
from tests.bench.device import pendant_frames

SHELLY = "shelly-blu-button1"
PRESS = bytes.fromhex("44000001633a01")
CHANNEL = channel_of(load(SHELLY).wire)
NOISE = bytes(range(7, 250, 3)) * 2
Typed = Callable[..., tuple[int, str]]


def advert(data: bytes, address: str = "A4:C1:38:00:00:01", channel: str = CHANNEL) -> Chunk:
    """Return an advertisement that was heard."""
    return Chunk(1.0, data, channel, address, is_whole=True)


@pytest.fixture
def blind() -> BlindListener:
    """A listener whose link is never opened."""
    return BlindListener(SerialLink("none"))


def test_bytes_are_shown_until_frames_can_be_read(blind: BlindListener) -> None:
    """The frames of what was heard before are not missing, and are read at their own time."""
    first, second = pendant_frames(2)
    whole = first + second

    shown = [event for at in range(0, len(whole), 5) for event in blind._hear(
        Chunk(float(at), whole[at : at + 5])
    )]  # fmt: skip

    found = next(event for event in shown if isinstance(event, Recognised))
    frames = [event for event in shown if isinstance(event, HeardFrame)]
    raw = shown[: shown.index(found)]
    assert found.profile == "serial-pendant-base"
    assert all(isinstance(event, Chunk) for event in raw)
    assert b"".join(event.data for event in raw if isinstance(event, Chunk)) in whole
    assert [frame.payload for frame in frames] == [first, second]
    assert blind.counts.frames == 2
    assert "Recognised serial-pendant-base" in blind.suspicion().sentence()


def test_each_advertiser_is_recognised_by_itself(blind: BlindListener) -> None:
    """By what it advertises: other data of the same bytes is none of that profile."""
    mine = blind._hear(advert(PRESS))
    other = blind._hear(advert(PRESS, "F0:00:00:00:00:02", "company 004c"))
    again = blind._hear(advert(PRESS, "F0:00:00:00:00:02", "company 004c"))

    assert [type(event) for event in mine] == [Chunk, Recognised, HeardFrame]
    assert isinstance(mine[2], HeardFrame)
    assert Kind.PRESS in mine[2].kinds
    assert [type(event) for event in other] == [Chunk]
    assert again == []  # an advertisement that is repeated


def test_an_advertiser_that_encrypts_is_recognised(blind: BlindListener) -> None:
    """Without its key it cannot be read, but it is known what it is."""
    shown = blind._hear(advert(bytes.fromhex("45" + "aa" * 15)))

    found = next(event for event in shown if isinstance(event, Recognised))
    assert "shelly-blu-button1-encrypted" in found.suspicion.profiles


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=80), max_size=8), st.booleans())
def test_any_bytes_are_shown(pieces: list[bytes], is_whole: bool) -> None:
    """Nothing raises; and every byte that no profile reads is on the screen."""
    blind = BlindListener(SerialLink("none"))
    shown = [
        event
        for data in pieces
        for event in blind._hear(Chunk(0.0, data, CHANNEL if is_whole else "", is_whole=is_whole))
    ]

    if not any(isinstance(event, Recognised) for event in shown) and not is_whole:
        raw = b"".join(event.data for event in shown if isinstance(event, Chunk))
        assert raw == b"".join(pieces)


async def test_a_port_without_a_profile_is_listened_to(tmp_path: Path) -> None:
    """From the link to the frame, on a real pseudo terminal."""
    port = PtyPort(tmp_path / "tty")
    port.plug()
    async with BlindListener(SerialLink(str(port.path), SerialSettings())) as listener:
        await port.write(b"".join(pendant_frames(2)))
        frames = (event async for event in listener.events() if isinstance(event, HeardFrame))
        first = await anext(frames)
        await frames.aclose()
    port.unplug()

    assert first.kinds == (Kind.PRESS,)


async def test_all_data_that_is_advertised_is_heard(air: Air) -> None:
    """Of any device, and told apart by what carries it."""
    one = BlePeripheral(air.device("F0:00:00:00:00:01"), Wire(service_data="fcd2"), name="ONE")
    two = BlePeripheral(air.device("F0:00:00:00:00:02"), Wire(manufacturer=0x0BA9), name="TWO")
    await one.start()
    await two.start()

    async with opened(WildLink("any", air.radio)) as log:
        await one.say(b"\x44\x01")
        await two.say(b"\x55\x02")
        chunks: set[tuple[str | None, str, bytes]] = set()
        while len(chunks) < 2:
            await log.until_bytes(len(log.data) + 1)
            heard = [event for event in log.seen if isinstance(event, Chunk)]
            chunks = {(chunk.address, chunk.channel, chunk.data) for chunk in heard}
    await one.stop()
    await two.stop()

    assert chunks == {
        ("F0:00:00:00:00:01", CHANNEL, b"\x44\x01"),
        ("F0:00:00:00:00:02", "company 0ba9", b"\x55\x02"),
    }


async def test_a_device_that_advertises_no_data_is_connected_to(air: Air) -> None:
    """Its notifications are the stream, and it can be written to."""
    told: list[bytes] = []
    wire = Wire(service="ffe0", notify=["ffe1"], write="ffe1")
    button = BlePeripheral(air.device("F0:00:00:00:00:01"), wire, name="X", hear=told.append)
    await button.start()

    async with opened(WildLink("F0:00:00:00:00:01", air.radio)) as log:
        await button.say(b"hello")
        await log.until_bytes(5)
    await button.stop()

    assert log.data == b"hello"


async def test_a_device_that_is_not_there_is_missing(air: Air) -> None:
    """As with a profile."""
    with pytest.raises(LinkError) as refused:
        await WildLink("F0:00:00:00:00:09", air.radio, find_s=0.2).open()

    assert refused.value.reason is LinkReason.MISSING


@contextmanager
def saying(data: bytes) -> Iterator[str]:
    """Serve bytes to whoever connects; give the URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                Event().wait(0.5)  # pyserial throws away what is there when it opens a socket
                connection.sendall(data)
                connection.settimeout(PATIENCE_S)
                while connection.recv(100):
                    pass

        thread = Thread(target=serve)
        thread.start()
        yield f"socket://127.0.0.1:{server.getsockname()[1]}"
        thread.join(PATIENCE_S)


def test_listen_says_which_profile_it_is(here: Typed) -> None:
    """Raw bytes first, then the profile, then frames."""
    with saying(b"".join(pendant_frames(2))) as url:
        code, told = here("bench", "listen", "--port", url, "--count", "2", "--no-reply")

    assert code == 0
    assert "9600 baud, 8N1; --baud sets another speed" in told
    assert "Recognised serial-pendant-base" in told
    assert told.count("press") == 2


def test_listen_tells_what_nobody_reads(here: Typed) -> None:
    """In hex, and what to try; exit code 3, as for a disturbed line."""
    with saying(NOISE) as url:
        code, told = here("bench", "listen", "--port", url, "--for", "2s")

    assert code == 3
    assert NOISE[:8].hex() in told
    assert "No profile reads what arrives" in told
    assert "--baud" in told


def test_listen_tells_a_program_too(here: Typed) -> None:
    """A line of JSON for each chunk, for the recognition, for each frame."""
    with saying(b"".join(pendant_frames(1))) as url:
        code, told = here("bench", "listen", "--port", url, "--count", "1", "--json")

    lines = [json.loads(line) for line in told.splitlines()]
    assert code == 0
    assert [next(iter(set(line) & {"raw", "recognised", "hex", "finding"})) for line in lines] == [
        "raw",
        "recognised",
        "hex",
        "finding",
    ]
    assert (lines[-1]["finding"], lines[-1]["likelier"][0]) == (
        "recognised",
        lines[1]["recognised"],
    )


def test_capture_without_a_profile_records_raw_bytes(here: Typed, tmp_path: Path) -> None:
    """Also of a device that no profile reads; and it plays again, but not as a BLE device."""
    log = tmp_path / "raw.ndjson"
    with saying(NOISE) as url:
        code, told = here("bench", "capture", str(log), "--port", url, "--for", "2s")
    head, lines = read_wire_log(log)
    played, said = here("bench", "replay", str(log), "--on", "tcp", "--no-wait")
    refused, why = here("bench", "replay", str(log), "--on", "ble:usb:0", "--no-wait")

    assert code == 0
    assert f"wire log {log}" in told
    assert head.profile == ""
    assert b"".join(line.data for line in lines if line.what == "in") == NOISE
    assert played == 0
    assert "aurasim bench listen --port socket://" in said
    assert refused == 2
    assert "Play it on pty or tcp" in why


def test_check_without_a_profile_says_what_finds_out(here: Typed) -> None:
    """It has limits to hold a device to: it needs one."""
    code, told = here("bench", "check", "--port", "/dev/none")

    assert code == 2
    assert "aurasim bench listen" in told

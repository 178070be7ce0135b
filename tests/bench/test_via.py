"""A fleet whose frames leave by a real port."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import simpy

from simulator.bench.being import PtyPort
from simulator.bench.ear import Ear
from simulator.bench.framing import cutter_for
from simulator.bench.links import Chunk, LinkError, LinkReason
from simulator.bench.links.hci import switch_on
from simulator.bench.via import BleWire, ble_delivery, probe, serial_delivery
from simulator.clock import REAL, monotonic_s
from simulator.codec import Context
from simulator.device import ActKind, People
from simulator.errors import InputError
from simulator.frame import Kind
from simulator.journal import (
    FORMAT,
    FileJournal,
    FrameSent,
    Received,
    Replied,
    RunStarted,
    read_journal,
)
from simulator.native import Delivery, DeliveryError
from simulator.profile import codec_of, load
from simulator.rerun import read_written, resume
from simulator.rerun.going_on import CannotGoOnError
from simulator.run import Run, RunSettings, table_of
from simulator.run.planned import Planned
from simulator.sandbox import Sandbox, serve
from tests.bench.conftest import PATIENCE_S


@pytest.fixture
def aura_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of a made-up client, and a folder of our own for what runs leave open."""
    monkeypatch.setenv("AURA_CLIENT_ID", "bench")
    monkeypatch.setenv("AURA_CLIENT_SECRET", "bench-secret")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.usefixtures("aura_state")
async def test_every_frame_of_a_fleet_leaves_by_the_port(tmp_path: Path) -> None:
    """What is heard at the other end are the frames of the journal, whole and readable."""
    profile = load("serial-pendant-base")
    heard = bytearray()
    port = PtyPort(tmp_path / "ttyFLEET", heard.extend)
    port.plug()
    out = tmp_path / "run"

    def run(url: str) -> None:
        settings = RunSettings(
            mix={profile.name: 3},
            for_s=3.0,
            clock=REAL,
            target=url,
            out=out,
            people=People(presses=2.0, cancel_share=0.0),
            native=serial_delivery(str(port.path)),
            drain_s=0.5,
        )
        with FileJournal(out) as journal:
            Run(settings, journal).execute()

    async with serve(Sandbox(simpy.Environment(), 0.0)) as server:
        await asyncio.to_thread(run, server.base_url)
    port.unplug()

    ear = Ear(profile)
    frames = ear.hear(Chunk(monotonic_s(), bytes(heard)))
    sent = [one for one in read_journal(out) if isinstance(one, FrameSent)]
    taken = [one for one in read_journal(out) if isinstance(one, Received) and not one.dropped]
    assert sent
    assert sorted(one.payload.hex() for one in frames) == sorted(one.hex for one in sent)
    assert len(taken) == len(sent)
    assert ear.counts.garbage_bytes == 0
    assert any(Kind.PRESS in one.kinds for one in frames)


@pytest.mark.usefixtures("aura_state")
async def test_what_the_other_side_answers_reaches_the_device(tmp_path: Path) -> None:
    """An acknowledgement of each line goes to the device that said it."""
    profile = load("aurasim-avr-button")
    codec, cutter = codec_of(profile), cutter_for(profile)
    acknowledged: asyncio.Queue[bytes] = asyncio.Queue()

    def hear(data: bytes) -> None:
        for line in cutter.feed(data):
            acknowledged.put_nowait(codec.reply(line, Context()) or b"")

    port = PtyPort(tmp_path / "ttyFLEET", hear)
    port.plug()
    out = tmp_path / "run"

    async def answer() -> None:
        while True:
            await port.write(await acknowledged.get())

    def run(url: str) -> None:
        settings = RunSettings(
            mix={profile.name: 1},
            for_s=5.0,  # a busy machine answers late
            clock=REAL,
            target=url,
            out=out,
            acts=(Planned(f"{profile.name}/1", 0.1, ActKind.PRESS, ""),),
            native=serial_delivery(str(port.path)),
            drain_s=3.0,
        )
        with FileJournal(out) as journal:
            Run(settings, journal).execute()

    answering = asyncio.create_task(answer())
    async with serve(Sandbox(simpy.Environment(), 0.0)) as server:
        await asyncio.to_thread(run, server.base_url)
    answering.cancel()
    await asyncio.wait([answering])
    port.unplug()

    records = list(read_journal(out))
    said = [one for one in records if isinstance(one, FrameSent)]
    answers = [one for one in records if isinstance(one, Replied)]
    wanted = {
        one.seq: (codec.reply(bytes.fromhex(one.hex), Context()) or b"").hex() for one in said
    }
    assert any(not one.lost for one in answers)
    assert {one.seq: one.hex for one in answers}.items() <= wanted.items()


@pytest.mark.usefixtures("aura_state")
async def test_a_port_that_is_not_there_fails_the_frames_not_the_run(tmp_path: Path) -> None:
    """Each frame is accounted for, with why it did not leave."""
    out = tmp_path / "run"

    def run(url: str) -> None:
        settings = RunSettings(
            mix={"serial-pendant-base": 1},
            for_s=1.0,
            clock=REAL,
            target=url,
            out=out,
            people=People(presses=5.0, cancel_share=0.0),
            native=serial_delivery(str(tmp_path / "none")),
            drain_s=0.5,
        )
        with FileJournal(out) as journal:
            Run(settings, journal).execute()

    async with serve(Sandbox(simpy.Environment(), 0.0)) as server:
        await asyncio.to_thread(run, server.base_url)

    dropped = [one.dropped or "" for one in read_journal(out) if isinstance(one, Received)]
    assert dropped
    assert all("no such device" in reason for reason in dropped)


def begun(settings: RunSettings) -> RunStarted:
    """Return the first record of a run."""
    return RunStarted(
        t=0.0,
        format=FORMAT,
        version="0",
        seed=settings.seed,
        clock=str(settings.clock),
        target=settings.target,
        tier="sandbox",
        started="2026-11-21T12:00:00Z",
        for_s=settings.for_s,
        mix=dict(settings.mix),
        delivery="native",
        settings=table_of(settings),
    )


Typed = Callable[..., tuple[int, str]]
TO_GO = ["run", "--clock", "real", "--for", "1s", "--target", "http://127.0.0.1:1/panic-api/v2"]


def test_a_serial_port_that_is_missing_ends_the_command_at_once(here: Typed) -> None:
    """Before a device is linked; with what to look at."""
    code, told = here(*TO_GO, "--profile", "gt06", "--via", "serial", "--port", "/dev/none")

    assert code == 3
    assert "there is no such device" in told
    assert "aurasim bench ports" in told
    assert "linked" not in told


async def test_an_adapter_that_is_missing_is_told() -> None:
    """A dongle that is not plugged in, and a virtual one whose program has ended."""
    async with asyncio.timeout(PATIENCE_S):
        loop = asyncio.get_running_loop()
        server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        for transport in (f"tcp-client:127.0.0.1:{port}", "serial:/nonexistent", "usb:0"):
            with pytest.raises(LinkError, match="aurasim bench air") as refused:
                await probe(ble_delivery(transport))
            assert refused.value.reason is LinkReason.ADAPTER_OFF
            assert str(refused.value).startswith(transport)


async def test_an_adapter_that_is_off_is_told() -> None:
    """It is there, and says nothing."""
    from bumble.device import Device
    from bumble.hci import Address

    from simulator.bench.links.hci import hci_transport

    loop = asyncio.get_running_loop()
    async with await loop.create_server(asyncio.Protocol, "127.0.0.1", 0) as server:
        transport = f"tcp-client:127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with hci_transport(transport) as hci:
            device = Device.with_hci("x", Address.ANY_RANDOM, hci.source, hci.sink)
            with pytest.raises(LinkError, match="it does not answer") as refused:
                await switch_on(device, "usb:0", answer_s=0.1)

    assert refused.value.reason is LinkReason.ADAPTER_OFF
    assert "Plug the dongle in" in refused.value.remedy


@pytest.mark.parametrize("name", ["hci0", "bluetooth:0", "tcp-client:nowhere", "usb", ""])
async def test_what_is_no_adapter_is_refused(name: str) -> None:
    """What can be said is in the message."""
    with pytest.raises(InputError, match=r"no Bluetooth adapter of ours.*usb:0"):
        await probe(ble_delivery(name))


def test_a_profile_without_a_ble_form_is_refused() -> None:
    """Named, with what its [wire] lacks and which profiles have one."""
    with pytest.raises(DeliveryError, match=r"gt06 is no BLE device.*shelly-blu-button1"):
        ble_delivery("usb:0").check([load("shelly-blu-button1"), load("gt06")])

    BleWire("usb:0").check([load("shelly-blu-button1"), load("aurasim-avr-button")])


def test_via_and_port_belong_together(here: Typed) -> None:
    """And it is no delivery to an endpoint."""
    for half in (("--via", "ble"), ("--port", "usb:0")):
        code, told = here(*TO_GO, "--profile", "gt06", *half)
        assert code == 2
        assert "--via and --port belong together" in told
    code, told = here(*TO_GO, "--via", "ble", "--port", "usb:0", "--deliver", "native")
    assert code == 2
    assert "leave --deliver and --to away" in told


@pytest.mark.parametrize(
    ("delivery", "named"),
    [
        (serial_delivery("/dev/ttyUSB0"), "--via serial --port /dev/ttyUSB0"),
        (ble_delivery("usb:0"), "--via ble --port usb:0"),
    ],
)
def test_a_run_by_a_port_does_not_go_on(
    tmp_path: Path, here: Typed, delivery: Delivery, named: str
) -> None:
    """The port has heard part of it: what, why, and the command that runs it anew."""
    out = tmp_path / "run"
    settings = RunSettings(
        mix={"shelly-blu-button1": 1}, clock=REAL, target=TO_GO[-1], out=out, native=delivery
    )
    with FileJournal(out) as journal:
        journal.write(begun(settings))

    with pytest.raises(CannotGoOnError) as refused:
        resume(out)
    code, told = here("resume", str(out))
    written = read_written(out).settings.native

    assert f"Run it anew with {named}." in str(refused.value)
    assert "has heard part of it" in str(refused.value)
    assert (code, str(refused.value) in told) == (2, True)
    assert written == delivery
    assert written is not None
    with pytest.raises(DeliveryError, match=named):  # what is left of it names no open port
        written.check([load("shelly-blu-button1")])

"""A fleet on the air: every device its own peripheral, heard by bleak's own BlueZ code."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import simpy

from simulator.bench.being.ble_identity import ble_identity
from simulator.bench.emulate.air import Air, bluez_in
from simulator.bench.emulate.hci_door import hci_door
from simulator.bench.framing import cutter_for
from simulator.bench.links import AdvertLink, Aim, Chunk, GattLink, Link
from simulator.bench.via import BleWire, wired_delivery
from simulator.bench.via_ble import BleCarrier
from simulator.clock import REAL
from simulator.codec import Context
from simulator.device import ActKind
from simulator.frame import Frame, Kind, Value
from simulator.journal import DeviceLinked, FileJournal, FrameSent, Received, read_journal
from simulator.native.parcel import Caller, Parcel
from simulator.native.uplink import Uplink
from simulator.profile import codec_of, load
from simulator.rng import Rng
from simulator.run import Run, RunSettings
from simulator.run.planned import Planned
from simulator.sandbox import Sandbox, serve

PATIENCE_S = 60.0
SHELLY = "shelly-blu-button1"
AVR = "aurasim-avr-button"


@dataclass(frozen=True, slots=True)
class Space:
    """Virtual radio with a machine that listens, and the way to an adapter of one's own."""

    air: Air
    transport: str


@pytest.fixture
async def space(
    needs: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Space]:
    needs("ble")
    monkeypatch.setenv("AURA_CLIENT_ID", "bench")
    monkeypatch.setenv("AURA_CLIENT_SECRET", "bench-secret")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    air = Air()
    async with bluez_in(air) as environment, hci_door(air) as transport:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield Space(air, transport)


class Ear:
    """Takes all that a link brings, by who said it."""

    def __init__(self, link: Link, address: str = "") -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._link = link
        self._address = address
        self._news = asyncio.Event()

    async def until(self, whole: bytes) -> None:
        """Wait until just these bytes were heard."""
        async with asyncio.timeout(PATIENCE_S):
            while b"".join(data for _, data in self.heard) != whole:
                self._news.clear()
                await self._news.wait()

    async def listen(self, reply: Callable[[bytes], bytes | None] | None = None) -> None:
        """Open the link and take what comes, for ever; answer it if there is an answer."""
        await self._link.open()
        try:
            async for happening in self._link.happenings():
                if not isinstance(happening, Chunk):
                    continue
                self.heard.append((happening.address or self._address, happening.data))
                self._news.set()
                answer = reply(happening.data) if reply else None
                if answer:
                    await self._link.send(answer)
        finally:
            await self._link.close()


async def run_fleet(settings: Callable[[str], RunSettings], out: Path) -> None:
    """Let a fleet run in a thread of its own, as a command does."""

    def run(url: str) -> None:
        with FileJournal(out) as journal:
            Run(settings(url), journal).execute()

    async with serve(Sandbox(simpy.Environment(), 0.0)) as server:
        await asyncio.to_thread(run, server.base_url)


def presses(profile: str, *at_s: float) -> tuple[Planned, ...]:
    """Return one press of each device of a model."""
    return tuple(
        Planned(f"{profile}/{number}", one_s, ActKind.PRESS, "")
        for number, one_s in enumerate(at_s, 1)
    )


def addresses(out: Path) -> dict[str, str]:
    """Return the radio addresses of a run's devices."""
    return {
        one.device: ble_identity(load(one.profile), one.serial).address
        for one in read_journal(out)
        if isinstance(one, DeviceLinked)
    }


def sent(out: Path) -> list[tuple[str, bytes]]:
    """Return (address, payload) of the frames that left, by the journal."""
    known = addresses(out)
    records = list(read_journal(out))
    left = {(r.device, r.seq) for r in records if isinstance(r, Received) and not r.dropped}
    return [
        (known[one.device], bytes.fromhex(one.hex))
        for one in records
        if isinstance(one, FrameSent) and (one.device, one.seq) in left
    ]


async def test_each_advertiser_of_a_fleet_is_a_device_of_its_own(
    space: Space, tmp_path: Path
) -> None:
    """What BlueZ hears are the journal's frames, byte for byte, from the address of each device."""
    out = tmp_path / "run"
    ear = Ear(AdvertLink(Aim("any", load(SHELLY).wire)))
    listening = asyncio.create_task(ear.listen())

    await run_fleet(
        lambda url: RunSettings(
            mix={SHELLY: 3},
            for_s=1.0,
            clock=REAL,
            target=url,
            out=out,
            acts=presses(SHELLY, 0.1, 0.1, 0.5),
            native=wired_delivery(BleWire(space.transport), space.transport),
            drain_s=6.0,
        ),
        out,
    )
    listening.cancel()
    await asyncio.wait([listening])

    frames = sent(out)
    assert len({address for address, _ in frames}) == 3
    assert len(frames) == len(set(frames)) >= 3
    assert set(ear.heard) == set(frames)
    assert {address.replace(":", "") for address, _ in frames} == {
        one.serial for one in read_journal(out) if isinstance(one, DeviceLinked)
    }
    received = [one for one in read_journal(out) if isinstance(one, Received)]
    assert len(received) == len(frames)  # once each, however often they were repeated


async def test_each_connected_device_of_a_fleet_is_a_peripheral_of_its_own(space: Space) -> None:
    """A gateway connects to one after the other, hears its frames whole, and answers it alone."""
    profile, desk = load(AVR), DeskOfGlass()
    said = {number: [avr_frame(number, sequence) for sequence in (1, 2)] for number in (1, 2)}
    ears = {}
    for number in said:
        address = ble_identity(profile, profile.identity.serial_of(number)).address
        link = GattLink(Aim(address, profile.wire), find_s=PATIENCE_S)
        ears[number] = Ear(link, address)
    listening = [asyncio.create_task(ear.listen(acknowledging(AVR))) for ear in ears.values()]

    async with asyncio.TaskGroup() as tasks:
        carrier = BleCarrier(desk, tasks, space.transport, gateway_s=PATIENCE_S, reply_s=1.0)
        for turn in (0, 1):
            for number, frames in said.items():
                carrier.send(parcel_of(AVR, frames[turn], number=number))
        await desk.until(4)
        await asyncio.gather(*(ear.until(b"".join(said[one])) for one, ear in ears.items()))
        await desk.until_replies(4)
        await carrier.close()
    for task in listening:
        task.cancel()
    await asyncio.wait(listening)

    assert desk.told == ["delivered"] * 4
    acknowledgements = [(device, data) for device, _, data in desk.replies]
    for number, frames in said.items():
        told = [codec_of(profile).reply(frame, Context()) for frame in frames]
        assert [data for who, data in acknowledgements if who == f"{AVR}/{number}"] == told


def avr_frame(number: int, sequence: int) -> bytes:
    """Return an event of one of our AVR buttons, longer than a notification."""
    values: dict[str, Value] = {
        "message": "event",
        "event": "sos",
        "boot": 0,
        "attempt": 1,
        "battery_mv": 2900,
    }
    serial = load(AVR).identity.serial_of(number)
    return codec_of(load(AVR)).encode({**values, "serial": serial, "sequence": sequence})


def acknowledging(model: str) -> Callable[[bytes], bytes | None]:
    """Return what answers the frames of a device as a server does."""
    cutter, codec = cutter_for(load(model)), codec_of(load(model))

    def answer(data: bytes) -> bytes | None:
        return b"".join(codec.reply(frame, Context()) or b"" for frame in cutter.feed(data))

    return answer


@dataclass
class DeskOfGlass:
    """A desk that remembers what was reported."""

    told: list[str] = field(default_factory=list)
    replies: list[tuple[str, int, bytes]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def delivered(self, parcel: Parcel, status: int) -> None:
        del parcel, status
        self._tell("delivered")

    def failed(self, parcel: Parcel, reason: str) -> None:
        del parcel
        self._tell(reason)

    def replied(self, device: str, sequence: int, reply: bytes) -> None:
        self.replies.append((device, sequence, reply))
        self.news.set()

    def troubled(self, device: str, reason: str) -> None:
        raise AssertionError(device, reason)

    def _tell(self, what: str) -> None:
        self.told.append(what)
        self.news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.told) < count:
                self.news.clear()
                await self.news.wait()

    async def until_replies(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.replies) < count:
                self.news.clear()
                await self.news.wait()


def parcel_of(model: str, payload: bytes, *, number: int = 1) -> Parcel:
    """Return a frame of a unit."""
    profile = load(model)
    device = f"{model}/{number}"
    frame = Frame(device, 0, Kind.PRESS, payload, 0.0)
    serial = profile.identity.serial_of(number)
    uplink = Uplink(address=serial, payload=payload, sequence=0, received_s=0.0, model=model)
    caller = Caller(
        device, codec_of(profile), None, lambda: None, Rng(1).stream(number, "line"), lambda: 0.0
    )
    return Parcel(f"{device}:0", frame, uplink, caller)


async def test_an_adapter_that_was_unplugged_is_opened_anew(space: Space) -> None:
    """The frame at which it is noticed fails, with what to do; the next one leaves."""
    desk = DeskOfGlass()
    said = parcel_of(SHELLY, b"\x44\x00\x01\x3a\x01")
    async with asyncio.TaskGroup() as tasks:
        async with hci_door(space.air) as transport:
            carrier = BleCarrier(desk, tasks, transport, gateway_s=1.0, reply_s=0.1)
            carrier.send(said)
            await desk.until(1)
        carrier.send(said)
        await desk.until(2)
        async with hci_door(space.air, int(transport.rpartition(":")[2])):
            carrier.send(said)
            await desk.until(3)
            await carrier.close()

    assert [one == "delivered" for one in desk.told] == [True, False, True]
    assert "aurasim bench air" in desk.told[1]


async def test_a_device_that_nobody_connects_to_is_told(space: Space) -> None:
    """Its frame has not left, and the report says what is missing; other devices go on."""
    desk = DeskOfGlass()
    async with asyncio.TaskGroup() as tasks:
        carrier = BleCarrier(desk, tasks, space.transport, gateway_s=0.1, reply_s=0.1)
        carrier.send(parcel_of(AVR, b"$PAURE*00\r\n"))
        carrier.send(parcel_of(SHELLY, b"\x44\x00\x01\x3a\x01"))
        await desk.until(2)
        await carrier.close()

    assert "no gateway connected and subscribed within 0.1 s" in desk.told[0]
    assert "Start what listens at the other end" in desk.told[0]
    assert desk.told[1] == "delivered"


async def test_a_frame_that_no_advertisement_has_room_for_is_told(space: Space) -> None:
    """31 bytes are all that every scanner hears."""
    desk = DeskOfGlass()
    async with asyncio.TaskGroup() as tasks:
        carrier = BleCarrier(desk, tasks, space.transport, gateway_s=0.1, reply_s=0.1)
        carrier.send(parcel_of(SHELLY, bytes(25)))
        carrier.send(parcel_of(SHELLY, bytes(24)))
        await desk.until(2)
        await carrier.close()

    assert "a frame of 25 bytes is 1 too long for an advertisement" in desk.told[0]
    assert desk.told[1] == "delivered"

"""A device's connection: log in, speak, be answered or not, and connect again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from simulator.codec import codec
from simulator.frame import Frame, Kind
from simulator.native import Endpoint, Segments, Uplink
from simulator.native.parcel import CONFIRMED, NO_FRAME, WRITTEN, Caller, Parcel
from simulator.native.pauses import Pauses
from simulator.native.tracker import TcpCarrier, UdpCarrier
from simulator.rng import Rng

SPEED = 200.0  # run seconds a second: pauses and logins take milliseconds
LOGIN = bytes.fromhex("000f333536333037303432343431303133")
WATCH = b"[3G*0791000042*0002*LK]"
ALARM = b"[3G*0791000042*0002*AL]"
NEWS = b"!5,17,V,50;"  # a protocol without replies

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Notes:
    """A desk that takes notes, and tells when one came."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, int | str, object]] = []
        self.news = asyncio.Event()

    def delivered(self, parcel: Parcel, status: int) -> None:
        """Take a note."""
        self._keep("delivered", parcel.frame.sequence, status)

    def failed(self, parcel: Parcel, reason: str) -> None:
        """Take a note."""
        self._keep("failed", parcel.frame.sequence, reason)

    def replied(self, device: str, sequence: int, reply: bytes) -> None:
        """Take a note."""
        del device
        self._keep("replied", sequence, reply)

    def troubled(self, device: str, reason: str) -> None:
        """Take a note."""
        self._keep("troubled", device, reason)

    async def until(self, count: int, kind: str) -> list[tuple[int | str, object]]:
        """Wait for so many notes of a kind."""
        async with asyncio.timeout(10.0):
            while len(found := [(who, what) for k, who, what in self.kept if k == kind]) < count:
                self.news.clear()
                await self.news.wait()
        return found

    def _keep(self, kind: str, who: int | str, what: object) -> None:
        self.kept.append((kind, who, what))
        self.news.set()


def parcel(
    name: str, sequence: int, frame: bytes, kind: Kind = Kind.PRESS, login: bytes = b""
) -> Parcel:
    """Return a frame of the device `d/1`."""
    caller = Caller(
        "d/1", codec(name), None, lambda: login or None, Rng(1).stream(1, "x"), lambda: 0.0
    )
    made = Frame("d/1", sequence, kind, frame, 0.0)
    uplink = Uplink(address="1", payload=frame, sequence=sequence, received_s=0.0)
    return Parcel(f"d/1:{sequence}", made, uplink, caller)


@asynccontextmanager
async def line(
    script: Script, segments: Segments = Segments.WHOLE
) -> AsyncIterator[tuple[TcpCarrier, Notes]]:
    """Serve connections by a script, and give a carrier that talks to it."""
    notes = Notes()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    endpoint = Endpoint.parse(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with asyncio.TaskGroup() as tasks:
        carrier = TcpCarrier(endpoint, notes, tasks, segments=segments, speed=SPEED)
        yield carrier, notes
        await carrier.close()
    server.close()
    await server.wait_closed()
    await asyncio.sleep(0.01)  # let the server's side of the connections end


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read all and say nothing."""
    del writer
    while await reader.read(4096):
        pass


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as the watch dialect does: with the same frame."""
    while data := await reader.read(4096):
        writer.write(data)


async def test_a_reply_settles_a_frame() -> None:
    """It is delivered, and the reply goes to the device."""
    async with line(echo) as (carrier, notes):
        carrier.send(parcel("watch3g", 4, WATCH))

        assert await notes.until(1, "delivered") == [(4, CONFIRMED)]
        assert await notes.until(1, "replied") == [(4, WATCH)]


async def test_a_protocol_without_replies_is_delivered_when_written() -> None:
    """Nothing is waited for."""
    async with line(silent) as (carrier, notes):
        carrier.send(parcel("minifinder_v1", 1, NEWS))

        assert await notes.until(1, "delivered") == [(1, WRITTEN)]


async def test_a_tracker_logs_in_before_it_speaks() -> None:
    """The IMEI first; the packet follows its acceptance, not before."""
    heard: list[bytes] = []

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(4096))
        writer.write(b"\1")
        heard.append(await reader.read(4096))
        writer.write(b"\0\0\0\1")
        await silent(reader, writer)

    packet = bytes.fromhex(
        "000000000000003608010000016B40D8EA30010000000000000000000000000000000105021503010101425E0F"
        "01F10000601A014E0000000000000000010000C7CF"
    )
    async with line(server) as (carrier, notes):
        carrier.send(parcel("teltonika", 7, packet, login=LOGIN))

        assert await notes.until(1, "delivered") == [(7, CONFIRMED)]
    assert heard == [LOGIN, packet]


async def test_the_login_of_the_firmware_is_the_login() -> None:
    """It is not said twice, and its reply goes to the device."""
    heard = bytearray()

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(4096))
        writer.write(b"\1")
        await silent(reader, writer)

    async with line(server) as (carrier, notes):
        carrier.send(parcel("teltonika", 0, LOGIN, Kind.LOGIN, login=LOGIN))

        assert await notes.until(1, "replied") == [(0, b"\1")]
    assert bytes(heard) == LOGIN


async def test_a_login_that_nobody_answers_is_said_three_times() -> None:
    """Then the device hangs up, and begins again after a pause."""
    connections: list[bytes] = []

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        connections.append(b"")
        while data := await reader.read(4096):
            connections[-1] += data

    async with line(server) as (carrier, notes):
        carrier.send(parcel("teltonika", 7, b"-", login=LOGIN))
        troubled = await notes.until(1, "troubled")

        assert troubled[0] == ("d/1", "the login was not answered")
    assert connections[0] == LOGIN * 3


async def test_a_refused_login_leads_to_another_connection() -> None:
    """A server that says 00 and hangs up gets its frames when it says 01."""
    answers = [b"\0", b"\1"]

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        answer = answers.pop(0)
        writer.write(answer)
        if answer == b"\1":
            await silent(reader, writer)

    async with line(server) as (carrier, notes):
        carrier.send(parcel("teltonika", 7, b"no packet", login=LOGIN))

        assert await notes.until(1, "delivered") == [(7, WRITTEN)]
        assert carrier.counts.connected == 2


async def test_a_broken_connection_fails_what_was_not_answered() -> None:
    """The firmware says it again; meanwhile the line has connected anew."""
    talks = 0

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal talks
        talks += 1
        data = await reader.read(4096)
        if talks > 1:
            writer.write(data)
            await silent(reader, writer)

    async with line(server) as (carrier, notes):
        carrier.send(parcel("watch3g", 4, WATCH))
        ((sequence, reason),) = await notes.until(1, "failed")
        carrier.send(parcel("watch3g", 4, WATCH))

        assert await notes.until(1, "delivered") == [(4, CONFIRMED)]
    assert sequence == 4
    assert "closed the connection" in str(reason)
    assert carrier.counts.broken == 1


async def test_a_repetition_takes_the_place_of_its_frame() -> None:
    """Every parcel is settled once: the older one as not answered."""
    said = asyncio.Event()

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        said.set()
        await silent(reader, writer)

    async with line(server) as (carrier, notes):
        carrier.send(parcel("watch3g", 4, WATCH))
        async with asyncio.timeout(10.0):
            await said.wait()
        carrier.send(parcel("watch3g", 4, WATCH))

        ((sequence, reason),) = await notes.until(1, "failed")
    assert (sequence, reason) == (4, "not answered before it was sent again")


async def test_what_waits_for_a_connection_is_bounded() -> None:
    """The newest frame is refused, and counted."""
    async with asyncio.TaskGroup() as tasks:
        notes = Notes()
        carrier = TcpCarrier(Endpoint.parse("tcp://127.0.0.1:9"), notes, tasks, speed=0.001)
        for sequence in range(300):
            carrier.send(parcel("watch3g", sequence, WATCH))
        failed = await notes.until(44, "failed")
        await carrier.close()

    assert failed[0] == (256, "256 frames wait for a connection")
    assert carrier.counts.overflows == 44


async def test_commands_go_to_the_device() -> None:
    """They answer no frame; the firmware looks whether it knows them."""

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read(4096)
        writer.write(b"[3G*0791000042*0002*CR]" + data)
        await silent(reader, writer)

    async with line(server) as (carrier, notes):
        carrier.send(parcel("watch3g", 4, WATCH))

        assert await notes.until(2, "replied") == [
            (NO_FRAME, b"[3G*0791000042*0002*CR]"),
            (4, WATCH),
        ]
        assert carrier.counts.others == 1


async def test_a_panel_corrects_its_clock_and_says_it_again() -> None:
    """NAK with the receiver's time; the second message has it, and is acknowledged."""
    panel = codec("sia_dc09")
    heard: list[bytes] = []

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r"))
        writer.write(b'\nE4410025"NAK"0000R0L0A0[]_16:20:01,09-24-2025\r')
        heard.append(await reader.readuntil(b"\r"))
        writer.write(panel.reply(heard[1]) or b"")
        await silent(reader, writer)

    frame = b'\n4DE7003B"ADM-CID"0002L0#1234[#1234|1120 01 015]_10:15:00,03-02-2026\r'
    async with line(server) as (carrier, notes):
        carrier.send(parcel("sia_dc09", 2, frame))

        assert await notes.until(1, "delivered") == [(2, CONFIRMED)]
        assert len(await notes.until(1, "replied")) == 1
    assert heard[0] == frame
    assert panel.decode(heard[1])["time"] == "2025-09-24T16:20:01Z"


async def test_what_was_not_understood_is_not_repeated() -> None:
    """DUH: the device is told, and the journal says so."""

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r")
        said = {
            "token": "DUH",
            "sequence": "0002",
            "line_prefix": "0",
            "account": "1234",
            "data": "",
        }
        writer.write(codec("sia_dc09").encode(said))
        await silent(reader, writer)

    frame = b'\n4DE7003B"ADM-CID"0002L0#1234[#1234|1120 01 015]_10:15:00,03-02-2026\r'
    async with line(server) as (carrier, notes):
        carrier.send(parcel("sia_dc09", 2, frame))
        ((_, reason),) = await notes.until(1, "failed")

        assert "not understood" in str(reason)
        assert len(await notes.until(1, "replied")) == 1


async def test_split_frames_arrive_in_pieces() -> None:
    """A receiver that does not put them together sees no frame at all."""
    portions: list[bytes] = []

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        while data := await reader.read(4096):
            portions.append(data)

    async with line(server, Segments.SPLIT) as (carrier, notes):
        carrier.send(parcel("minifinder_v1", 1, NEWS))
        await notes.until(1, "delivered")
        await asyncio.sleep(0.005)

    assert b"".join(portions) == NEWS
    assert len(portions) > 1


async def test_glued_frames_leave_together() -> None:
    """Frames that wait at the same time come in one segment."""
    portions: list[bytes] = []

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        while data := await reader.read(4096):
            portions.append(data)

    async with line(server, Segments.COALESCED) as (carrier, notes):
        for sequence in range(3):
            carrier.send(parcel("minifinder_v1", sequence, NEWS))
        await notes.until(3, "delivered")
        await asyncio.sleep(0.005)

    assert portions == [NEWS * 3]


@pytest.mark.parametrize("way", list(Segments))
@pytest.mark.parametrize("frames", [[b"a"], [b"ab", b"c"], [b"abcdef" * 9, b"xyz" * 5]])
def test_segments_joined_are_the_frames(way: Segments, frames: list[bytes]) -> None:
    """However they are cut, and never empty."""
    for seed in range(20):
        pieces = list(way.cut(frames, Rng(seed).stream(1, "cut")))

        assert b"".join(pieces) == b"".join(frames)
        assert all(pieces)


def test_pauses_grow_and_differ() -> None:
    """Doubled to a bound, spread so that a fleet does not come back as one, reset by success."""
    pauses = Pauses(Rng(1).stream(1, "x"))
    grown = [pauses.next_s() for _ in range(12)]
    others = [Pauses(Rng(1).stream(n, "x")).next_s() for n in range(50)]
    pauses.reset()

    assert grown[-1] > 100 > grown[2] > 1
    assert max(grown) <= 450
    assert len(set(others)) == 50
    assert pauses.next_s() <= 3.0


async def test_a_datagram_nobody_takes_fails() -> None:
    """The machine says that nobody listens; the firmware will say it again."""
    async with asyncio.TaskGroup() as tasks:
        notes = Notes()
        taken = asyncio.get_running_loop()
        transport, _ = await taken.create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        transport.close()
        await asyncio.sleep(0)
        carrier = UdpCarrier(Endpoint.parse(f"udp://127.0.0.1:{port}"), notes, tasks)
        carrier.send(parcel("watch3g", 4, ALARM))
        ((sequence, reason),) = await notes.until(1, "failed")
        await carrier.close()

    assert sequence == 4
    assert "nobody listens" in str(reason)

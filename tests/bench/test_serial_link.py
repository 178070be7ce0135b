"""A serial port: read, written, unplugged, plugged, refused."""

import asyncio
import errno
import os
import socket
import termios
from pathlib import Path

import pytest

from simulator.bench.being import PtyPort
from simulator.bench.links import LinkError, LinkReason, SerialLink, SerialSettings, link_error
from simulator.bench.links.contract import Chunk, LinkCounts, LinkDown
from simulator.bench.links.inbox import Inbox
from simulator.clock import monotonic_s
from simulator.profile import Parity
from tests.bench.conftest import PATIENCE_S, opened


async def test_bytes_arrive_in_order_with_their_time(port: PtyPort) -> None:
    """Each chunk has the time at which it was read."""
    link = SerialLink(str(port.path))
    began = monotonic_s()

    async with opened(link) as log:
        await port.write(b"hello")
        await log.until_bytes(5)

    assert log.data == b"hello"
    times = [one.at_s for one in log.seen]
    assert times == sorted(times)
    assert began <= times[0] <= times[-1] <= monotonic_s()
    assert link.counts.received_bytes == 5


async def test_what_is_sent_reaches_the_device(tmp_path: Path) -> None:
    """A downlink is written to the port."""
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    port = PtyPort(tmp_path / "tty", heard.put_nowait)
    port.plug()
    link = SerialLink(str(port.path))

    async with opened(link):
        await link.send(b"ID?\n")
        said = await asyncio.wait_for(heard.get(), PATIENCE_S)

    port.unplug()
    assert said == b"ID?\n"
    assert link.counts.sent_bytes == 4


async def test_a_port_that_is_plugged_anew_is_found_again(port: PtyPort) -> None:
    """The loss is told, and bytes go on after it."""
    link = SerialLink(str(port.path))

    async with opened(link) as log:
        await port.write(b"one")
        await log.until_bytes(3)
        for times in range(1, 4):
            port.unplug()
            await log.until_downs(times)
            port.plug()
            await log.until_ups(times + 1)
            await port.write(b"two")
            await log.until_bytes(3 + 3 * times)

    assert log.data == b"one" + 3 * b"two"
    assert {down.reason for down in log.downs} == {LinkReason.LOST}
    assert link.counts.losses == link.counts.returns == 3


async def test_writing_to_an_unplugged_port_is_refused(port: PtyPort) -> None:
    """The error says that the device is gone."""
    link = SerialLink(str(port.path))

    async with opened(link) as log:
        port.unplug()
        await log.until_downs(1)
        with pytest.raises(LinkError) as refused:
            await link.send(b"x")

    assert refused.value.reason is LinkReason.LOST


async def test_a_flood_arrives_whole(port: PtyPort) -> None:
    """A megabyte without a pause loses nothing."""
    flood = bytes(range(256)) * 4096
    link = SerialLink(str(port.path))

    async with opened(link) as log:
        await asyncio.wait_for(port.write(flood), PATIENCE_S)
        await log.until_bytes(len(flood))

    assert log.data == flood
    assert link.counts.overflow_bytes == 0


async def test_what_nobody_takes_is_bounded_and_counted() -> None:
    """The inbox holds so much; what came after is counted, and what came before is kept."""
    counts = LinkCounts()
    inbox = Inbox(counts, room_bytes=1000)

    for number in range(10):
        inbox.put(Chunk(float(number), bytes(100)))
    inbox.put(LinkDown(10.0, LinkReason.LOST, ""))
    inbox.close()

    taken = [one async for one in inbox.happenings()]
    assert [one.at_s for one in taken] == [0.0, 1.0, 2.0, 3.0, 10.0]
    assert (counts.overflow_chunks, counts.overflow_bytes) == (6, 600)
    assert counts.chunks == 10


async def test_a_missing_port_says_what_to_do(tmp_path: Path) -> None:
    """The remedy names the command that lists ports."""
    with pytest.raises(LinkError, match="aurasim bench ports") as refused:
        await SerialLink(str(tmp_path / "none")).open()

    assert refused.value.reason is LinkReason.MISSING


async def test_a_busy_port_names_who_holds_it(port: PtyPort) -> None:
    """Two programs on one port would each get half of the bytes."""
    async with opened(SerialLink(str(port.path))):
        with pytest.raises(LinkError, match=rf"pid {os.getpid()}") as refused:
            await SerialLink(str(port.path)).open()

    assert refused.value.reason is LinkReason.BUSY


async def test_settings_that_the_port_does_not_take_are_told(tmp_path: Path) -> None:
    """A file that is no port takes none."""
    no_port = tmp_path / "file"
    no_port.write_text("")

    with pytest.raises(LinkError) as refused:
        await SerialLink(str(no_port), SerialSettings(parity=Parity.EVEN)).open()

    assert refused.value.reason is LinkReason.WRONG_SETTINGS


@pytest.mark.parametrize("url", ["nothing://here", "socket://127.0.0.1"])
async def test_an_url_that_cannot_be_is_refused(url: str) -> None:
    """A scheme that pyserial does not know, an address without a port."""
    with pytest.raises(LinkError) as refused:
        await SerialLink(url).open()

    assert refused.value.reason in (LinkReason.WRONG_SETTINGS, LinkReason.UNKNOWN)


async def test_a_tcp_port_that_nobody_listens_on_is_missing() -> None:
    """The same family of errors for pyserial's network schemes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]

    with pytest.raises(LinkError) as refused:
        await SerialLink(f"socket://127.0.0.1:{free}").open()

    assert refused.value.reason is LinkReason.MISSING


async def test_a_network_port_is_read_and_its_end_is_told() -> None:
    """`socket://` is a port like another; when its peer hangs up, the link is lost."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link = SerialLink(f"socket://127.0.0.1:{listener.getsockname()[1]}", seeks=False)
        await link.open()
        peer, _ = listener.accept()
        peer.sendall(b"hello")
        peer.close()
        seen = [one async for one in link.happenings()]
        await link.close()

    assert b"".join(one.data for one in seen if isinstance(one, Chunk)) == b"hello"
    assert isinstance(seen[-1], LinkDown)


async def test_a_spied_port_leaves_a_wire_log(port: PtyPort, tmp_path: Path) -> None:
    """`spy://` is taken as it is."""
    log_file = tmp_path / "spy.txt"
    link = SerialLink(f"spy://{port.path}?file={log_file}")

    async with opened(link) as log:
        await port.write(b"abc")
        await log.until_bytes(3)

    assert "61" in log_file.read_text()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(errno.EACCES, "no"), LinkReason.NO_PERMISSION),
        (OSError(errno.EBUSY, "busy"), LinkReason.BUSY),
        (OSError(errno.EIO, "gone"), LinkReason.LOST),
        (termios.error(errno.EINVAL, "parity"), LinkReason.WRONG_SETTINGS),
        (TimeoutError(), LinkReason.TIMEOUT),
        (ValueError("Not a valid baudrate"), LinkReason.WRONG_SETTINGS),
        (OSError("something else"), LinkReason.UNKNOWN),
    ],
)
def test_every_failure_has_a_reason_and_a_remedy(error: BaseException, reason: LinkReason) -> None:
    """What pyserial raises becomes one family with a next step."""
    found = link_error("/dev/ttyX", error)

    assert found.reason is reason
    assert found.remedy
    assert found.remedy in str(found)


async def test_closing_ends_the_iteration_and_can_be_done_before_a_return(port: PtyPort) -> None:
    """A link that seeks its device can be closed all the same."""
    link = SerialLink(str(port.path))

    async with opened(link) as log:
        port.unplug()
        await log.until_downs(1)

    assert log.ups == 1

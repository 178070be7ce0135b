"""Where a device that we are can be heard: a pseudo terminal, TCP, RFC 2217, or BLE."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

import serial
from serial.rfc2217 import PortManager

from simulator.bench.being.ble_identity import BleIdentity, advertises, ble_identity
from simulator.bench.being.pty_port import PtyPort
from simulator.bench.framing import wrap
from simulator.bench.links import LinkError, LinkReason
from simulator.errors import InputError, UnavailableError
from simulator.profile import BleLink, Profile

_HOST = "127.0.0.1"
_INTERVAL_S = 0.03  # of a BLE device whose profile says no more
_PLACES = "pty[:PATH], tcp[:PORT], rfc2217[:PORT] or ble:TRANSPORT"


class Voice(Protocol):
    """A way to be heard; `where` is what to tell the other side."""

    @property
    def where(self) -> str:
        """Return the option by which a bench command reaches it, such as `--port /tmp/tty`."""
        ...

    async def say(self, frame: bytes) -> None:
        """Say bytes as they are on the wire; to nobody, when nobody listens."""
        ...

    async def unplug(self) -> None:
        """Vanish."""
        ...

    async def plug(self) -> None:
        """Be there again."""
        ...


class PtyVoice:
    """A pseudo terminal."""

    def __init__(self, port: PtyPort) -> None:
        self._port = port

    @property
    def where(self) -> str:
        """The path, as an option."""
        return f"--port {self._port.path}"

    async def say(self, frame: bytes) -> None:
        """Write to the port."""
        if self._port.is_plugged:
            await self._port.write(frame)

    async def unplug(self) -> None:
        """Let the port vanish."""
        self._port.unplug()

    async def plug(self) -> None:
        """Let it appear."""
        self._port.plug()


class _Session(asyncio.Protocol):
    """One connection; over RFC 2217 the port's settings are taken, and mean nothing."""

    def __init__(self, voice: "TcpVoice") -> None:
        self._voice = voice
        self.transport: asyncio.WriteTransport | None = None
        self._telnet: PortManager | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - what TCP has
        self.transport = transport
        self._voice.sessions.add(self)
        if self._voice.is_telnet:
            self._telnet = PortManager(serial.serial_for_url("loop://"), transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._voice.sessions.discard(self)

    def data_received(self, data: bytes) -> None:
        heard = b"".join(self._telnet.filter(data)) if self._telnet else data
        if heard:
            self._voice.hear(heard)

    def say(self, data: bytes) -> None:
        if self.transport is not None:
            told = b"".join(self._telnet.escape(data)) if self._telnet else data
            self.transport.write(told)


class TcpVoice:
    """A TCP port of this machine; every connection hears all."""

    def __init__(self, port: int, hear: Callable[[bytes], object], *, is_telnet: bool) -> None:
        self.hear = hear
        self.is_telnet = is_telnet
        self.sessions: set[_Session] = set()
        self._port = port
        self._server: asyncio.Server | None = None

    @property
    def where(self) -> str:
        """The URL, as an option."""
        return f"--port {'rfc2217' if self.is_telnet else 'socket'}://{_HOST}:{self._port}"

    async def say(self, frame: bytes) -> None:
        """Write to every connection."""
        for session in list(self.sessions):
            session.say(frame)

    async def unplug(self) -> None:
        """Hang up, and take no calls."""
        if self._server is not None:
            self._server.close()
            for session in list(self.sessions):
                if session.transport is not None:
                    session.transport.close()
            self._server = None

    async def plug(self) -> None:
        """Listen; raise UnavailableError where the port is taken."""
        if self._server is not None:
            return
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: _Session(self), _HOST, self._port)
        except OSError as error:
            message = (
                f"The device cannot listen on {_HOST}:{self._port}: {error.strerror}. "
                "Take another port, or none for a free one."
            )
            raise UnavailableError(message) from error
        self._port = self._server.sockets[0].getsockname()[1]


@asynccontextmanager
async def open_voice(
    place: str, profile: Profile | None, hear: Callable[[bytes], object], *, serial: str = ""
) -> AsyncIterator[Voice]:
    """Give a voice that is plugged in; `hear` is told what the other side says.

    A radio shows what it is: it needs a profile. `serial` says which unit of the model it is, where
    a radio shows that; the first, if not given.
    """
    kind, _, rest = place.partition(":")
    async with AsyncExitStack() as stack:
        if kind == "pty":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="aurasim-"))
            path = Path(rest) if rest else Path(folder) / "ttyAURA"
            voice: Voice = PtyVoice(PtyPort(path, hear))
        elif kind in ("tcp", "rfc2217"):
            voice = TcpVoice(_number(rest), hear, is_telnet=kind == "rfc2217")
        elif kind == "ble" and rest:
            if profile is None:
                message = (
                    "What it was is not known, so it cannot be a BLE device. Play it on pty or tcp."
                )
                raise InputError(message)
            identity = ble_identity(profile, serial or profile.identity.serial_of(1))
            voice = await stack.enter_async_context(_ble(rest, profile, hear, identity))
        else:
            message = f"'{place}' is no place to be a device. Say {_PLACES}."
            raise InputError(message)
        await voice.plug()
        try:
            yield voice
        finally:
            await voice.unplug()


def _number(text: str) -> int:
    if text and not (text.isdecimal() and int(text) < 65536):
        message = f"'{text}' is no port number."
        raise InputError(message)
    return int(text or 0)


@asynccontextmanager
async def _ble(
    transport: str, profile: Profile, hear: Callable[[bytes], object], identity: BleIdentity
) -> AsyncIterator[Voice]:
    """Give a BLE peripheral on an HCI transport; raise `LinkError` without one."""
    try:
        from bumble.device import Device
        from bumble.hci import Address

        from simulator.bench.being.ble_button import BlePeripheral, BleVoice
        from simulator.bench.links.hci import hci_transport
    except ImportError as error:
        message = "bumble is not installed (pip install 'aurasim[bench]')"
        raise LinkError(transport, LinkReason.ADAPTER_OFF, message) from error
    async with hci_transport(transport) as hci:
        name = identity.name
        device = Device.with_hci(name, Address(identity.address), hci.source, hci.sink)
        radio = profile.link
        if isinstance(radio, BleLink):
            interval_s, burst_s = radio.interval_s, radio.packets * radio.interval_s
        else:
            interval_s, burst_s = _INTERVAL_S, None
        peripheral = BlePeripheral(
            device, profile.wire, name=name, hear=hear, interval_s=interval_s
        )
        yield BleVoice(peripheral, burst_s)


def on_the_wire(place: str, profile: Profile, payload: bytes, framing: str = "") -> bytes:
    """Return a frame as it is said at a place: framed on a line, whole in an advertisement."""
    if place.startswith("ble:") and advertises(profile):
        return payload
    return wrap(profile, payload, framing=framing)

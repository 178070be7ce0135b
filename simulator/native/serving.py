"""The ports of the reference middleware: HTTP for callbacks, TCP and UDP for trackers."""

import os
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from simulator.errors import UnavailableError
from simulator.native.callbacks import Callbacks
from simulator.native.middleware import Middleware
from simulator.native.sessions import TcpDoor, UdpDoor
from simulator.profile import CellularLink, DirectLink, Profile

_T = TypeVar("_T")
_BACKLOG = 2048


class ListenError(UnavailableError):
    """A port of the middleware cannot be listened on."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"The gateway cannot listen on {host}:{port}: {reason}. "
            "Stop what uses the port, or take others (0 takes a free one)."
        )
        self.host = host
        self.port = port
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen. Trackers get one port a profile, counted up from `trackers`; 0 is free."""

    host: str = "127.0.0.1"
    http: int = 0
    trackers: int = 0


@dataclass(slots=True)
class Served:
    """The addresses of a middleware that listens, and the doors behind them."""

    http: str
    callbacks: Callbacks
    tcp: dict[str, str] = field(default_factory=dict)
    udp: dict[str, str] = field(default_factory=dict)
    doors: dict[str, TcpDoor] = field(default_factory=dict)

    def urls(self) -> Mapping[str, str]:
        """Return the addresses by name: what a person needs to point a device at."""
        named = {"sigfox": f"{self.http}/sigfox", "tts": f"{self.http}/tts"}
        named["chirpstack"] = f"{self.http}/chirpstack"
        return named | self.tcp | {f"{name} (udp)": url for name, url in self.udp.items()}


@asynccontextmanager
async def serve_middleware(
    middleware: Middleware, profiles: Sequence[Profile], ports: Ports | None = None
) -> AsyncIterator[Served]:
    """Listen while the block runs; raises ListenError if a port cannot be had."""
    ports = ports or Ports()
    callbacks = Callbacks(middleware, profiles)
    trackers = [p for p in profiles if isinstance(p.link, CellularLink | DirectLink)]
    doors: list[TcpDoor | UdpDoor] = []
    try:
        http = await _opened(callbacks.listen(ports.host, ports.http), ports, ports.http)
        served = Served(http, callbacks)
        for number, profile in enumerate(trackers):
            port = ports.trackers + number if ports.trackers else 0
            tcp, udp = TcpDoor(middleware, profile), UdpDoor(middleware, profile)
            doors += [tcp, udp]
            bound = await _opened(tcp.listen(ports.host, port, _BACKLOG), ports, port)
            await _opened(udp.listen(ports.host, bound), ports, bound)
            served.tcp[profile.name] = f"tcp://{_shown(ports.host)}:{bound}"
            served.udp[profile.name] = f"udp://{_shown(ports.host)}:{bound}"
            served.doors[profile.name] = tcp
        yield served
    finally:
        for door in doors:
            await door.close()
        await callbacks.close()


async def _opened(opening: Awaitable[_T], ports: Ports, port: int) -> _T:
    try:
        return await opening
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise ListenError(ports.host, port, reason) from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host

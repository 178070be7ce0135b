"""The doors for trackers: one TCP and one UDP port a protocol, any number of devices behind each.

A door speaks the protocol of one profile. Its codec cuts the stream; a connection that has said
whose it is once need not say it again.
"""

import asyncio
from dataclasses import replace
from typing import cast

from simulator.codec import Framer
from simulator.native.middleware import Middleware, Sighting
from simulator.profile import Profile, codec_of

_MOST_SESSIONS = 20_000
_CLOSE_S = 5.0


class TcpDoor:
    """A listening port and its sessions. Mutable: sessions come and go."""

    def __init__(self, middleware: Middleware, profile: Profile) -> None:
        self.middleware = middleware
        self.profile = profile
        self.sessions: set[Session] = set()
        self.accepted = 0
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int, backlog: int) -> int:
        """Listen; return the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Session(self), host, port, backlog=backlog)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    def drop_all(self) -> None:
        """Break every connection, as a server that restarts does."""
        for session in list(self.sessions):
            session.abort()

    async def close(self) -> None:
        """Stop listening and hang up."""
        if self._server is None:
            return
        self._server.close()
        self.drop_all()
        async with asyncio.timeout(_CLOSE_S):
            await self._server.wait_closed()


class Session(asyncio.Protocol):
    """One connection. Slotted and mutable: a busy door has thousands."""

    __slots__ = ("_address", "_door", "_framer", "_transport")

    def __init__(self, door: TcpDoor) -> None:
        self._door = door
        self._framer: Framer | None = codec_of(door.profile).framer()
        self._transport: asyncio.Transport | None = None
        self._address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, unless there are too many."""
        self._transport = cast(asyncio.Transport, transport)  # as asyncio says
        if len(self._door.sessions) >= _MOST_SESSIONS:
            self._door.middleware.counts["sessions refused"] += 1
            self._transport.abort()
            return
        self._door.sessions.add(self)
        self._door.accepted += 1

    def data_received(self, data: bytes) -> None:
        """Cut the stream into frames, in whatever portions it comes."""
        for frame in self._framer.feed(data) if self._framer else [data]:
            self._take(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the session, and count what was left of its stream."""
        del exc
        self._door.sessions.discard(self)
        self._transport = None
        if self._framer and self._framer.discarded:
            self._door.middleware.counts["bytes discarded"] += self._framer.discarded

    def abort(self) -> None:
        """Break the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _take(self, frame: bytes) -> None:
        middleware = self._door.middleware
        sighting = Sighting(self._door.profile, frame)
        self._address = middleware.identify(sighting) or self._address
        middleware.take(replace(sighting, address=self._address), self._answer)

    def _answer(self, reply: bytes | None) -> None:
        if reply is not None and self._transport is not None:
            self._transport.write(reply)


class UdpDoor(asyncio.DatagramProtocol):
    """A port for datagrams: each holds a frame that says whose it is, or several."""

    def __init__(self, middleware: Middleware, profile: Profile) -> None:
        self._middleware = middleware
        self._profile = profile
        self._transport: asyncio.DatagramTransport | None = None

    async def listen(self, host: str, port: int) -> int:
        """Listen; return the port."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        bound: int = transport.get_extra_info("sockname")[1]
        return bound

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the port."""
        self._transport = cast(asyncio.DatagramTransport, transport)  # as asyncio says

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Take a frame, and answer to where it came from."""

        def answer(reply: bytes | None) -> None:
            if reply is not None and self._transport is not None:
                self._transport.sendto(reply, addr)

        self._middleware.take(Sighting(self._profile, data), answer)

    async def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
            await asyncio.sleep(0)  # asyncio closes sockets in the next turn of its loop

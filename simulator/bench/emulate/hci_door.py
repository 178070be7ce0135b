"""A way into a virtual space for other programs: every TCP connection is an adapter of its own.

What comes over it is HCI, as from any adapter: the `tcp-client:` of bumble and its tools speak it.
An adapter whose program ends is out of the space at once, and whoever was connected to it is told.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bumble import hci, ll
from bumble.transport.common import StreamPacketSink, StreamPacketSource

from simulator.bench.emulate.air import Air, AirController

HOST = "127.0.0.1"


@contextlib.asynccontextmanager
async def hci_door(air: Air, port: int = 0) -> AsyncIterator[str]:
    """Open a door while the block runs; give the transport that leads through it.

    A port of 0 is any that is free; raises OSError for one that is taken.
    """
    adapters: set[_Adapter] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Adapter(air, adapters), HOST, port)
    try:
        yield f"tcp-client:{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for adapter in tuple(adapters):
            adapter.unplug()
        await server.wait_closed()


class _Adapter(StreamPacketSource):
    """One connection, and the controller behind it."""

    def __init__(self, air: Air, plugged: "set[_Adapter]") -> None:
        super().__init__()
        self._air = air
        self._plugged = plugged
        self._transport: asyncio.WriteTransport | None = None
        self._controller: AirController | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - what TCP has
        self._transport = transport
        self._controller = AirController(
            "adapter", host_source=self, host_sink=StreamPacketSink(transport), link=self._air.link
        )
        self._plugged.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._plugged.discard(self)
        if self._controller is not None:
            _leave(self._controller, self._air)
            self._controller = None

    def unplug(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def _leave(controller: AirController, air: Air) -> None:
    """Take a controller out of a space; who is connected to it finds the connection lost."""
    controller.hush()
    lost = ll.TerminateInd(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
    for connection in tuple(controller.le_connections.values()):
        connection.send_ll_control_pdu(lost)
    air.link.remove_controller(controller)

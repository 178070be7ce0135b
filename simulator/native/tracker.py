"""Carries the frames of trackers: a TCP connection for each device, or datagrams."""

import asyncio

from simulator.native.datagrams import Datagrams
from simulator.native.endpoint import Endpoint
from simulator.native.exchange import Exchange, LineCounts
from simulator.native.line import Line
from simulator.native.parcel import Desk, Parcel
from simulator.native.segments import Segments

_DIALLING = 64


class TcpCarrier:
    """One endpoint, to which every device holds a connection of its own."""

    def __init__(
        self,
        endpoint: Endpoint,
        desk: Desk,
        tasks: asyncio.TaskGroup,
        *,
        segments: Segments = Segments.WHOLE,
        speed: float = 1.0,
    ) -> None:
        self.counts = LineCounts()
        self._tasks = tasks
        self._exchange = Exchange(
            endpoint, desk, segments, speed, asyncio.Semaphore(_DIALLING), self.counts
        )
        self._lines: dict[str, Line] = {}
        self._lives: list[asyncio.Task[None]] = []

    def send(self, parcel: Parcel) -> None:
        """Give a frame to the line of its device."""
        device = parcel.frame.device
        line = self._lines.get(device)
        if line is None:
            line = self._lines[device] = Line(parcel.caller, self._exchange)
            self._lives.append(self._tasks.create_task(line.live()))
        line.put(parcel)

    async def close(self) -> None:
        """Hang up."""
        for life in self._lives:
            life.cancel()
        if self._lives:
            await asyncio.wait(self._lives)


class UdpCarrier:
    """One endpoint, to which every device sends from a port of its own."""

    def __init__(self, endpoint: Endpoint, desk: Desk, tasks: asyncio.TaskGroup) -> None:
        self._endpoint = endpoint
        self._desk = desk
        self._tasks = tasks
        self._devices: dict[str, Datagrams] = {}

    def send(self, parcel: Parcel) -> None:
        """Send a frame as a datagram."""
        device = parcel.frame.device
        datagrams = self._devices.get(device)
        if datagrams is None:
            datagrams = self._devices[device] = Datagrams(parcel.caller, self._desk)
            self._tasks.create_task(datagrams.open(self._endpoint))
        datagrams.put(parcel)

    async def close(self) -> None:
        """Close the ports."""
        for datagrams in self._devices.values():
            datagrams.close()
        await asyncio.sleep(0)  # asyncio closes sockets in the next turn of its loop

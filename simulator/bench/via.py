"""A fleet whose frames leave by a real port: what stands at its other end is under test.

Frames of all devices leave by one serial port, framed as their profiles say, or by one BLE radio,
one after the other. What the other side writes back goes to the device that spoke last.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from simulator.bench.being.voices import Voice, on_the_wire, open_voice
from simulator.bench.framing import wrap
from simulator.bench.links import Chunk, Link, SerialLink, SerialSettings
from simulator.errors import UnavailableError
from simulator.native import Delivery
from simulator.native.endpoint import ANY
from simulator.native.parcel import WRITTEN, ClosableCarrier, Desk, Parcel
from simulator.profile import Profile, load

_MOST_WAITING = 10_000
_ON_AIR_S = 0.3  # how long a scanner has for one advertisement


def serial_delivery(port: str, *, baud: int | None = None, framing: str = "") -> Delivery:
    """Return the delivery of a run whose frames leave by a serial port."""

    def carrier(desk: Desk, tasks: asyncio.TaskGroup, models: Sequence[Profile]) -> ClosableCarrier:
        link = SerialLink(port, SerialSettings.of(models[0].wire, baud=baud))
        return _Port(desk, tasks, link, framing)

    return Delivery(to={ANY: port}, envelopes={}, wire=carrier)


def ble_delivery(transport: str) -> Delivery:
    """Return the delivery of a run whose frames leave by an HCI dongle, as one BLE device."""

    def carrier(desk: Desk, tasks: asyncio.TaskGroup, models: Sequence[Profile]) -> ClosableCarrier:
        return _Air(desk, tasks, transport, models[0])

    return Delivery(to={ANY: f"ble:{transport}"}, envelopes={}, wire=carrier)


class _Carrier:
    """Sends parcels one after the other; what waits is bounded, and what is too much has failed."""

    def __init__(self, desk: Desk, tasks: asyncio.TaskGroup) -> None:
        self._desk = desk
        self._waiting: asyncio.Queue[Parcel] = asyncio.Queue(_MOST_WAITING)
        self._latest: Parcel | None = None
        self._stack = AsyncExitStack()
        self._task = tasks.create_task(self._live())

    def send(self, parcel: Parcel) -> None:
        """Take a frame to send."""
        try:
            self._waiting.put_nowait(parcel)
        except asyncio.QueueFull:
            self._desk.failed(parcel, f"{_MOST_WAITING} frames wait for the port")

    async def close(self) -> None:
        """Let go of the port."""
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._stack.aclose()

    async def _live(self) -> None:
        while True:
            parcel = await self._waiting.get()
            try:
                await self._say(parcel)
            except UnavailableError as error:
                self._desk.failed(parcel, str(error))
                continue
            self._latest = parcel
            self._desk.delivered(parcel, WRITTEN)

    def _hear(self, data: bytes) -> None:
        if self._latest is not None:
            frame = self._latest.frame
            self._desk.replied(frame.device, frame.sequence, data)

    async def _say(self, parcel: Parcel) -> None:
        raise NotImplementedError


class _Port(_Carrier):
    """A serial port."""

    def __init__(self, desk: Desk, tasks: asyncio.TaskGroup, link: Link, framing: str) -> None:
        super().__init__(desk, tasks)
        self._link = link
        self._framing = framing
        self._listening: asyncio.Task[None] | None = None

    async def _say(self, parcel: Parcel) -> None:
        if self._listening is None:
            await self._link.open()
            self._stack.push_async_callback(self._link.close)
            self._listening = asyncio.create_task(self._listen())
            self._stack.push_async_callback(_end, self._listening)
        profile = load(parcel.uplink.model)
        await self._link.send(wrap(profile, parcel.frame.payload, framing=self._framing))

    async def _listen(self) -> None:
        async for happening in self._link.happenings():
            if isinstance(happening, Chunk):
                self._hear(happening.data)


class _Air(_Carrier):
    """A BLE radio."""

    def __init__(
        self, desk: Desk, tasks: asyncio.TaskGroup, transport: str, profile: Profile
    ) -> None:
        super().__init__(desk, tasks)
        self._place = f"ble:{transport}"
        self._profile = profile
        self._voice: Voice | None = None

    async def _say(self, parcel: Parcel) -> None:
        if self._voice is None:
            opened = open_voice(self._place, self._profile, self._hear)
            self._voice = await self._stack.enter_async_context(opened)
        payload = parcel.frame.payload
        await self._voice.say(on_the_wire(self._place, load(parcel.uplink.model), payload))
        await asyncio.sleep(_ON_AIR_S)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])

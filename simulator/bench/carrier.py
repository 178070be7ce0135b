"""What carries the frames of a run to one port: one after the other, and each accounted for."""

import asyncio
from contextlib import AsyncExitStack

from simulator.bench.links.ending import end
from simulator.errors import UnavailableError
from simulator.native.parcel import WRITTEN, Desk, Parcel

_MOST_WAITING = 10_000


class PortCarrier:
    """Sends parcels in order; what waits is bounded, and what is too much has failed.

    Subclasses say a parcel in `_say`, and raise UnavailableError where it could not leave; what
    they hold open is on `_stack`.
    """

    def __init__(self, desk: Desk, tasks: asyncio.TaskGroup) -> None:
        self._desk = desk
        self._waiting: asyncio.Queue[Parcel] = asyncio.Queue(_MOST_WAITING)
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
        await end(self._task)
        await self._stack.aclose()

    async def _live(self) -> None:
        while True:
            parcel = await self._waiting.get()
            try:
                await self._say(parcel)
            except UnavailableError as error:
                self._desk.failed(parcel, str(error))
            else:
                self._desk.delivered(parcel, WRITTEN)

    async def _say(self, parcel: Parcel) -> None:
        raise NotImplementedError

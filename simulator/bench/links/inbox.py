"""Between a thread that reads a device and the loop that works: bounded, in order, counted."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from threading import Lock

from simulator.bench.links.contract import Chunk, Happening, LinkCounts, LinkDown

_ROOM_BYTES = 16 * 2**20
_CHUNK_COST = 128  # of a chunk itself, in bytes


class Inbox:
    """What happened on a link and was not taken yet. `put` may be called from any thread."""

    def __init__(self, counts: LinkCounts, *, room_bytes: int = _ROOM_BYTES) -> None:
        self._loop = asyncio.get_running_loop()
        self._counts = counts
        self._room = room_bytes
        self._held = 0
        self._lock = Lock()
        self._waiting: deque[Happening] = deque()
        self._stirred = asyncio.Event()
        self._is_stirring = False
        self._is_closed = False

    def put(self, happening: Happening) -> None:
        """Take note of something; a chunk for which there is no room is counted and dropped."""
        with self._lock:
            if not self._is_room_for(happening):
                return
            self._waiting.append(happening)
            must_stir, self._is_stirring = not self._is_stirring, True
        if must_stir:
            self._stir()

    def close(self) -> None:
        """End the iteration once all is taken."""
        self._is_closed = True
        self._stir()

    async def happenings(self) -> AsyncIterator[Happening]:
        """Yield what is put, until the inbox is closed and empty."""
        while True:
            with self._lock:
                taken, self._waiting = self._waiting, deque()
                self._held = 0
                self._is_stirring = False
                self._stirred.clear()
            for happening in taken:
                yield happening
            if not taken:
                if self._is_closed:
                    return
                await self._stirred.wait()

    def _is_room_for(self, happening: Happening) -> bool:
        if isinstance(happening, Chunk):
            return self._is_room_for_chunk(happening)
        self._counts.losses += isinstance(happening, LinkDown)
        return True

    def _is_room_for_chunk(self, chunk: Chunk) -> bool:
        counts, size = self._counts, len(chunk.data)
        counts.chunks += 1
        counts.received_bytes += size
        if self._held + size + _CHUNK_COST > self._room:
            counts.overflow_chunks += 1
            counts.overflow_bytes += size
            return False
        self._held += size + _CHUNK_COST
        return True

    def _stir(self) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody listens any more
            self._loop.call_soon_threadsafe(self._stirred.set)

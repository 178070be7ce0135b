"""How a bench session waits for its own pipeline: a journal that tells, requests that are tasks."""

import asyncio
from collections.abc import Callable

import simpy

from simulator.aura import AsyncTransport, Request, TransportError
from simulator.clock import Pacer, monotonic_s
from simulator.journal import Journal, Record


class Told:
    """A journal that lets tasks wait for its records, and keeps the time of each."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._of_message: dict[str, list[tuple[float, Record]]] = {}
        self._stirred = asyncio.Event()

    def write(self, record: Record) -> None:
        """Append one record."""
        self._journal.write(record)
        self._journal.flush()  # a session is short, and may be killed
        message = getattr(record, "message", None)
        if message is not None:
            self._of_message.setdefault(message, []).append((monotonic_s(), record))
        self._stirred.set()

    def flush(self) -> None:
        """Make what was written readable for others."""
        self._journal.flush()

    def of(self, message: str) -> list[tuple[float, Record]]:
        """Return the records of one message to AURA, each with its `monotonic_s`."""
        return self._of_message.get(message, [])

    async def until(self, look: Callable[[], bool], within_s: float) -> bool:
        """Wait until a look is met, at most so long; return whether it was."""
        try:
            async with asyncio.timeout(within_s):
                while not look():
                    self._stirred.clear()
                    await self._stirred.wait()
        except TimeoutError:
            return False
        return True


class TaskOutlet:
    """Sends requests in tasks; the answer enters the run when it comes."""

    def __init__(self, env: simpy.Environment, pacer: Pacer, transport: AsyncTransport) -> None:
        self._env = env
        self._pacer = pacer
        self._transport = transport
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, request: Request) -> simpy.Event:
        """Return an event that brings the answer, or fails with a `TransportError`."""
        answered = self._env.event()
        task = asyncio.create_task(self._send(request, answered))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return answered

    async def close(self) -> None:
        """Give up what is on its way."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _send(self, request: Request, answered: simpy.Event) -> None:
        try:
            response = await self._transport.send(request)
        except TransportError as error:
            failure = error
            self._pacer.post(lambda: answered.fail(failure))
        else:
            self._pacer.post(lambda: answered.succeed(response))

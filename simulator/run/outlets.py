"""How requests leave a run: by a call in the same process, or over HTTP."""

import asyncio
from collections.abc import Callable

import simpy

from simulator.aura import AsyncTransport, AuraError, Request, Response
from simulator.clock import Pacer


class InProcessOutlet:
    """Asks a function, such as the sandbox's, and has the answer at once."""

    def __init__(self, env: simpy.Environment, handle: Callable[[Request], Response]) -> None:
        self._env = env
        self._handle = handle

    def send(self, request: Request) -> simpy.Event:
        """Return an event that brings the answer at the present run time."""
        return self._env.event().succeed(self._handle(request))


class HttpOutlet:
    """Sends in tasks of an asyncio loop; the answer enters the run when it comes.

    `before` is called before each request leaves.
    """

    def __init__(
        self,
        env: simpy.Environment,
        pacer: Pacer,
        transport: AsyncTransport,
        tasks: asyncio.TaskGroup,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        self._env = env
        self._pacer = pacer
        self._transport = transport
        self._tasks = tasks
        self._before = before

    def send(self, request: Request) -> simpy.Event:
        """Return an event that brings the answer, or fails with a `TransportError`.

        What the guard does not let pass fails it with a RefusedTargetError.
        """
        self._before()
        answered = self._env.event()
        self._tasks.create_task(self._send(request, answered))
        return answered

    async def _send(self, request: Request, answered: simpy.Event) -> None:
        try:
            response = await self._transport.send(request)
        except AuraError as error:
            failure = error
            self._pacer.post(lambda: answered.fail(failure))
        else:
            self._pacer.post(lambda: answered.succeed(response))

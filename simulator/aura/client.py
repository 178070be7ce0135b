"""Two drivers of the same conversation: one that waits, and one for asyncio.

The SimPy pipeline is the third; it turns `Session.perform` in events of the run's clock.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

from simulator.aura.call import Call, Exchange, Pause
from simulator.aura.errors import TransportError
from simulator.aura.http import Request, Response
from simulator.aura.session import Session
from simulator.aura.transport import AsyncTransport, Transport

T = TypeVar("T")
_Outcome: TypeAlias = Response | TransportError | None


class Client:
    """AURA for code that waits for each answer, over any transport.

    `sleep` lets seconds of run time pass: real ones, or those of a virtual clock.
    """

    def __init__(
        self, session: Session, transport: Transport, sleep: Callable[[float], None]
    ) -> None:
        self.session = session
        self._transport = transport
        self._sleep = sleep

    def call(self, call: Call[T]) -> T:
        """Carry out one call; raises an AuraError where it cannot be done."""
        return self._turn(self.session.perform(call))

    def authenticate(self) -> None:
        """Fetch the token now, so that wrong credentials show before anything is sent."""
        self._turn(self.session.authenticate())

    def _turn(self, exchange: Exchange[T]) -> T:
        try:
            step = next(exchange)
            while True:
                step = _tell(exchange, self._do(step))
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            exchange.close()

    def _do(self, step: Request | Pause) -> _Outcome:
        if isinstance(step, Pause):
            self._sleep(step.seconds)
            return None
        try:
            return self._transport.send(step)
        except TransportError as error:
            return error


class AsyncClient:
    """AURA for many tasks at once, over any asyncio transport."""

    def __init__(
        self,
        session: Session,
        transport: AsyncTransport,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.session = session
        self._transport = transport
        self._sleep = sleep

    async def call(self, call: Call[T]) -> T:
        """Carry out one call; raises an AuraError where it cannot be done."""
        return await self._turn(self.session.perform(call))

    async def authenticate(self) -> None:
        """Fetch the token now, so that wrong credentials show before anything is sent."""
        await self._turn(self.session.authenticate())

    async def _turn(self, exchange: Exchange[T]) -> T:
        try:
            step = next(exchange)
            while True:
                step = _tell(exchange, await self._do(step))
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            exchange.close()

    async def _do(self, step: Request | Pause) -> _Outcome:
        if isinstance(step, Pause):
            await self._sleep(step.seconds)
            return None
        try:
            return await self._transport.send(step)
        except TransportError as error:
            return error


def _tell(exchange: Exchange[T], outcome: _Outcome) -> Request | Pause:
    """Tell a conversation what came of its last step; return the next."""
    if isinstance(outcome, TransportError):
        return exchange.throw(outcome)
    return exchange.send(outcome)

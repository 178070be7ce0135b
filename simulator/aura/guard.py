"""What every request for AURA passes on its way out of this machine.

A layer between the session and the socket: the request is marked as a test, waits for its place
under the ceiling, and is written down before it leaves; its answer is written down when it comes.
"""

import asyncio
from collections.abc import Awaitable, Callable

from simulator.aura.book import Book
from simulator.aura.ceiling import Ceiling
from simulator.aura.classified import as_test
from simulator.aura.errors import TransportError, TransportFailure
from simulator.aura.http import Request, Response
from simulator.aura.state import StateError, state_folder
from simulator.aura.targets import Target, Tier

RATES_S = {Tier.STAGING: 5.0, Tier.OTHER: 50.0}
"""Requests a second where nobody says otherwise; AURA publishes 50 in 10 s for one operation."""


class Guard:
    """The rules of one target. Beyond this machine there is always an open list.

    `book` is the list of whoever sends; without one, a list is begun at the first request, and kept
    by `close` for the next command if something is left on it.
    """

    def __init__(
        self,
        target: Target,
        book: Book | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.book = book
        self._owns_book = False
        self._target = target
        self._is_real = target.tier is not Tier.SANDBOX
        self._sleep = sleep
        self._ceiling = ceiling_of(target)

    async def before(self, request: Request) -> Request:
        """Return the request as it may leave, when it may leave.

        Raises RefusedTargetError for what is not to be sent at all, and TransportError where it
        cannot be written down: then it was not sent.
        """
        if self._is_real:
            request = as_test(request)
        try:
            if self._is_real and self.book is None:
                self.book, self._owns_book = Book.begin(self._target, ""), True
            if self._ceiling:
                await self._sleep(self._ceiling.pause_s())
            if self.book:
                self.book.before(request)
        except StateError as error:
            raise TransportError(TransportFailure.UNWRITTEN, str(error)) from error
        return request

    def after(self, request: Request, response: Response | None) -> None:
        """Take note of an answer, or of its absence."""
        if self.book:
            self.book.after(request, response)

    def close(self) -> None:
        """Let go of a list of our own."""
        if self.book and self._owns_book:
            self.book.close()
            self.book, self._owns_book = None, False


def ceiling_of(target: Target) -> Ceiling | None:
    """Return the ceiling of a target, shared by all processes of this user; none for loopback."""
    rate_s = target.rate_s or RATES_S.get(target.tier)
    if rate_s is None or target.tier is Tier.SANDBOX:
        return None
    return Ceiling(state_folder() / "ceilings" / target.host.replace(":", "_"), rate_s)

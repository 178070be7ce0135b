"""The door to an AURA outside the embedded sandbox, for every command that goes there.

Behind it are the guard and the open list: what a killed command left is ended first, what is opened
now is written down, and what is still open at the end is ended, however the end comes.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from simulator.aura import (
    AsyncClient,
    AuraError,
    Credentials,
    HttpTransport,
    Session,
    Target,
    Tier,
)
from simulator.aura.access import Access
from simulator.aura.book import Book, abandoned
from simulator.aura.errors import RefusedTargetError, TargetRefusal
from simulator.aura.guard import RATES_S
from simulator.clock import wall_s
from simulator.rng import Rng
from simulator.run.cleanup import Swept, sweep

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Reached:
    """A target that may be talked to; `left` is filled at the end with what could not be ended."""

    target: Target
    credentials: Credentials
    transport: HttpTransport
    book: Book
    left: list[str] = field(default_factory=list)


@asynccontextmanager
async def reach(
    target: Target,
    credentials: Credentials,
    *,
    run: Path | None = None,
    connections: int = 100,
) -> AsyncIterator[Reached]:
    """Open the door while the block runs.

    Raises RefusedTargetError for a name that leads to production, and StateError where the
    list cannot be kept.
    """
    await clear(target, credentials)
    book = Book.begin(target, credentials.client_id, run=str(run or ""))
    transport = HttpTransport(target, book=book, connections=connections)
    reached = Reached(target, credentials, transport, book)
    try:
        await transport.check()
        if target.tier is not Tier.SANDBOX:
            _log.warning("%s", _terms(target, book))
        yield reached
    finally:
        await _end(reached)


def _terms(target: Target, book: Book) -> str:
    """Return a line on how a real target is treated; a person may look for the open list."""
    rate_s = target.rate_s or RATES_S[target.tier]
    return (
        f"Target {target.host}, tier {target.tier}: at most {rate_s:g} requests a second, callouts "
        f"marked TEST, what is opened is written to {book.path} and ended."
    )


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM, by which CI stops a job, end the block as Ctrl-C does: with all put away.

    It does so also where Ctrl-C is ignored, as in a job that a shell started in the background.
    Raises KeyboardInterrupt, when the block has ended by it.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    is_told = False

    def end() -> None:
        nonlocal is_told
        is_told = True
        if task is not None:
            task.cancel()

    try:
        loop.add_signal_handler(signal.SIGTERM, end)
    except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
        yield
        return
    try:
        yield
    except asyncio.CancelledError:
        if is_told:
            raise KeyboardInterrupt from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


async def _end(reached: Reached) -> None:
    """End what is open, and close; what stays open is on the list for the next command."""
    try:
        if not reached.book.is_settled:
            swept = await _swept(reached.book, reached.credentials, reached.transport)
            reached.left = swept.left
    except AuraError as error:
        reached.left = [f"{error} {left_open(reached.book)}"]
    finally:
        await reached.transport.close()
        reached.book.close()


async def clear(
    target: Target,
    credentials: Credentials,
    tell: Callable[[str], object] = _log.warning,
) -> None:
    """End what killed commands left open at this target, and tell of what they left elsewhere."""
    for book in abandoned():
        is_ours = book.head.base_url == target.origin + target.prefix
        if is_ours and book.head.client_id in ("", credentials.client_id):
            await end_list(book, target, credentials, tell)
            continue
        if book.head.tier != Tier.SANDBOX and not book.is_settled:
            tell(left_open(book))
        book.close()


async def end_list(
    book: Book, target: Target, credentials: Credentials, tell: Callable[[str], object]
) -> Swept:
    """End what one list says, tell of it, and close it. A sandbox that is gone took all with it."""
    async with HttpTransport(target, book=book) as transport:
        try:
            swept = await _swept(book, credentials, transport)
        except AuraError as error:
            if target.tier is Tier.SANDBOX:
                tell(f"The sandbox {book.head.base_url} of {book.head.started} is gone: {error}")
                book.discard()
                return Swept()
            tell(f"{left_open(book)} It failed now: {error}")
            book.close()
            return Swept(left=[str(thing) for thing in book.things])
    tell(f"Ended what a command begun {book.head.started} left at {book.head.base_url}: {swept}.")
    for said in (*swept.left, *swept.remarks):
        tell(f"  {said}")
    book.close()
    return swept


def left_open(book: Book) -> str:
    """Return a sentence on what a list says, and what to do."""
    callouts = sum(thing.kind == "callout" for thing in book.things)
    doubts = f", {len(book.uncertain)} requests without a known answer" if book.uncertain else ""
    return (
        f"A command begun {book.head.started} left {callouts} callouts and "
        f"{len(book.things) - callouts} other things open at {book.head.base_url}{doubts}. "
        "Run: aurasim cleanup"
    )


async def _swept(book: Book, credentials: Credentials, transport: HttpTransport) -> Swept:
    session = Session(credentials, wall_s, Rng(0).stream(0, "retry"))
    return await sweep(book, AsyncClient(session, transport, asyncio.sleep))


def door(
    name: str, allowed: tuple[str, ...] = (), access: Access | None = None
) -> tuple[Target, Credentials]:
    """Return the target of a name and who we are to it; raises what `Access` raises.

    Production is refused first; who has no credentials hears of that before they hear of hosts.
    """
    access = access or Access.read(allowed=allowed)
    try:
        target = access.target(name)
    except RefusedTargetError as refusal:
        if refusal.reason is TargetRefusal.NOT_ALLOWED:
            access.credentials(name)
        raise
    return target, access.credentials(name)

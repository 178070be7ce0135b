"""The end of a task that waits for others."""

import asyncio

_AGAIN_S = 0.5


async def end(task: asyncio.Task[None]) -> None:
    """Cancel a task until it has ended.

    Once may not be enough: `asyncio.wait_for` of Python 3.11, by which bumble waits for an adapter,
    loses a cancel that comes together with the answer.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_AGAIN_S)

"""When a served sandbox commits: before the answer, many at once, or a moment later in a thread."""

import asyncio

from simulator.sandbox.sandbox import Sandbox
from simulator.sandbox.storage import Storage

BEHIND_S = 0.05


class Keeper:
    """Commits the changes of a served sandbox.

    Durable, the requests of one turn of the loop share a commit and are answered after it (group
    commit). Else, as for what happens without a request, `run` writes them behind.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._storage = sandbox.storage
        self._is_durable = sandbox.is_durable
        self._commit: asyncio.Future[None] | None = None

    @property
    def has_changes(self) -> bool:
        """Return whether an answer must wait for `kept`."""
        return self._is_durable and self._storage is not None and bool(self._storage.changes)

    async def kept(self) -> None:
        """Return when everything that changed so far is on the file."""
        if self._commit is None:
            loop = asyncio.get_running_loop()
            self._commit = loop.create_future()
            loop.call_soon(self._write)
        await self._commit

    def _write(self) -> None:
        commit, self._commit = self._commit, None
        if commit is None or self._storage is None:
            raise AssertionError("unreachable")
        try:
            self._storage.write()
        except Exception as error:
            commit.set_exception(error)
        else:
            commit.set_result(None)

    async def run(self) -> None:
        """Write behind, again and again, until cancelled."""
        while self._storage is not None:
            await asyncio.sleep(BEHIND_S)
            if self._storage.changes:
                await self._write_behind(self._storage)

    async def _write_behind(self, storage: Storage) -> None:
        """Write in the loop where requests may commit too, else in a thread."""
        if self._is_durable:
            storage.write()
            return
        writing = asyncio.create_task(asyncio.to_thread(storage.write_batch, storage.take()))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise

"""Webhooks over HTTP: one attempt each, five seconds, a bounded number at a time."""

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from simulator.aura.errors import RefusedTargetError, TargetRefusal
from simulator.aura.targets import Tier, judge
from simulator.sandbox.parcels import Done, Parcel

TIMEOUT_S = 5.0
_AT_ONCE = 32
_WAITING = 10_000


def refuse_aura(url: str) -> None:
    """Raise RefusedTargetError for an address of AURA's; no webhook of a sandbox goes there."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return  # no address at all, which is told when it is posted to
    if host and judge(host, (host,)) is Tier.STAGING:
        raise RefusedTargetError(f"{host} is AURA itself.", TargetRefusal.NOT_ALLOWED)


class HttpPost:
    """Delivers parcels while it is entered; what is not posted by its end is noted as failed."""

    def __init__(self, timeout_s: float = TIMEOUT_S, waiting: int = _WAITING) -> None:
        self._timeout_s = timeout_s
        self._waiting = waiting
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._http is not None:
            await self._http.close()

    def __call__(self, parcel: Parcel, done: Done) -> None:
        """Post a parcel and tell what came of it; a full post office refuses it."""
        if len(self._tasks) >= self._waiting:
            done("not sent: too many deliveries are waiting")
            return
        task = asyncio.get_running_loop().create_task(self._post(parcel, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post(self, parcel: Parcel, done: Done) -> None:
        try:
            refuse_aura(parcel.url)
            async with self._turn:
                done(await self._status(parcel))
        except RefusedTargetError as error:
            done(f"not sent: {error}")
        except TimeoutError:
            done(f"no answer in {self._timeout_s:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            done(f"{type(error).__name__}: {error}")
        except asyncio.CancelledError:
            done("not sent: the sandbox was stopped")
            raise

    async def _status(self, parcel: Parcel) -> int:
        if self._http is None:
            raise AssertionError("unreachable")
        async with self._http.post(
            parcel.url, data=parcel.body, headers=parcel.headers, allow_redirects=False
        ) as answer:
            return answer.status

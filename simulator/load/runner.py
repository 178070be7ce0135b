"""Runs a load test: target, devices, workers, and one result, however the test ends."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import replace
from typing import BinaryIO

import msgspec

from simulator import __version__
from simulator.aura import (
    AsyncClient,
    AuraError,
    Credentials,
    HttpTransport,
    Secret,
    Session,
    Target,
    Tier,
)
from simulator.aura.calls import callouts, webhooks
from simulator.aura.calls.webhooks import WebhookEvent
from simulator.aura.guard import ceiling_of
from simulator.aura.listening import WebhookReceiver
from simulator.aura.types import CalloutId
from simulator.clock import iso, monotonic_s, wall_s
from simulator.errors import ExitCode, InputError, UnavailableError
from simulator.journal import FILE_NAME, FORMAT, Record, RunEnded, RunStarted, read_journal
from simulator.load.crew import Worker, WorkerError, embedded_sandbox, go, stop, workers
from simulator.load.gathering import Gathering
from simulator.load.linking import Linked, link_all, taken
from simulator.load.listening import CalloutInbox
from simulator.load.result import LoadResult, ResultUnwritableError, write_result
from simulator.load.settings import LINK, LoadSettings
from simulator.load.shapes import Form
from simulator.load.task import Task
from simulator.native import vet
from simulator.profile import load
from simulator.rng import Rng
from simulator.run.reaching import clear, door, reach

_LEAD_S = 0.3  # from the last worker's readiness to the common start
_FAR_LEAD_S = 1.5  # where the word to start goes over a network
_LOOK_S = 0.1
_SHOW_S = 1.0
_PLACE = (54.6872, 25.2797)
LEFT_OVER = ("result.json", "report.html", "stages.csv", "seconds.csv")
_NICE = 5  # the runner gives way to its workers
Show = Callable[[LoadResult], None]
Phase = Callable[[str], None]


class LoadTest:
    """One load test. `on_snapshot` is shown the result so far, once a second.

    Its workers are processes that it starts, or are at the other ends of sockets, `elsewhere`.
    """

    def __init__(
        self,
        settings: LoadSettings,
        on_snapshot: Show = lambda _: None,
        on_phase: Phase = lambda _: None,
        elsewhere: Sequence[socket.socket] = (),
        on_rows: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self._on_snapshot = on_snapshot
        self._on_phase = on_phase
        self._elsewhere = elsewhere
        self._on_rows = on_rows
        self._journal: BinaryIO | None = None
        self._gathering: Gathering | None = None
        self._crew: list[Worker] = []
        self._interrupts = 0
        self._began_s = 0.0
        self._encoder = msgspec.json.Encoder()

    def execute(self) -> LoadResult:
        """Run to the end; raise what makes the test impossible. The result is in its folder too."""
        with self._open_journal() as journal:
            self._journal = journal
            return asyncio.run(self._run())

    async def _run(self) -> LoadResult:
        if self.settings.native:
            return await self._run_natively()
        async with AsyncExitStack() as stack:
            target, credentials, transport = await self._reach(stack)
            settings = self.settings
            self._check_rate(target)
            gathering = self._begin(target.tier)
            client = AsyncClient(_session(credentials, settings.seed), transport, asyncio.sleep)
            if settings.setup == LINK:
                await client.authenticate()
            if self._is_embedded and settings.webhooks:
                await self._listen(stack, client)
            tasks = self._tasks(target, credentials, await self._devices(client))
            try:
                with self._interruptible():
                    is_whole = await self._turn(tasks)
            finally:
                if not self._is_embedded and settings.setup == LINK:
                    await self._end_callouts(client, gathering)
            return self._finish(is_whole)

    async def _run_natively(self) -> LoadResult:
        """Send frames to a middleware; AURA takes no part."""
        gathering = self._begin(Tier.OTHER if self.settings.allowed else Tier.SANDBOX)
        mix = [(load(name), count) for name, count in self.settings.mix.items()]
        if self.settings.native:
            await vet(self.settings.native, [model for model, _ in mix])
        nobody = Target.parse("http://127.0.0.1:9")
        tasks = self._tasks(nobody, Credentials("", Secret("")), Linked(taken(mix)))
        gathering.is_native = True
        with self._interruptible():
            return self._finish(await self._turn(tasks))

    @property
    def _is_embedded(self) -> bool:
        return self.settings.target == "sandbox"

    async def _reach(self, stack: AsyncExitStack) -> tuple[Target, Credentials, HttpTransport]:
        """Return whom to talk to, as whom, and how to set the test up."""
        settings = self.settings
        if self._is_embedded:
            self._on_phase("starting the sandbox")
            box = await stack.enter_async_context(
                embedded_sandbox(list(settings.mix), workers=settings.workers)
            )
            target = Target.parse(box.base_url)
            transport = await stack.enter_async_context(HttpTransport(target))
            return target, box.credentials, transport
        target, credentials = door(settings.target, settings.allowed)
        if settings.setup != LINK:
            transport = await stack.enter_async_context(HttpTransport(target))
            return target, credentials, transport
        if target.tier is not Tier.SANDBOX:
            stack.push_async_callback(clear, target, credentials)
        reached = await stack.enter_async_context(reach(target, credentials, run=settings.out))
        return target, credentials, reached.transport

    def _check_rate(self, target: Target) -> None:
        ceiling = ceiling_of(target)
        shape = self.settings.shape
        if ceiling is None:
            return
        if shape.form is Form.SATURATE or shape.rate > ceiling.rate_s:
            message = (
                f"{target.host} may be asked {ceiling.rate_s:g} times a second, not "
                f"{shape.rate:g}. Lower --rate, or raise its rate in aurasim.toml where that is "
                "agreed with AURA."
            )
            raise InputError(message)

    def _begin(self, tier: Tier) -> Gathering:
        settings = self.settings
        started = iso(wall_s(), digits=3)
        if tier is not Tier.SANDBOX and not settings.native:  # only the guarded client goes there
            settings = self.settings = replace(settings, transport="aiohttp", workers=1)
        if self._elsewhere:
            settings = self.settings = replace(settings, workers=len(self._elsewhere))
        self._gathering = Gathering(
            settings.told(tier.value),
            started,
            settings.thresholds,
            on_lines=self._keep,
            on_rows=self._on_rows,
            reread=self._kept,
            speed=settings.speed if settings.shape.form is Form.FLEET else 1.0,
        )
        self._write(
            RunStarted(
                t=0.0,
                format=FORMAT,
                version=__version__,
                seed=settings.seed,
                clock="real",
                target=settings.target,
                tier=tier.value,
                started=started,
                for_s=settings.for_s,
                mix=settings.mix,
            )
        )
        return self._gathering

    async def _listen(self, stack: AsyncExitStack, client: AsyncClient) -> None:
        """Let the embedded sandbox tell us of callouts."""
        gathering, loop = self._known, asyncio.get_running_loop()

        def heard(callout: int, at_s: float) -> None:
            with suppress(RuntimeError):  # the loop has ended: nobody counts any more
                loop.call_soon_threadsafe(
                    lambda: gathering.notified(callout, at_s - gathering.start_s)
                )

        receiver = stack.enter_context(WebhookReceiver(inbox=CalloutInbox(heard)))
        await client.call(webhooks.register(receiver.url, [WebhookEvent.NEW_CALLOUT]))

    async def _devices(self, client: AsyncClient) -> Linked:
        settings = self.settings
        mix = [(load(name), count) for name, count in settings.mix.items()]
        if settings.setup != LINK:
            return Linked(taken(mix))
        self._on_phase(f"linking {settings.devices} devices")
        return await link_all(client, mix, place=_PLACE, write=self._write)

    def _tasks(self, target: Target, credentials: Credentials, linked: Linked) -> list[Task]:
        settings = self.settings
        native = settings.native
        count = settings.workers
        rate_s = target.rate_s
        if rate_s and self._elsewhere:  # machines share no ceiling
            rate_s /= count
        return [
            Task(
                base_url=target.origin + target.prefix,
                client_id=credentials.client_id,
                client_secret=credentials.client_secret.reveal(),
                allowed=target.allowed,
                rate_s=rate_s,
                proxy_url=target.proxy_url,
                mix=settings.mix,
                device_ids=linked.device_ids,
                customers=linked.customers if settings.shape.form is Form.FLEET else [],
                run=str(settings.run) if settings.run else None,
                native_to=dict(native.to) if native else {},
                native_envelopes=dict(native.envelopes) if native else {},
                native_segments=native.segments.value if native else "whole",
                shape=settings.shape,
                life=settings.life,
                for_s=settings.for_s,
                drain_s=settings.drain_s,
                seed=settings.seed,
                shard=(number, count),
                transport=settings.transport,
                connections=settings.connections,
                timeout_s=settings.timeout_s,
                connect_timeout_s=settings.connect_timeout_s,
                most_waiting=settings.most_waiting,
                precise=settings.precise,
                trust=str(settings.trust) if settings.trust else None,
                place=_PLACE,
                replay=str(settings.replay) if settings.replay else None,
                speed=settings.speed,
            )
            for number in range(count)
        ]

    async def _turn(self, tasks: list[Task]) -> bool:
        """Let the workers run; return whether all came to their end."""
        gathering = self._known
        with suppress(OSError, AttributeError):
            os.nice(_NICE)
        self._on_phase(f"starting {len(tasks)} workers" if len(tasks) > 1 else "starting")
        everywhere = workers(tasks, gathering.take, self.settings.cpus, self._elsewhere)
        async with everywhere as crew:
            self._crew = crew
            for worker in crew:
                worker.ended.add_done_callback(self._gone(worker.number))
            lead_s = _FAR_LEAD_S if self._elsewhere else _LEAD_S
            self._began_s = gathering.start_s = monotonic_s() + lead_s
            await go(crew, gathering.start_s)
            self._on_phase("running")
            ended = [worker.ended for worker in crew]
            shown_s = gathering.start_s
            while waiting := [future for future in ended if not future.done()]:
                await asyncio.wait(waiting, timeout=_LOOK_S)
                now = monotonic_s()
                if now - shown_s >= _SHOW_S:
                    shown_s = now + self._show(now - gathering.start_s)
                await self._look(now - gathering.start_s)
            return self._all_ended(crew)

    def _gone(self, number: int) -> Callable[[asyncio.Future[bool]], None]:
        """Return what takes note that a worker has ended, however."""
        return lambda _: self._known.left(number)

    def _all_ended(self, crew: list[Worker]) -> bool:
        gathering, is_whole = self._known, True
        for worker in crew:
            error = worker.ended.exception()
            if isinstance(error, WorkerError):
                if error.exit_code is ExitCode.BUG:
                    raise error
                gathering.troubles.append(str(error))
            elif worker.ended.result():
                continue
            elif self._interrupts < 2:  # else it was us
                gathering.troubles.append(
                    f"worker {worker.number} of {len(crew)} was killed; what it had measured counts"
                )
            is_whole = False
        return is_whole

    async def _look(self, now_s: float) -> None:
        """Stop the test where a threshold cannot be reached any more."""
        gathering = self._known
        if gathering.judge.hopeless:
            return
        threshold = gathering.judge.give_up(gathering.recorder, now_s)
        if threshold is not None:
            self._on_phase(f"stopping: {threshold.text} cannot be reached any more")
            await stop(self._crew)

    def _show(self, now_s: float) -> float:
        """Show and keep the result so far; return how long to pause so that it costs little."""
        begun_s = monotonic_s()
        snapshot = self._known.snapshot(now_s)
        if self._journal:
            self._journal.flush()
        write_result(snapshot, self.settings.out)
        self._on_snapshot(snapshot)
        return 50 * (monotonic_s() - begun_s)

    def _finish(self, is_whole: bool) -> LoadResult:
        gathering = self._known
        lasted_s = monotonic_s() - gathering.start_s
        if not gathering.stopped:
            lasted_s = min(lasted_s, max(self.settings.for_s, self._last_s()))
        reason = "interrupted" if gathering.stopped else "finished"
        gathering.settle()
        self._write(
            RunEnded(t=max(lasted_s, gathering.newest_s), reason=reason, detail=gathering.stopped)
        )
        result = gathering.finish(lasted_s, is_whole=is_whole)
        write_result(result, self.settings.out)
        return result

    def _last_s(self) -> float:
        """Return when the last window ends in which something happened."""
        series = self._known.recorder.series
        return len(series.windows) * series.width_s

    async def _end_callouts(self, client: AsyncClient, gathering: Gathering) -> None:
        """Cancel what is open, so that nobody drives to a simulation."""
        for callout in tuple(gathering.callouts):
            try:
                await client.call(callouts.cancel(CalloutId(callout)))
            except UnavailableError:
                return  # the target is gone; the open list has the rest
            except AuraError:
                continue  # it has ended by itself

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let the first Ctrl-C drain the test, and the second one end it."""
        loop = asyncio.get_running_loop()
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._interrupt)
        except (NotImplementedError, RuntimeError, ValueError):  # not the main thread
            yield
            return
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _interrupt(self) -> None:
        self._interrupts += 1
        gathering = self._known
        if self._interrupts == 1:
            gathering.stopped = "stopped by Ctrl-C"
            self._on_phase("stopping: waiting for answers; Ctrl-C again ends at once")
            self._stopping = asyncio.ensure_future(stop(self._crew))
            return
        gathering.stopped = "ended by Ctrl-C before all answers were there"
        for worker in self._crew:
            worker.kill()

    @property
    def _known(self) -> Gathering:
        assert self._gathering is not None  # noqa: S101 - set before anything asks
        return self._gathering

    def _write(self, record: Record) -> None:
        self._known.account(record)
        self._keep(self._encoder.encode(record) + b"\n")

    def _keep(self, lines: bytes) -> None:
        if self._journal:
            self._journal.write(lines)

    def _kept(self) -> Iterable[Record]:
        """Yield the journal so far."""
        if self._journal:
            self._journal.flush()
        return read_journal(self.settings.out)

    @contextmanager
    def _open_journal(self) -> Iterator[BinaryIO]:
        folder = self.settings.out
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in LEFT_OVER:  # of a test before: a killed one must not look like it
                (folder / name).unlink(missing_ok=True)
            file = (folder / FILE_NAME).open("wb")
        except OSError as error:
            message = (
                f"The load test cannot be written to {folder}: {error.strerror}. "
                "Name a folder that you may write with --out."
            )
            raise ResultUnwritableError(message) from error
        with file:
            yield file


def _session(credentials: Credentials, seed: int) -> Session:
    return Session(credentials, wall_s, Rng(seed).stream(0, "setup"))

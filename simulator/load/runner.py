"""Runs a load test: a target, workers, and one result, however the test ends."""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from simulator import __version__
from simulator.aura import Tier
from simulator.clock import iso, monotonic_s, wall_s
from simulator.errors import ExitCode
from simulator.journal import FORMAT, Record, RunEnded, RunStarted
from simulator.load.chronicle import Chronicle
from simulator.load.crew import Worker, WorkerError, go, stop, workers
from simulator.load.gathering import Gathering
from simulator.load.health import cpu_s
from simulator.load.interrupting import interruptible
from simulator.load.linking import Linked, taken
from simulator.load.result import LoadResult, write_result
from simulator.load.settings import LoadSettings
from simulator.load.shapes import Form
from simulator.load.site import site_of
from simulator.load.task import Task
from simulator.load.tasks import nobody, tasks_of
from simulator.native import vet
from simulator.profile import load

_LEAD_S = 0.3  # from the last worker's readiness to the common start
_FAR_LEAD_S = 1.5  # where the word to start goes over a network
_LOOK_S = 0.1
_SHOW_S = 1.0
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
        self._chronicle = Chronicle(settings.out)
        self._gathering: Gathering | None = None
        self._crew: list[Worker] = []
        self._interrupts = 0
        self._spent_s = 0.0  # of processor time, before the test began
        self._stopping: asyncio.Future[None] | None = None

    def execute(self) -> LoadResult:
        """Run to the end; raise what makes the test impossible. The result is in its folder too."""
        with self._chronicle:
            return asyncio.run(self._run_natively() if self.settings.native else self._run())

    async def _run(self) -> LoadResult:
        async with site_of(self.settings, self._on_phase) as site:
            site.check_rate()
            gathering = self._begin(site.target.tier)
            linked = await site.devices(self._on_phase, self._write)
            async with site.heard(gathering.heard):
                try:
                    is_whole = await self._turn(
                        tasks_of(
                            self.settings,
                            site.target,
                            site.credentials,
                            linked,
                            is_elsewhere=bool(self._elsewhere),
                        )
                    )
                finally:
                    await site.leave(gathering.callouts)
            return self._finish(is_whole)

    async def _run_natively(self) -> LoadResult:
        """Send frames to a middleware; AURA takes no part."""
        gathering = self._begin(Tier.OTHER if self.settings.allowed else Tier.SANDBOX)
        mix = [(load(name), count) for name, count in self.settings.mix.items()]
        if self.settings.native:
            await vet(self.settings.native, [model for model, _ in mix])
        gathering.is_native = True
        is_far = bool(self._elsewhere)
        tasks = tasks_of(self.settings, *nobody(), Linked(taken(mix)), is_elsewhere=is_far)
        return self._finish(await self._turn(tasks))

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
            on_lines=self._chronicle.keep,
            on_rows=self._on_rows,
            reread=self._chronicle.read,
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

    async def _turn(self, tasks: list[Task]) -> bool:
        """Let the workers run; return whether all came to their end."""
        gathering = self._known
        with suppress(OSError, AttributeError):
            os.nice(_NICE)
        self._on_phase(f"starting {len(tasks)} workers" if len(tasks) > 1 else "starting")
        everywhere = workers(tasks, gathering.take, self.settings.cpus, self._elsewhere)
        with interruptible(self._interrupt):
            async with everywhere as crew:
                self._crew = crew
                for worker in crew:
                    worker.ended.add_done_callback(self._gone(worker.number))
                lead_s = _FAR_LEAD_S if self._elsewhere else _LEAD_S
                gathering.start_s = monotonic_s() + lead_s
                self._spent_s = cpu_s()
                await go(crew, gathering.start_s)
                self._on_phase("running")
                await self._watch(crew)
                return self._all_ended(crew)

    async def _watch(self, crew: list[Worker]) -> None:
        """Look at the test again and again, until all workers have ended."""
        start_s = shown_s = self._known.start_s
        ended = [worker.ended for worker in crew]
        while waiting := [future for future in ended if not future.done()]:
            await asyncio.wait(waiting, timeout=_LOOK_S)
            self._chronicle.check()
            now = monotonic_s()
            if now - shown_s >= _SHOW_S:
                shown_s = now + self._show(now - start_s)
            await self._look(now - start_s)

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
        self._known.counting_s = cpu_s() - self._spent_s
        snapshot = self._known.snapshot(now_s)
        self._chronicle.flush()
        write_result(snapshot, self.settings.out)
        self._on_snapshot(snapshot)
        return 50 * (monotonic_s() - begun_s)

    def _finish(self, is_whole: bool) -> LoadResult:
        gathering = self._known
        lasted_s = monotonic_s() - gathering.start_s
        gathering.counting_s = cpu_s() - self._spent_s
        if not gathering.stopped:
            lasted_s = min(lasted_s, max(self.settings.for_s, gathering.last_s))
        reason = "interrupted" if gathering.stopped else "finished"
        gathering.settle()
        self._write(
            RunEnded(t=max(lasted_s, gathering.newest_s), reason=reason, detail=gathering.stopped)
        )
        self._chronicle.check()
        result = gathering.finish(lasted_s, is_whole=is_whole)
        write_result(result, self.settings.out)
        return result

    def _interrupt(self) -> None:
        """Let the first Ctrl-C drain the test, and the second one end it."""
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
        self._chronicle.write(record)

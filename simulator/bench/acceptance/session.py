"""One session with one unit, from the plug to the report; whatever happens, a record is left."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from simulator import __version__
from simulator.bench.acceptance.check import Check
from simulator.bench.acceptance.findings import CheckSettings, Findings, StoppedError
from simulator.bench.acceptance.judging import measurements, verdict_of
from simulator.bench.acceptance.record import (
    BenchRecord,
    FrameRecord,
    Identity,
    Verdict,
    WireCounts,
)
from simulator.bench.ear import Ear, HeardFrame
from simulator.bench.emulate import Emulated
from simulator.bench.links import Link, LinkError
from simulator.bench.listening import Listener
from simulator.bench.open_desk import open_desk
from simulator.bench.operators import Operator
from simulator.bench.wire_log import WireLog
from simulator.clock import iso, monotonic_s, wall_s
from simulator.errors import UnavailableError
from simulator.journal import FileJournal, JournalError, read_journal
from simulator.profile import Profile
from simulator.report import check as broken_promises

WIRE_LOG = "wire.ndjson"
_MOST_FRAMES = 500  # in a record; the wire log has all


@dataclass(slots=True, kw_only=True)
class Session:
    """What a session needs; `hold` it once."""

    profile: Profile
    link: Link
    operator: Operator
    out: Path
    target: str = "sandbox"
    settings: CheckSettings = field(default_factory=CheckSettings)
    framing: str = ""
    unit: Emulated | None = None
    tell: Callable[[str], object] = lambda _: None

    async def hold(self) -> BenchRecord:
        """Return the record of the session; raise only what is a bug of ours.

        A cancellation, as by Ctrl-C, ends the session: it is void.
        """
        began_s, started = monotonic_s(), iso(wall_s(), digits=3)
        ear = Ear(self.profile, framing=self.framing, key=self.settings.key)
        check: Check | None = None
        stopped: StoppedError | None = None
        try:
            async with self._opened(ear, began_s) as check:
                await check.run()
        except StoppedError as error:
            stopped = error
        except (LinkError, UnavailableError) as error:
            stopped = StoppedError(Verdict.BROKEN, str(error))
        except asyncio.CancelledError:
            stopped = StoppedError(Verdict.VOID, "The session was interrupted.")
        found = check.found if check else Findings()
        rows = measurements(self.profile, found)
        verdict, reasons = verdict_of(found, rows)
        if stopped:
            verdict, reasons = stopped.verdict, [stopped.reason]
        frames = [_frame(one, began_s) for one in found.frames]
        return BenchRecord(
            version=__version__,
            started=started,
            lasted_s=round(monotonic_s() - began_s, 3),
            target=self.target,
            identity=self._identity(check, ear, found),
            verdict=verdict,
            reasons=reasons,
            measurements=rows,
            stages=found.stages,
            steps=found.steps,
            frames=frames[:_MOST_FRAMES],
            frames_left_out=max(0, len(frames) - _MOST_FRAMES),
            counts=self._counts(ear),
            troubles=found.troubles
            + ([f"{found.foreign} frames of another unit were left out"] if found.foreign else [])
            + list(_promises_broken(self.out)),
            wire_log=WIRE_LOG,
        )

    @asynccontextmanager
    async def _opened(self, ear: Ear, began_s: float) -> AsyncIterator[Check]:
        """Open wire log, link, journal and desk; end them in the other order, whatever happens."""
        async with AsyncExitStack() as stack:
            stack.enter_context(_ended_by_sigterm())
            log = WireLog(self.out / WIRE_LOG, profile=self.profile.name, link=self.link.name)
            stack.enter_context(log)
            listener = await stack.enter_async_context(Listener(self.link, ear, log))
            journal = stack.enter_context(FileJournal(self.out))
            desk = await stack.enter_async_context(
                open_desk(self.target, self.profile, journal, out=self.out)
            )
            check = Check(
                listener,
                desk,
                self.operator,
                self.settings,
                began_s=began_s,
                unit=self.unit,
                tell=self.tell,
            )
            try:
                yield check
                reason = "finished"
            except BaseException:
                reason = "interrupted"
                raise
            finally:
                left = await asyncio.shield(desk.tidy())
                check.found.troubles += [f"not tidied up: {one}" for one in left]
                desk.end(reason)

    def _identity(self, check: Check | None, ear: Ear, found: Findings) -> Identity:
        said = (one.values.get("firmware") for one in found.frames)
        firmware = next((str(one) for one in said if one), "")
        serial = (check.serial if check else "") or ear.serial or self.settings.serial or "unknown"
        return Identity(
            profile=self.profile.name,
            title=self.profile.title,
            serial=serial,
            device_id=self.profile.identity.device_id.derive(serial),
            firmware=firmware or (self.unit.firmware if self.unit else ""),
            link=self.link.name,
            emulated=self.unit is not None,
        )

    def _counts(self, ear: Ear) -> WireCounts:
        link, heard = self.link.counts, ear.counts
        return WireCounts(
            chunks=link.chunks,
            received_bytes=link.received_bytes,
            sent_bytes=link.sent_bytes,
            frames=heard.frames,
            unreadable=heard.unreadable,
            repetitions=heard.repetitions,
            garbage_bytes=heard.garbage_bytes,
            half_frames=heard.half_frames,
            losses=link.losses,
            returns=link.returns,
            overflow_bytes=link.overflow_bytes,
        )


def _frame(heard: HeardFrame, began_s: float) -> FrameRecord:
    return FrameRecord(
        t=round(heard.at_s - began_s, 4),
        hex=heard.payload.hex(),
        means=[kind.value for kind in heard.kinds],
        values=dict(heard.values),
        dropped=heard.dropped,
        reply_hex=heard.reply.hex() if heard.reply else "",
    )


def _promises_broken(run: Path) -> Iterator[str]:
    """Yield the promises of every run that the journal of a session breaks."""
    with suppress(JournalError):  # it ended before it had one
        for breach in broken_promises(read_journal(run)):
            yield f"a promise was broken: {breach}"


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM, by which CI stops a job, cancel the session, also where Ctrl-C is ignored."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    try:
        loop.add_signal_handler(signal.SIGTERM, task.cancel if task else lambda: None)
    except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)

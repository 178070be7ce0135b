"""Puts together what shards measured: rows, lines of the journal and pulses become one result.

Frames of any number of shards may come in any order between shards; the sums are exact. The runner
feeds it from its workers, and a master of several machines from its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import inf

import msgspec

from simulator import __version__
from simulator.journal import Answered, CalloutClosed, Record
from simulator.load.health import Pulse
from simulator.load.recorder import Recorder
from simulator.load.result import (
    GeneratorHealth,
    LedgerJson,
    LoadResult,
    SettingsJson,
    Stage,
    Verdict,
)
from simulator.load.task import LINES, PULSE, ROWS
from simulator.load.thresholds import Judge, Threshold
from simulator.load.void import examine
from simulator.report import Ledger, LedgerEntry
from simulator.report import Verdict as LedgerVerdict

_ORDER_S = 0.5  # how long records are kept back to be put in order


@dataclass(slots=True)
class Gathering:
    """All that is known of a test. Mutable: frames come in.

    `start_s` is the start by the monotonic clock of the machine that the rows come from;
    `on_lines` keeps the journal, `on_rows` sees what is counted. The ledger costs more than all
    else here: where `reread` yields the journal again, it is made when nothing is sent any more.
    """

    settings: SettingsJson
    started: str
    thresholds: tuple[Threshold, ...] = ()
    on_lines: Callable[[bytes], None] = lambda _: None
    on_rows: Callable[[bytes], None] = lambda _: None
    reread: Callable[[], Iterable[Record]] | None = None
    start_s: float = 0.0
    speed: float = 1.0  # seconds of the journal in one of the rows
    is_native: bool = False  # presses end at the middleware: there is no ledger of them
    pulses: dict[int, Pulse] = field(default_factory=dict)
    recorder: Recorder = field(init=False)
    judge: Judge = field(init=False)
    ledger: Ledger = field(default_factory=Ledger)
    troubles: list[str] = field(default_factory=list)
    stopped: str | None = None
    callouts: dict[int, float] = field(default_factory=dict)
    _told: dict[int, float] = field(default_factory=dict)
    _lines: "msgspec.json.Decoder[Record]" = field(
        default_factory=lambda: msgspec.json.Decoder(Record)
    )

    _unordered: list[tuple[float, int, bytes, Record]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)
    _newest_s: float = 0.0

    def __post_init__(self) -> None:
        self.judge = Judge(self.thresholds, self.settings.for_s)
        self.recorder = Recorder(self.settings.for_s, self.judge.watch)

    def take(self, shard: int, letter: bytes, payload: bytes) -> None:
        """Take one frame of a shard; frames that are no measurement are not for here."""
        if letter == ROWS:
            self.recorder.fold(payload, self.start_s)
            self.on_rows(payload)
        elif letter == LINES:
            for line in payload.splitlines(keepends=True):
                self._enter(line)
            self._release(_ORDER_S)
        elif letter == PULSE:
            self.pulses[shard] = pulse = msgspec.json.decode(payload, type=Pulse)
            self.recorder.waited(pulse.at_s, pulse.waiting)

    def _enter(self, line: bytes) -> None:
        record = self._lines.decode(line)
        self._newest_s = max(self._newest_s, record.t)
        heappush(self._unordered, (record.t, next(self._order), line, record))

    def _release(self, keep_s: float) -> None:
        """Write and account for records in the order of time, but for those of the last moment.

        Workers write by their own clocks of when something was due or came; a record that is later
        than all that were kept back is written where it comes.
        """
        kept: list[bytes] = []
        while self._unordered and self._unordered[0][0] <= self._newest_s - keep_s:
            _, _, line, record = heappop(self._unordered)
            kept.append(line)
            self.account(record)
        if kept:
            self.on_lines(b"".join(kept))

    @property
    def newest_s(self) -> float:
        """Return the latest time that the journal tells."""
        return self._newest_s

    def settle(self) -> None:
        """Write and account for all records that were kept back."""
        self._release(-inf)

    def account(self, record: Record) -> None:
        """Enter a record into the ledger, and take note of callouts."""
        if self.reread is None:
            self.ledger.add(record)
        if isinstance(record, Answered) and record.callout is not None and record.kind == "press":
            if record.callout not in self.callouts:
                self.callouts[record.callout] = record.t
                self._match(record.callout)
        elif isinstance(record, CalloutClosed):
            self.callouts.pop(record.callout, None)

    def notified(self, callout: int, at_s: float) -> None:
        """Take note of a webhook that tells of a callout, so many seconds after the start."""
        if callout not in self._told:
            self._told[callout] = at_s
            self._match(callout)

    def _match(self, callout: int) -> None:
        opened, told = self.callouts.get(callout), self._told.get(callout)
        if opened is not None and told is not None:
            self.recorder.record(Stage.WEBHOOK, "press", max(0.0, told - opened / self.speed))

    def health(self, lasted_s: float) -> GeneratorHealth:
        """Return how the generator is: the worst worker counts where shares are said."""
        pulses = list(self.pulses.values())
        if not pulses:
            return GeneratorHealth(transport=self.settings.transport)

        def share(of: Callable[[Pulse], float]) -> float:
            return max(of(pulse) / pulse.lasted_s if pulse.lasted_s else 0.0 for pulse in pulses)

        del lasted_s
        return GeneratorHealth(
            workers=len(pulses),
            pacer=min(pulse.pacer for pulse in pulses),
            transport=self.settings.transport,
            cpu_share=share(lambda pulse: pulse.cpu_s),
            run_wait_share=share(lambda pulse: pulse.run_wait_s),
            steal_share=max(pulse.steal_share for pulse in pulses),
            gc_pauses=sum(pulse.gc_pauses for pulse in pulses),
            gc_longest_s=max(pulse.gc_longest_s for pulse in pulses),
            stall_longest_s=max(pulse.stall_longest_s for pulse in pulses),
            connections_opened=sum(pulse.connections_opened for pulse in pulses),
            connections_most=sum(pulse.connections_most for pulse in pulses),
            waiting_most=max(pulse.waiting_most for pulse in pulses),
            sockets_refused=sum(pulse.sockets_refused for pulse in pulses),
            retries=self.recorder.retries,
            tokens=sum(pulse.tokens for pulse in pulses),
            memory_peak_mib=sum(pulse.memory_peak_mib for pulse in pulses),
        )

    def snapshot(self, lasted_s: float) -> LoadResult:
        """Return the result as far as it is known, without the ledger."""
        return self._result(lasted_s, None, is_whole=False)

    def finish(self, lasted_s: float, *, is_whole: bool = True) -> LoadResult:
        """Close the books and judge."""
        self.settle()
        if self.reread is not None:
            for record in self.reread():
                self.ledger.add(record)
        self.ledger.finish()
        for entry in self.ledger.entries:
            self._stages_of(entry)
        if self.is_native:
            return self._result(lasted_s, None, is_whole=is_whole)
        ledger = LedgerJson(
            verdict=self.ledger.verdict.value,
            presses=len(self.ledger.entries),
            totals={outcome.value: count for outcome, count in self.ledger.totals.items()},
            lost={place.value: count for place, count in self.ledger.losses.items()},
            invariants={promise.value: count for promise, count in self.ledger.broken.items()},
        )
        return self._result(lasted_s, ledger, is_whole=is_whole)

    def _stages_of(self, entry: LedgerEntry) -> None:
        """Count the way of a press before its event, where the model has one."""
        spans = entry.stages
        for stage, seconds in (
            (Stage.PRESS, spans.device_s),
            (Stage.AIR, spans.air_s),
            (Stage.GATEWAY, spans.queue_s),
        ):
            if seconds is not None and spans.device_s is not None:
                self.recorder.record(stage, "press", seconds)

    def _result(self, lasted_s: float, ledger: LedgerJson | None, *, is_whole: bool) -> LoadResult:
        recorder = self.recorder
        result = LoadResult(
            version=__version__,
            settings=self.settings,
            started=self.started,
            lasted_s=lasted_s,
            verdict=Verdict.PASS,
            kinds=recorder.tallies(),
            errors=dict(recorder.errors),
            drops=dict(recorder.drops),
            stages=recorder.stages(),
            series=recorder.series,
            generator=self.health(lasted_s),
            thresholds=self.judge.judge(recorder, lasted_s, ledger),
            ledger=ledger,
            is_whole=is_whole,
        )
        self._judge(result)
        return result

    def _judge(self, result: LoadResult) -> None:
        """Set verdict and reasons: environment before void, void before failed.

        A void test is never called failed: what it measured is not the target.
        """
        void = examine(
            result.generator,
            result.stage(Stage.LATENESS),
            result.stage(Stage.LATENCY),
            result.series,
            saturates=result.settings.shape == "saturate",
        )
        failed = self._failures(result)
        stopped = [self.stopped] if self.stopped else []
        result.generator.honest_rate = void.honest_rate
        result.reasons = [*self.troubles, *void.reasons, *stopped, *failed]
        if self._is_unreachable(result) or self.troubles:
            result.verdict = Verdict.ENVIRONMENT
        elif void.reasons or self.stopped:
            result.verdict = Verdict.VOID
        elif failed:
            result.verdict = Verdict.FAIL

    def _failures(self, result: LoadResult) -> list[str]:
        failed = [
            f"{one.text}; measured {_said(one.measured, one.unit)}"
            for one in result.thresholds
            if not one.is_met
        ]
        ledger = result.ledger
        if ledger and ledger.verdict == LedgerVerdict.FAILED:
            bad = {name: n for name, n in ledger.totals.items() if n and name in _BAD}
            bad |= {name: n for name, n in ledger.invariants.items() if n}
            said = ", ".join(f"{count} {name}" for name, count in bad.items())
            failed.append(f"the ledger of the presses failed: {said or 'devices were refused'}")
        return failed

    def _is_unreachable(self, result: LoadResult) -> bool:
        """Return whether nothing at all was answered, and not because AURA said no."""
        total = result.total
        if total.answered or not total.sent or not result.is_whole:
            return False
        if any(name.startswith("answered") for name in result.errors):
            return False
        said = [f"{count} {name}" for name, count in result.errors.items()]
        if total.unfinished:
            said.append(f"{total.unfinished} still waited for")
        result.reasons.insert(0, f"the target never answered: {', '.join(said)}")
        return True


_BAD = ("doubled", "unexplained")


def _said(value: float | None, unit: str) -> str:
    if value is None:
        return "nothing"
    if unit == "s":
        return f"{value * 1000:.3g} ms"
    if unit == "share":
        return f"{value * 100:.3g} %"
    return f"{value:.6g} {unit}"

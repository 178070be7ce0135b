"""Puts together what shards measured: rows, lines of the journal and pulses become one result.

Frames of any number of shards may come in any order between shards; the sums are exact. The runner
feeds it from its workers, and a master of several machines from its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from simulator import __version__
from simulator.journal import Record
from simulator.load.health import Pulse
from simulator.load.lines import Lines, unpack
from simulator.load.merging import Merge
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
    counting_s: float = 0.0  # of processor time that all of this took while the test ran
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
    merge: Merge = field(init=False)
    _decoder: "msgspec.json.Decoder[Record]" = field(
        default_factory=lambda: msgspec.json.Decoder(Record)
    )

    def __post_init__(self) -> None:
        self.judge = Judge(self.thresholds, self.settings.for_s)
        self.recorder = Recorder(self.settings.for_s, self.judge.watch)
        self.merge = Merge(self.settings.workers, self._keep)

    def take(self, shard: int, letter: bytes, payload: bytes) -> None:
        """Take one frame of a shard; frames that are no measurement are not for here."""
        if letter == ROWS:
            self.recorder.fold(payload, self.start_s)
            self.on_rows(payload)
        elif letter == LINES:
            lines = unpack(payload)
            self._note_callouts(lines)
            self.merge.take(shard, lines)
        elif letter == PULSE:
            self.pulses[shard] = pulse = msgspec.json.decode(payload, type=Pulse)
            self.recorder.waited(pulse.at_s, pulse.waiting)
            self.merge.told(shard, pulse.told_s)

    def left(self, shard: int) -> None:
        """Take note that a shard says no more: it has ended, or is gone."""
        self.merge.left(shard)

    @property
    def last_s(self) -> float:
        """Return when the last window ends in which something happened."""
        series = self.recorder.series
        return len(series.windows) * series.width_s

    @property
    def newest_s(self) -> float:
        """Return the latest time that the journal tells."""
        return self.merge.newest_s

    def settle(self) -> None:
        """Write all records that were kept back, and say which could not be put in order."""
        self.merge.settle()
        if self.merge.strays:
            who = ", ".join(
                f"worker {shard} from {max(0.0, told):.1f} s on"
                for shard, told in self.merge.given_up.items()
            )
            self.troubles.append(
                f"the journal is not in order: {who} hung for longer than what the others told "
                f"could be kept, and {self.merge.strays} records of it came too late"
            )

    def account(self, record: Record) -> None:
        """Enter a record that no worker wrote."""
        if self.reread is None:
            self.ledger.add(record)

    def _keep(self, lines: list[bytes]) -> None:
        self.on_lines(b"".join(lines))
        if self.reread is None:
            for line in lines:
                self.ledger.add(self._decoder.decode(line))

    def _note_callouts(self, lines: Lines) -> None:
        """Take note of callouts that began or ended."""
        for at in lines.callouts.nonzero()[0].tolist():
            callout = int(lines.callouts[at])
            if callout < 0:
                self.callouts.pop(-callout, None)
            elif callout not in self.callouts:
                self.callouts[callout] = float(lines.times_s[at])
                self._match(callout)

    def heard(self, callout: int, monotonic_s: float) -> None:
        """Take note of a webhook that tells of a callout."""
        self.notified(callout, monotonic_s - self.start_s)

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

        return GeneratorHealth(
            workers=len(pulses),
            pacer=min(pulse.pacer for pulse in pulses),
            transport=self.settings.transport,
            cpu_share=share(lambda pulse: pulse.cpu_s),
            counting_cpu_share=self.counting_s / lasted_s if lasted_s > 0 else 0.0,
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

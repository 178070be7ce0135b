"""What a load test measured and came to: one value, written to `result.json` in its folder.

The report, the comparison, the live view and other machines read this and nothing else. A result of
several workers is the exact sum of theirs (`simulator.load.merge`).
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct, field

from simulator.errors import ExitCode, InputError, UnavailableError
from simulator.load.histogram import Histogram, HistogramJson, merged, of_kind

FORMAT = 1
FILE_NAME = "result.json"


class Verdict(StrEnum):
    """What a load test comes to."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"  # a threshold, the ledger or an invariant
    VOID = "void"  # the generator was the bottleneck, or the test was stopped
    ENVIRONMENT = "environment"  # no target, no token, no sockets

    @property
    def exit_code(self) -> ExitCode:
        """Return what the command ends with."""
        return {
            Verdict.PASS: ExitCode.PASS,
            Verdict.FAIL: ExitCode.FAILED,
            Verdict.VOID: ExitCode.VOID,
            Verdict.ENVIRONMENT: ExitCode.ENVIRONMENT,
        }[self]


class Stage(StrEnum):
    """A stretch of a message's way that has a histogram; the order is that of the way.

    `LATENESS + QUEUE + SEND + ANSWER = LATENCY` for every message; `SEND + ANSWER = SERVICE`.
    """

    PRESS = "press"  # a person pressed .. the device handed the frame to its radio
    AIR = "air"  # .. the gateway has it
    GATEWAY = "gateway"  # .. its device event is due
    LATENESS = "lateness"  # due .. the generator took it up
    QUEUE = "queue"  # .. it has a connection and a token
    SEND = "send"  # .. the operating system has its last byte
    ANSWER = "answer"  # .. the last byte of the answer is here
    CALLOUT = "callout"  # a press was due .. an answer named its callout
    WEBHOOK = "webhook"  # a callout opened .. the first webhook that tells of it is here
    SERVICE = "service"  # sent .. answered: how the target serves who gets through
    LATENCY = "latency"  # due .. answered: what a person waits for

    @property
    def meaning(self) -> str:
        """Return what is measured, in words."""
        return _MEANINGS[self]


_MEANINGS = {
    Stage.PRESS: "from the press to the device's frame",
    Stage.AIR: "from the frame to the gateway",
    Stage.GATEWAY: "from the gateway to the device event that is due",
    Stage.LATENESS: "from due until the generator took it up",
    Stage.QUEUE: "from there until a connection was free",
    Stage.SEND: "from there until the last byte was handed to the system",
    Stage.ANSWER: "from there until the answer was complete",
    Stage.CALLOUT: "from a press that is due until its callout is known",
    Stage.WEBHOOK: "from a callout until the webhook that tells of it",
    Stage.SERVICE: "from sent until answered",
    Stage.LATENCY: "from due until answered",
}
ADDING_UP = (Stage.LATENESS, Stage.QUEUE, Stage.SEND, Stage.ANSWER)
"""The stages that make up the latency of every message."""


class Tally(Struct, kw_only=True):
    """Messages of one kind; `due = answered + errors + dropped + unfinished`. Mutable."""

    due: int = 0
    sent: int = 0  # written to a connection
    answered: int = 0  # with 2xx
    errors: int = 0  # another status, or no answer
    dropped: int = 0  # not sent: too late, or nowhere to wait

    @property
    def unfinished(self) -> int:
        """Return how many were still on their way when the test ended."""
        return self.due - self.answered - self.errors - self.dropped

    def add(self, other: "Tally") -> None:
        """Add another tally."""
        self.due += other.due
        self.sent += other.sent
        self.answered += other.answered
        self.errors += other.errors
        self.dropped += other.dropped


class Window(Struct, kw_only=True):
    """A second of the test (or more, see `Series.width_s`), by when messages were due. Mutable."""

    tally: Tally = field(default_factory=Tally)
    sent_in: int = 0  # messages that left in this window, whenever they were due
    answered_in: int = 0  # answers that came in this window, whenever their messages were due
    waiting: int = 0  # most messages that waited for a connection at once
    latency: Histogram = field(default_factory=Histogram)
    service: Histogram = field(default_factory=Histogram)
    lateness: Histogram = field(default_factory=Histogram)


class Series(Struct, kw_only=True):
    """The test over time: window i begins `i * width_s` after its start."""

    width_s: float = 1.0
    windows: list[Window] = []


class GeneratorHealth(Struct, kw_only=True):
    """Whether the generator itself was well. Shares are of the time that the test took."""

    workers: int = 1
    pacer: str = "timerfd"  # timerfd | loop
    transport: str = "wire"  # wire | aiohttp
    cpu_share: float = 0.0  # processor time of the generator, of one core (the busiest worker)
    counting_cpu_share: float = 0.0  # the same of who counts and keeps the journal
    run_wait_share: float = 0.0  # ready to run, but another process had the core
    steal_share: float = 0.0  # the machine's cores were taken by its host
    gc_pauses: int = 0
    gc_longest_s: float = 0.0
    stall_longest_s: float = 0.0  # the longest the pacer was late for anything
    connections_opened: int = 0
    connections_most: int = 0  # open at once
    waiting_most: int = 0  # messages that waited for a connection at once
    sockets_refused: int = 0  # the system had no port or no file for another connection
    retries: int = 0  # messages sent again, as devices would
    tokens: int = 0  # bearer tokens asked for
    memory_peak_mib: float = 0.0
    honest_rate: float | None = None  # where void: messages a second it could have kept


class ThresholdOutcome(Struct, frozen=True, kw_only=True):
    """One threshold, and what was measured."""

    name: str
    text: str  # the threshold as a sentence
    limit: float
    measured: float | None  # None: there was nothing to measure
    unit: str  # s | share | per second | messages | presses
    samples: int
    is_met: bool
    stopped_at_s: float | None = None  # it was hopeless then, and the test was stopped


class SettingsJson(Struct, frozen=True, kw_only=True):
    """What the test was told, in a form for reports."""

    target: str
    tier: str
    mix: dict[str, int]  # profile -> devices
    shape: str  # constant | ramp | step | spike | diurnal | fleet | replay ...
    rate: float  # messages a second at the height of the shape
    for_s: float
    seed: int
    transport: str
    connections: int
    timeout_s: float
    workers: int
    delivery: str = "aura"  # aura | native
    name: str = ""  # of the load file
    purpose: str = ""


class LedgerJson(Struct, frozen=True, kw_only=True):
    """The ledger of the presses, in sums; `aurasim ledger DIR` has each press."""

    verdict: str
    presses: int
    totals: dict[str, int]
    lost: dict[str, int]
    invariants: dict[str, int]


class LoadResult(Struct, kw_only=True):
    """All of a load test. `stages`: stage -> kind of message -> histogram."""

    format: int = FORMAT
    version: str
    settings: SettingsJson
    started: str  # ISO 8601, UTC: the time of day at 0 s
    lasted_s: float
    verdict: Verdict
    reasons: list[str] = []  # for the verdict, the gravest first
    kinds: dict[str, Tally] = {}
    errors: dict[str, int] = {}  # "answered 503", "timeout", ... -> messages
    drops: dict[str, int] = {}  # why not sent -> messages
    stages: dict[Stage, dict[str, Histogram]] = {}
    series: Series = field(default_factory=Series)
    generator: GeneratorHealth = field(default_factory=GeneratorHealth)
    thresholds: list[ThresholdOutcome] = []
    ledger: LedgerJson | None = None
    is_whole: bool = True  # False: written while the test ran, or after a worker was killed

    @property
    def total(self) -> Tally:
        """Return the messages of all kinds."""
        total = Tally()
        for tally in self.kinds.values():
            total.add(tally)
        return total

    def stage(self, stage: Stage, kind: str | None = None) -> Histogram:
        """Return the histogram of a stage, for one kind of message or for all."""
        return of_kind(self.stages.get(stage, {}), kind)

    @property
    def answered_rate(self) -> float:
        """Return the answers a second over the whole test."""
        return self.total.answered / self.lasted_s if self.lasted_s else 0.0

    @property
    def sent_rate(self) -> float:
        """Return the messages sent a second over the whole test."""
        return self.total.sent / self.lasted_s if self.lasted_s else 0.0


class ResultError(InputError):
    """A result cannot be read: `path`, `reason`."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class ResultUnwritableError(UnavailableError):
    """The folder of a load test cannot be written."""


def to_json(result: LoadResult) -> bytes:
    """Return the result as one line of JSON."""
    return _encoder.encode(result)


def from_json(text: bytes | str) -> LoadResult:
    """Read a result; raises msgspec.ValidationError or DecodeError where it is none."""
    return _decoder.decode(text)


def read_result(run: Path) -> LoadResult:
    """Read the result of a load test, given its folder or the file; raise `ResultError`."""
    path = run / FILE_NAME if run.is_dir() else run
    try:
        result = from_json(path.read_bytes())
    except OSError as error:
        reason = (
            f"cannot be read: {error.strerror}. Name the folder given as --out to aurasim load."
        )
        raise ResultError(path, reason) from error
    except msgspec.DecodeError as error:
        raise ResultError(path, f"is no result of a load test: {error}") from error
    if result.format != FORMAT:
        reason = f"has result format {result.format}; this version reads {FORMAT}."
        raise ResultError(path, reason)
    return result


def write_result(result: LoadResult, folder: Path) -> Path:
    """Write the result so that a reader never sees half of it; return its path."""
    path = folder / FILE_NAME
    fresh = folder / f".{FILE_NAME}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(to_json(result) + b"\n")
        fresh.replace(path)
    except OSError as error:
        message = (
            f"The result cannot be written to {folder}: {error.strerror}. "
            "Name a folder that you may write with --out."
        )
        raise ResultUnwritableError(message) from error
    return path


def all_kinds(stages: Mapping[Stage, Mapping[str, Histogram]], stage: Stage) -> Histogram:
    """Return the histogram of a stage over all kinds of messages."""
    return merged(stages.get(stage, {}).values())


def _write(value: object) -> HistogramJson:
    if isinstance(value, Histogram):
        return value.to_json()
    message = f"{type(value).__name__} cannot be written as JSON"
    raise NotImplementedError(message)


def _read(kind: type, value: object) -> object:
    if kind is Histogram:
        return Histogram.from_json(msgspec.convert(value, HistogramJson, strict=True))
    message = f"{kind.__name__} cannot be read from JSON"
    raise NotImplementedError(message)


_encoder = msgspec.json.Encoder(enc_hook=_write)
_decoder = msgspec.json.Decoder(LoadResult, dec_hook=_read)

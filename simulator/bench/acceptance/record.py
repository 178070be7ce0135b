"""What an acceptance run leaves behind: one record, from which every report is made."""

from enum import StrEnum

from msgspec import Struct

from simulator.bench.acceptance.measures import Measurement
from simulator.errors import ExitCode
from simulator.frame import Value

FORMAT = 1


class Verdict(StrEnum):
    """What a session says of a unit; the last two say nothing of it."""

    PASSED = "passed"
    MARGINAL = "marginal"
    FAILED = "device failed"
    BROKEN = "bench broken"
    VOID = "void"


EXIT_CODES = {
    Verdict.PASSED: ExitCode.PASS,
    Verdict.MARGINAL: ExitCode.PASS,
    Verdict.FAILED: ExitCode.FAILED,
    Verdict.BROKEN: ExitCode.ENVIRONMENT,
    Verdict.VOID: ExitCode.VOID,
}


class Identity(Struct, frozen=True, kw_only=True):
    """Which unit it is, as far as is known."""

    profile: str
    title: str
    serial: str
    device_id: str = ""
    firmware: str = ""
    link: str
    emulated: bool = False


class FrameRecord(Struct, frozen=True, kw_only=True):
    """One frame that was heard; `t` is in seconds since the session began."""

    t: float
    hex: str
    means: list[str]
    values: dict[str, Value]
    dropped: str = ""
    reply_hex: str = ""


class StageRecord(Struct, frozen=True, kw_only=True):
    """The way of one press or cancel, in seconds since the session began; absent: never reached."""

    what: str
    press: str
    finger_down_s: float | None = None
    exact_within_s: float = 0.0
    frame_s: float | None = None
    event_sent_s: float | None = None
    answered_s: float | None = None
    seen_at_aura_s: float | None = None
    callout: int | None = None
    copies: int = 0
    failure: str = ""


class StepRecord(Struct, frozen=True, kw_only=True):
    """What the operator was asked, and what came of it."""

    t: float
    act: str
    said: str
    note: str = ""


class WireCounts(Struct, frozen=True, kw_only=True):
    """What was heard on the wire, by its kind."""

    chunks: int
    received_bytes: int
    sent_bytes: int
    frames: int
    unreadable: int
    repetitions: int
    garbage_bytes: int
    half_frames: int
    losses: int
    returns: int
    overflow_bytes: int


class BenchRecord(Struct, frozen=True, kw_only=True):
    """One session with one unit."""

    aurasim_bench: int = FORMAT
    version: str
    started: str
    lasted_s: float
    target: str
    identity: Identity
    verdict: Verdict
    reasons: list[str]
    measurements: list[Measurement]
    stages: list[StageRecord]
    steps: list[StepRecord]
    frames: list[FrameRecord]
    frames_left_out: int = 0
    counts: WireCounts
    troubles: list[str] = []  # losses of the link and the like
    wire_log: str = ""  # the name of the file beside this one

"""What a session finds, and how it ends early."""

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple

from simulator.bench.acceptance.record import StageRecord, StepRecord, Verdict
from simulator.bench.desk import AuraLink, Stage
from simulator.bench.ear import HeardFrame
from simulator.bench.operators import Act
from simulator.frame import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """How a session is held. `serial` and `key` where they are known before the unit speaks.

    `link` is used in place of one that is made for the session and taken away after it.
    """

    serial: str | None = None
    key: bytes | None = None
    link: AuraLink | None = None
    prompt_s: float = 60.0  # an operator's time to act
    presses: int | None = None  # in place of the profile's
    moves: bool = True


class StoppedError(Exception):
    """The session ends here, with a verdict and why."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


class Watched(NamedTuple):
    """What became of a frame at AURA, and when AURA showed it (`monotonic_s`)."""

    stage: Stage
    seen_s: float | None


@dataclass(slots=True)
class Cycle:
    """One press and its way back. Mutable: it is filled as it goes on."""

    name: str
    act: Act
    heard: list[HeardFrame] = field(default_factory=list)  # that mean this press
    copies: int = 0
    cancels: list[HeardFrame] = field(default_factory=list)
    is_written: bool = False
    watches: dict[Kind, "asyncio.Task[Watched]"] = field(default_factory=dict)


@dataclass(slots=True)
class Findings:
    """What a session found. Mutable: it is filled as it goes on."""

    frames: list[HeardFrame] = field(default_factory=list)
    stages: list[StageRecord] = field(default_factory=list)
    steps: list[StepRecord] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    press_to_frame_s: list[float] = field(default_factory=list)
    cancel_to_frame_s: list[float] = field(default_factory=list)
    frame_to_callout_s: list[float] = field(default_factory=list)
    cancel_to_closed_s: list[float] = field(default_factory=list)
    copies: list[float] = field(default_factory=list)
    error_s: float = 0.0
    opened: int = 0
    not_opened: int = 0
    doubled: int = 0
    closed: int = 0
    not_closed: int = 0
    moves_told: int | None = None
    battery_follows: bool | None = None
    battery_at_aura: bool | None = None
    unheard: int = 0
    unheard_cancels: int = 0
    foreign: int = 0

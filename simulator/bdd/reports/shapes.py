"""What a scenario brings to a report: plain values, for they travel between processes as JSON."""

from typing import TypedDict


class Attachment(TypedDict):
    """Something that happened during a step, shown when asked for."""

    kind: str  # frame, request or webhook
    title: str
    text: str


class StepReport(TypedDict):
    """One step."""

    keyword: str
    name: str
    line: int
    outcome: str
    error: str
    took_s: float
    at: str  # run time when it began
    attachments: list[Attachment]


class FeatureReport(TypedDict):
    """The feature that a scenario belongs to."""

    name: str
    uri: str
    line: int
    description: str
    language: str
    tags: list[str]


class ScenarioReport(TypedDict):
    """One scenario."""

    nodeid: str
    name: str
    line: int
    description: str
    tags: list[str]
    outcome: str
    reason: str
    took_s: float
    run_time: str  # how long it lasted by its own clock
    repeat: str
    feature: FeatureReport
    steps: list[StepReport]
    timeline: list[str]

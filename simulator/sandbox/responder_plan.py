"""What a tenant's responders are told, as a row."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from simulator.sandbox.rows import Row

Seconds = Annotated[float, Meta(ge=0, le=604800)]


class Outcome(StrEnum):
    """How far responders get."""

    COMPLETED = "completed"
    NOBODY_COMES = "nobody-comes"  # the callout stays as it was created
    NEVER_ARRIVES = "never-arrives"
    STOOD_DOWN = "stood-down"  # after the dispatch, by the control room


class ResponderPlan(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether responders come by themselves, how long each step takes, and how it ends.

    `jitter` spreads each time by that share, the same way for the same callout.
    """

    id: str = "plan"
    is_automatic: bool = False
    acknowledge_s: Seconds = 30.0
    travel_s: Seconds = 480.0
    on_scene_s: Seconds = 600.0
    close_s: Seconds = 60.0
    jitter: Annotated[float, Meta(ge=0, le=1)] = 0.0
    outcome: Outcome = Outcome.COMPLETED

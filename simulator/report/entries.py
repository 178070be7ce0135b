"""What the ledger says of one press: its class, the place of a loss, and how long each stage took.

The words here are the words of every report, so that a page, a table and a JUnit file agree.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """The one class of a press; the order is that of every table."""

    DELIVERED = "delivered"
    MERGED = "merged"
    CANCELLED = "cancelled"
    RETRIED = "delivered after retry"
    LOST = "lost"
    DOUBLED = "doubled"
    UNEXPLAINED = "unexplained"

    @property
    def meaning(self) -> str:
        """Return one sentence for people who read a report."""
        return _MEANINGS[self]

    @property
    def is_failure(self) -> bool:
        """Return whether one press of this class fails the run."""
        return self in (Outcome.DOUBLED, Outcome.UNEXPLAINED)


_MEANINGS = {
    Outcome.DELIVERED: "Its device event opened a callout, at the first attempt.",
    Outcome.MERGED: "It joined a callout that an earlier press had opened.",
    Outcome.CANCELLED: "The person took it back, and AURA confirmed the cancel.",
    Outcome.RETRIED: "It opened or joined a callout, but needed a second frame or request.",
    Outcome.LOST: "It reached no callout, and the journal says where and why.",
    Outcome.DOUBLED: "It opened more than one callout. This fails the run.",
    Outcome.UNEXPLAINED: "It vanished without a trace. This fails the run.",
}


class Place(StrEnum):
    """Where a press was lost, or by whose repetition it was doubled."""

    DEVICE = "device"
    QUOTA = "quota"
    AIR = "air"
    GATEWAY = "gateway"
    TARGET = "target"
    RUN_ENDED = "in flight when the run ended"
    JOURNAL_ENDED = "when the journal ended"


class Stages(NamedTuple):
    """Seconds a press spent in each stage; None where it did not get through.

    The stages follow each other without a gap: where a frame was resent, the time until the
    resend arrived is time in the air; where a request was repeated, it is time of the answer.
    """

    device_s: float | None = None  # from the press to its first frame
    air_s: float | None = None  # from that frame to its arrival at the gateway
    queue_s: float | None = None  # from the arrival to the device event
    answer_s: float | None = None  # from the device event to AURA's answer
    total_s: float | None = None  # from the press to AURA's answer


NO_STAGES = Stages()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One press, accounted for. `attempts` counts frames and `requests` requests to AURA."""

    press: str
    device: str
    at_s: float
    outcome: Outcome
    where: Place | None = None
    detail: str = ""
    callout: int | None = None
    stages: Stages = NO_STAGES
    attempts: int = 0
    requests: int = 0
    regretted: bool = False

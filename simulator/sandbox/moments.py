"""Times in bodies: read as moments between 1971 and 9986, kept as seconds since 1970."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

from simulator.sandbox.refusal import malformed

LAST_S = 253_000_000_000.0  # in the year 9987
Moment = Annotated[datetime, Meta(description="ISO 8601; without a zone it is UTC")]


def seconds_of(field: str, moment: datetime) -> float:
    """Return a moment of a body in seconds since 1970; refuse one that could not be written."""
    if not 1970 < moment.year < 9987:
        raise malformed(field, "must lie between the years 1971 and 9986.")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.timestamp()

"""How the generator hands over what it measured: one packed row a message, when its fate is known.

Writing a row is all that a message costs the generator beside sending; counting is done elsewhere,
thousands at a time. Times are seconds of the monotonic clock; 0 is never.
"""

from struct import Struct

import numpy as np

from simulator.aura import TransportFailure

ROW = Struct("<5d2hi")
DTYPE = np.dtype(
    [
        ("due", "<f8"),
        ("taken", "<f8"),
        ("sent", "<f8"),
        ("flushed", "<f8"),
        ("done", "<f8"),
        ("kind", "<i2"),
        ("status", "<i2"),
        ("attempts", "<i4"),
    ]
)
"""`status`: that of the answer; 0 unfinished; below, a code of `REASONS`."""

UNFINISHED = 0
CALLOUT = 1 << 16
"""Added to the attempts of a press whose answer named a callout."""

_FAILURES = tuple(TransportFailure)
FAILURES = {failure: -1 - number for number, failure in enumerate(_FAILURES)}
"""No answer, and why."""
REFUSED = -30
UNREADABLE = -31
NOT_TAKEN = -32
STALE = -40
NO_ROOM = -41
STOPPED = -42
DROPS = {
    STALE: "too late to send",
    NO_ROOM: "too many waited for a connection",
    STOPPED: "the test was stopped",
}
"""Never sent, and why."""
LAST_DROP = STALE  # what is never sent has a code from here down
REASONS = (
    {code: str(failure) for failure, code in FAILURES.items()}
    | {REFUSED: "refused by the client", UNREADABLE: "answer not readable", NOT_TAKEN: "not taken"}
    | DROPS
)


def reason_of(status: int) -> str:
    """Return what a status that is no success means, in words."""
    return REASONS.get(status) or f"answered {status}"

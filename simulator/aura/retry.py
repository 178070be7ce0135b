"""How often and how soon a failed request is sent again."""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from simulator.aura.http import Response
from simulator.rng import Stream


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounded, growing, jittered pauses; an answer's Retry-After is honoured up to a limit.

    `spread` is the share of a pause that is drawn by chance, so that a fleet does not come back in
    step.
    """

    attempts: int = 4
    first_pause_s: float = 0.5
    growth: float = 2.0
    longest_pause_s: float = 20.0
    longest_retry_after_s: float = 120.0
    spread: float = 0.5

    def pause_s(self, attempt: int, retry_after_s: float | None, jitter: Stream) -> float | None:
        """Return how long to wait after failed attempt number `attempt`; None: do not try again."""
        if attempt >= self.attempts:
            return None
        pause_s = min(self.first_pause_s * self.growth ** (attempt - 1), self.longest_pause_s)
        if retry_after_s is None:
            return pause_s * jitter.uniform(1.0 - self.spread, 1.0)
        if retry_after_s > self.longest_retry_after_s:
            return None
        return retry_after_s + pause_s * jitter.uniform(0.0, self.spread)


NO_RETRY = RetryPolicy(attempts=1)


def retry_after_s(response: Response, now_s: float) -> float | None:
    """Return the seconds an answer asks us to wait, given as a number or as a date."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now_s)
    except ValueError:
        return None

"""What the fleet measures, in Locust's own table: requests, failures and response times by kind.

Response times are those a person waits for, from when a message was due. A batch of rows is one
addition; where somebody else listens to Locust's `request` event, it is fired for every message.
"""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from locust.stats import RequestStats, StatsEntry, StatsError, bucket_response_time
from numpy.typing import NDArray

from simulator.clock import wall_s
from simulator.load.rows import DTYPE, UNFINISHED, reason_of
from simulator.load.schedule import KINDS

if TYPE_CHECKING:
    from locust.env import Environment

METHOD = "AURA"
_OWN_LISTENERS = 1  # Locust's own, which writes the table


class MessageError(Exception):
    """A message that was not answered with success, as Locust's `request` event tells it."""


class Table:
    """Enters rows into the statistics of a Locust environment."""

    def __init__(self, environment: "Environment") -> None:
        self._environment = environment

    def enter(self, payload: bytes) -> None:
        """Enter packed rows."""
        rows = np.frombuffer(payload, DTYPE)
        rows = rows[rows["status"] != UNFINISHED]
        request = self._environment.events.request
        if len(request._handlers) > _OWN_LISTENERS:
            self._fire(rows)
            return
        for code in np.unique(rows["kind"]).tolist():
            self._add(KINDS[code].value, rows[rows["kind"] == code])

    def _add(self, kind: str, rows: NDArray[np.void]) -> None:
        stats = self._environment.stats
        entry = _entry(stats, kind, rows)
        stats.entries[kind, METHOD].extend(entry)
        stats.total.extend(entry)
        for status, number in _failures(rows).items():
            _fail(stats, kind, reason_of(status), number)

    def _fire(self, rows: NDArray[np.void]) -> None:
        for row in rows.tolist():
            due, _, _, _, done, code, status, _ = row
            is_well = 200 <= status < 300
            self._environment.events.request.fire(
                request_type=METHOD,
                name=KINDS[code].value,
                response_time=(done - due) * 1e3 if done else None,
                response_length=0,
                exception=None if is_well else MessageError(reason_of(status)),
                context={},
            )


def _entry(stats: RequestStats, kind: str, rows: NDArray[np.void]) -> StatsEntry:
    """Return a batch as an entry that can be added to others."""
    now = wall_s()
    done = rows["done"] > 0
    times = np.maximum((rows["done"][done] - rows["due"][done]) * 1e3, 0.0)
    failed = sum(_failures(rows).values())
    entry = StatsEntry(stats, kind, METHOD)
    entry.num_requests = len(rows)
    entry.num_none_requests = len(rows) - len(times)
    entry.num_failures = failed
    entry.last_request_timestamp = now
    entry.num_reqs_per_sec[int(now)] = len(rows)
    if failed:
        entry.num_fail_per_sec[int(now)] = failed
    if len(times):
        entry.total_response_time = times.sum()
        entry.min_response_time = times.min()
        entry.max_response_time = times.max()
        values, counts = np.unique(np.round(times).astype(np.int64), return_counts=True)
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            entry.response_times[bucket_response_time(value)] += count
    return entry


def _failures(rows: NDArray[np.void]) -> Counter[int]:
    status = rows["status"]
    return Counter(status[(status < 200) | (status >= 300)].tolist())


def _fail(stats: RequestStats, kind: str, reason: str, number: int) -> None:
    key = StatsError.create_key(METHOD, kind, reason)
    error = stats.errors.get(key)
    if error is None:
        error = stats.errors[key] = StatsError(METHOD, kind, reason)
    error.occurred()
    error.occurrences += number - 1

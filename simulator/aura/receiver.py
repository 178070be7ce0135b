"""What an integrator's webhook server has received, and whether that is what was expected.

`Inbox` takes deliveries, from whoever brings them, and lets other threads wait for them; AURA may
deliver twice, out of order or not at all, and the inbox tells each of these from the others.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from simulator.aura.call import Json
from simulator.aura.calls.webhooks import Delivery, read_delivery
from simulator.aura.http import Request, Response
from simulator.aura.reading import Fields, ShapeError
from simulator.clock import monotonic_s, wall_s

KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivery as it came in, at `at_s` seconds since 1970."""

    number: int
    at_s: float
    delivery: Delivery = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    is_repeated: bool

    @property
    def event(self) -> str:
        """Return the name of the event."""
        return self.delivery.event

    @property
    def entity_id(self) -> str | None:
        """Return the id of the callout, customer or subscription it is about."""
        return self.delivery.entity.text("id")


@dataclass(frozen=True, slots=True)
class Expected:
    """A delivery to wait for: an event, about an entity if one is named, with these contents.

    `content` has dotted paths into the entity, such as `calloutClassification.value`; a list on the
    way is entered at its first element.
    """

    event: str
    entity_id: str | None = None
    content: Mapping[str, Json] = field(default_factory=dict)

    def is_met(self, arrival: Arrival) -> bool:
        """Return whether an arrival is the expected one."""
        if arrival.event != self.event or self.entity_id not in (None, arrival.entity_id):
            return False
        entity = arrival.delivery.entity
        return all(_at(entity, path) == value for path, value in self.content.items())

    def __str__(self) -> str:
        about = f" of {self.entity_id}" if self.entity_id is not None else ""
        content = "".join(f", {path} = {value}" for path, value in self.content.items())
        return f"{self.event}{about}{content}"


class MissingWebhookError(AssertionError):
    """Expected deliveries did not come in time, or not in order: `missing` and what came."""

    def __init__(self, missing: Expected, arrived: tuple[str, ...]) -> None:
        came = ", ".join(arrived) or "nothing"
        super().__init__(f"{missing} did not come; what came, in order: {came}.")
        self.missing = missing
        self.arrived = arrived


class Inbox:
    """The newest deliveries, oldest first; safe to use from several threads.

    It answers as an integrator's server should: 204, or `status` where a test wants a failing
    receiver; what is no delivery is answered 400 and counted in `refused`.
    """

    def __init__(self, now: Callable[[], float] = wall_s) -> None:
        self.status = 204
        self.refused = 0
        self.received = 0
        self._now = now
        self._arrivals: deque[Arrival] = deque()
        self._keys: Counter[tuple[str, str | None]] = Counter()
        self._changed = threading.Condition()

    def __iter__(self) -> Iterator[Arrival]:
        with self._changed:
            return iter(tuple(self._arrivals))

    @property
    def forgotten(self) -> int:
        """Return how many deliveries there is no room for any more."""
        return self.received - len(self._arrivals)

    def take(self, request: Request) -> Response:
        """Take a delivery."""
        try:
            delivery = read_delivery(request.body)
        except ShapeError:
            self.refused += 1
            return Response(400)
        with self._changed:
            self._keep(delivery, request.headers)
            self._changed.notify_all()
        return Response(self.status)

    def _keep(self, delivery: Delivery, headers: Mapping[str, str]) -> None:
        if len(self._arrivals) == KEPT:
            self._keys[self._arrivals.popleft().delivery.key] -= 1
        self.received += 1
        is_repeated = self._keys[delivery.key] > 0
        self._keys[delivery.key] += 1
        arrival = Arrival(self.received, self._now(), delivery, headers, is_repeated)
        self._arrivals.append(arrival)

    def clear(self) -> None:
        """Forget what came so far."""
        with self._changed:
            self._arrivals.clear()
            self._keys.clear()
            self.received = 0

    def wait_beyond(self, number: int, within_s: float) -> list[Arrival]:
        """Return what came after an arrival's number, waiting a while for it; may be empty."""
        with self._changed:
            self._changed.wait_for(lambda: self.received > number, within_s)
            return [arrival for arrival in self._arrivals if arrival.number > number]

    def expect(
        self, *expected: Expected | str, within_s: float, in_order: bool = True
    ) -> list[Arrival]:
        """Return the arrivals that meet what is expected, or raise MissingWebhookError.

        Others may come in between, and each arrival meets one expectation at most. What came
        before the call counts too.
        """
        wanted = [Expected(one) if isinstance(one, str) else one for one in expected]
        ends_s = monotonic_s() + within_s
        with self._changed:
            while True:
                met, missing = _match(wanted, self._arrivals, in_order=in_order)
                left_s = ends_s - monotonic_s()
                if missing is None:
                    return met
                if left_s <= 0 or not self._changed.wait(left_s):
                    raise MissingWebhookError(missing, tuple(a.event for a in self._arrivals))


def _match(
    wanted: Iterable[Expected], arrivals: Iterable[Arrival], *, in_order: bool
) -> tuple[list[Arrival], Expected | None]:
    """Return the arrivals that meet the wishes, up to the first wish that none meets."""
    left = list(arrivals)
    met: list[Arrival] = []
    for one in wanted:
        place = next((at for at, arrival in enumerate(left) if one.is_met(arrival)), None)
        if place is None:
            return met, one
        met.append(left[place])
        left = left[place + 1 :] if in_order else left[:place] + left[place + 1 :]
    return met, None


def _at(fields: Fields, path: str) -> Json:
    *parents, name = path.split(".")
    for parent in parents:
        fields = fields.part(parent)
    return fields.raw.get(name)

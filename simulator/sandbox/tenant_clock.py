"""The time of one tenant: it follows the run's clock until someone freezes, sets or advances it.

A tenant's happenings (a responder's journey, a delayed webhook) live in an environment of their
own, so that one tenant's night can pass in a millisecond while its neighbour's clock ticks on. The
run's environment is given a wake-up for the next of them: no request is needed for it to happen.
"""

from collections.abc import Callable, Generator

import simpy
from msgspec import Struct

_NEVER = float("inf")


class MovableEnvironment(simpy.Environment):
    """An environment that can be moved to a time at which nothing happens."""

    def move_to(self, at_s: float) -> None:
        """Handle what is due by then, and let it be that time; never goes back."""
        while self.peek() <= at_s:
            self.step()
        self._now = max(self._now, at_s)


class ClockState(Struct, frozen=True):
    """Where a tenant's clock stands: seconds ahead of the run's time, or standing still."""

    id: str = "clock"
    ahead_s: float = 0.0
    frozen_at_s: float | None = None


class TenantClock:
    """A clock in seconds since 1970, with the happenings that wait for it.

    `keep` is told each new state. After `restore` the happenings are gone: whoever planned them
    plans them again from the tables.
    """

    def __init__(
        self, base: simpy.Environment, epoch_s: float, keep: Callable[[ClockState], object]
    ) -> None:
        self._base = base
        self._epoch_s = epoch_s
        self._keep = keep
        self._armed_s = _NEVER  # when the wake-up that counts comes, in this clock's time
        self._wake_up: simpy.Event | None = None
        self._is_turning = False
        self.state = ClockState()
        self.env = MovableEnvironment(self._target_s())

    @property
    def now_s(self) -> float:
        """Return the tenant's time; inside a happening, the time of the happening."""
        return float(self.env.now)

    def sync(self) -> None:
        """Catch up with the run's time: handle all that is due."""
        if not self._is_turning:
            self._turn(self._target_s())

    def after(self, delay_s: float, act: Callable[[], None]) -> None:
        """Let something happen later."""
        happening = self.env.timeout(max(0.0, delay_s))
        assert happening.callbacks is not None  # noqa: S101 - it has not happened
        happening.callbacks.append(lambda _: act())
        self._arm()

    def start(self, process: Generator[simpy.Event, object, None]) -> None:
        """Let a process live in the tenant's time."""
        self.env.process(process)
        self._arm()

    def freeze(self) -> None:
        """Stop the clock; only `set_to` and `advance` move it now."""
        if self.state.frozen_at_s is None:
            self._become(ClockState(ahead_s=self.state.ahead_s, frozen_at_s=self.now_s))

    def resume(self) -> None:
        """Let the clock follow the run's again, from where it stands."""
        if self.state.frozen_at_s is not None:
            self._become(ClockState(ahead_s=self.now_s - self._run_s()))

    def advance(self, duration_s: float) -> None:
        """Let a duration pass at once, with all that happens in it."""
        self._jump(self.now_s + duration_s)

    def settle(self, limit_s: float) -> None:
        """Advance until nothing waits any more, at most by the limit."""
        last_s = self.now_s + limit_s
        while self.env.peek() <= last_s:
            self._jump(float(self.env.peek()))

    def restore(self, state: ClockState) -> None:
        """Stand as a kept state says, with nothing planned; the way to set a clock back."""
        self.state = state
        self.env = MovableEnvironment(self._target_s())
        self._become(state)

    def state_at(self, at_s: float) -> ClockState:
        """Return the state that shows this time now, frozen or not as it is."""
        frozen_at_s = None if self.state.frozen_at_s is None else at_s
        return ClockState(ahead_s=at_s - self._run_s(), frozen_at_s=frozen_at_s)

    @property
    def next_due_s(self) -> float | None:
        """Return the time of the next happening, None when nothing waits."""
        due_s = float(self.env.peek())
        return None if due_s == _NEVER else due_s

    def _jump(self, at_s: float) -> None:
        self._turn(at_s)
        self._become(self.state_at(at_s))
        self._arm()

    def _become(self, state: ClockState) -> None:
        self.state = state
        self._armed_s = _NEVER
        self._keep(state)
        self._arm()

    def _run_s(self) -> float:
        return self._epoch_s + float(self._base.now)

    def _target_s(self) -> float:
        if self.state.frozen_at_s is not None:
            return self.state.frozen_at_s
        return self._run_s() + self.state.ahead_s

    def _turn(self, at_s: float) -> None:
        self._is_turning = True
        try:
            self.env.move_to(at_s)
        finally:
            self._is_turning = False
        self._arm()

    def _arm(self) -> None:
        """Ask the run's environment to be woken when the next happening is due."""
        due_s = float(self.env.peek())
        if self._is_turning or self.state.frozen_at_s is not None or due_s >= self._armed_s:
            return
        self._armed_s = due_s
        self._wake_up = self._base.timeout(max(0.0, due_s - self._target_s()))
        assert self._wake_up.callbacks is not None  # noqa: S101 - it has not happened
        self._wake_up.callbacks.append(self._wake)

    def _wake(self, wake_up: simpy.Event) -> None:
        """Do what is due; the rounding of sums of floats must not leave it for one more wake-up."""
        if wake_up is not self._wake_up or self._armed_s == _NEVER:
            return
        due_s, self._armed_s = self._armed_s, _NEVER
        self._turn(max(due_s, self._target_s()))

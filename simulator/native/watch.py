"""Watches what reaches AURA, where frames go by a middleware that is not ours.

AURA's list of active callouts is read at intervals. A callout of a customer that appears there
answers the press of the customer's device that waits, one that vanishes answers its cancel. What
AURA does not show cannot be told apart: a press while its customer's callout is open counts as
merged into it, whether or not the middleware passed it on.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import simpy

from simulator.aura import AuraError
from simulator.aura.calls import callouts
from simulator.aura.types import CalloutId, CustomerId
from simulator.frame import Kind
from simulator.gateway import Courier, LinkedDevice
from simulator.journal import Answered, CalloutClosed, EventSent, Failed, Journal

Steps = Generator[simpy.Event, object, None]


@dataclass(slots=True)
class _Hope:
    """Something that AURA should come to show. Mutable: it is asked when its turn comes."""

    message: str
    kind: Kind
    press: str
    asked_s: float | None = None
    callout: CalloutId | None = None  # that a cancel is to end


class AuraWatch:
    """Watches the callouts of linked devices. Times are seconds of the run."""

    def __init__(
        self,
        env: simpy.Environment,
        journal: Journal,
        courier: Courier,
        *,
        every_s: float,
        within_s: float,
        is_speaking: Callable[[str], bool],
    ) -> None:
        self.every_s = every_s
        self.within_s = within_s
        self.on_opened: Callable[[LinkedDevice, CalloutId], None] | None = None
        self.on_settled: Callable[[LinkedDevice, str], None] | None = None
        self._env = env
        self._journal = journal
        self._courier = courier
        self._is_speaking = is_speaking  # a press of the device is on its way to the middleware
        self._looked_s = 0.0
        self._devices: dict[str, LinkedDevice] = {}
        self._hopes: dict[str, deque[_Hope]] = {}
        self._latest: dict[str, str] = {}  # the latest press of a device
        self._hoped: set[str] = set()  # presses and cancels are hoped for once
        self._settled: set[str] = set()  # presses that AURA has shown, or that were given up
        self._ended: set[CalloutId] = set()
        self._trouble = ""

    def add(self, device: LinkedDevice) -> None:
        """Watch the customer of a device."""
        self._devices[device.name] = device

    def hope(self, device: str, kind: Kind, press: str) -> None:
        """Expect AURA to show a press or a cancel of a device; a repetition changes nothing."""
        name = f"{press}:{kind}:seen"
        if name in self._hoped:
            return
        self._hoped.add(name)
        self._hopes.setdefault(device, deque()).append(_Hope(name, kind, press))
        self._ask(self._devices[device])

    def sent(self, device: str, press: str) -> None:
        """Take note of the press that a device speaks of."""
        self._latest[device] = press

    def is_settled(self, press: str) -> bool:
        """Return whether it is known what a press came to at AURA."""
        return press in self._settled

    @property
    def is_quiet(self) -> bool:
        """Return whether all that was expected has been seen or given up."""
        return not self._hopes

    def unfinished(self) -> Iterator[tuple[str, str, str]]:
        """Yield what has not been seen: (press, device, where)."""
        for device, hopes in self._hopes.items():
            for hope in hopes:
                yield hope.press, device, "middleware"

    def closed(self, device: str, callout: CalloutId, by: str) -> None:
        """Take note that a callout of a device is over."""
        linked = self._devices[device]
        self._ended.add(callout)
        if linked.callout == callout:
            linked.callout = None
        record = CalloutClosed(t=self._env.now, device=device, callout=callout, by=by)
        self._journal.write(record)

    def turn(self) -> Steps:
        """Look, again and again."""
        while True:
            yield self._env.timeout(self.every_s)
            yield from self._look()

    def _look(self) -> Steps:
        """Read the active callouts. A failing AURA shows nothing; hopes may run out meanwhile."""
        if not self._devices:
            return
        self._looked_s = self._env.now
        try:
            listed, _ = yield from self._courier.perform(callouts.active())
        except AuraError as error:
            self._trouble = f"; AURA's list could not be read: {error}"
        else:
            self._trouble = ""
            active: dict[CustomerId, list[CalloutId]] = {}
            for callout in listed:
                if callout.customer_id is not None and callout.id not in self._ended:
                    active.setdefault(callout.customer_id, []).append(callout.id)
            for linked in self._devices.values():
                self._compare(linked, active.get(linked.customer, []))
        for name in list(self._hopes):
            self._give_up(self._devices[name])

    def _compare(self, linked: LinkedDevice, active: list[CalloutId]) -> None:
        """Draw the conclusions for one device."""
        if linked.callout is not None and linked.callout not in active:
            self._vanished(linked, linked.callout)
        for callout in active:
            if callout != linked.callout:
                self._appeared(linked, callout)
        self._merged(linked, active)

    def _vanished(self, linked: LinkedDevice, callout: CalloutId) -> None:
        hope = self._head(linked, Kind.CANCEL)
        if hope is not None and hope.callout == callout:
            self._answer(linked, hope, callout)
            self.closed(linked.name, callout, "cancel")
            self._next(linked)
        else:
            self.closed(linked.name, callout, "AURA")

    def _appeared(self, linked: LinkedDevice, callout: CalloutId) -> None:
        """Give a new callout to the press that waits, else to the latest of its device."""
        hope = self._head(linked, Kind.PRESS)
        if hope is not None:
            self._answer(linked, hope, callout)
        elif self._is_speaking(linked.name):
            return  # whose it is will be known when the press has been delivered
        elif press := self._latest.get(linked.name):
            again = _Hope(f"{press}:again:{callout}", Kind.PRESS, press)
            self._begin(linked, again)
            self._answer(linked, again, callout)
        else:
            return  # somebody else's doing: no press of ours is behind it
        linked.callout = callout
        if self.on_opened:
            self.on_opened(linked, callout)
        if hope is not None:
            self._next(linked)
        else:
            self._settle(linked, self._latest[linked.name])

    def _merged(self, linked: LinkedDevice, active: list[CalloutId]) -> None:
        """Settle presses that found a callout of their customer open already."""
        while linked.callout in active and (hope := self._head(linked, Kind.PRESS)):
            if linked.callout is None or (hope.asked_s or 0.0) >= self._looked_s:
                return
            self._answer(linked, hope, linked.callout)
            self._next(linked)

    def _give_up(self, linked: LinkedDevice) -> None:
        hope = self._hopes[linked.name][0]
        if hope.asked_s is None or self._env.now - hope.asked_s < self.within_s:
            return
        wanted = "no callout came" if hope.kind is Kind.PRESS else "the callout did not end"
        reason = f"the middleware has it, but {wanted} at AURA in {self.within_s:g} s"
        self._fail(linked, hope, reason + self._trouble, attempts=1)
        self._next(linked)

    def _head(self, linked: LinkedDevice, kind: Kind) -> _Hope | None:
        hopes = self._hopes.get(linked.name)
        return hopes[0] if hopes and hopes[0].kind is kind else None

    def _next(self, linked: LinkedDevice) -> None:
        """Let the next hope of a device have its turn."""
        hopes = self._hopes[linked.name]
        hope = hopes.popleft()
        if hopes:
            self._ask(linked)
        else:
            del self._hopes[linked.name]
        if hope.kind is Kind.PRESS:
            self._settle(linked, hope.press)

    def _settle(self, linked: LinkedDevice, press: str) -> None:
        self._settled.add(press)
        if self.on_settled:
            self.on_settled(linked, press)

    def _ask(self, linked: LinkedDevice) -> None:
        """Begin with the first hope of a device, unless it has begun."""
        hope = self._hopes[linked.name][0]
        if hope.asked_s is not None:
            return
        if hope.kind is Kind.CANCEL and linked.callout is None:
            self._fail(linked, hope, "no callout of the device is open", attempts=0)
            self._next(linked)
            return
        hope.callout = linked.callout
        self._begin(linked, hope)

    def _begin(self, linked: LinkedDevice, hope: _Hope) -> None:
        hope.asked_s = self._env.now
        self._journal.write(
            EventSent(
                t=self._env.now,
                device=linked.name,
                message=hope.message,
                kind=hope.kind.value,
                press=hope.press,
            )
        )

    def _answer(self, linked: LinkedDevice, hope: _Hope, callout: CalloutId) -> None:
        self._journal.write(
            Answered(
                t=self._env.now,
                device=linked.name,
                message=hope.message,
                kind=hope.kind.value,
                status=200,
                press=hope.press,
                callout=callout,
                took_s=round(self._env.now - (hope.asked_s or 0.0), 6),
            )
        )

    def _fail(self, linked: LinkedDevice, hope: _Hope, reason: str, *, attempts: int) -> None:
        self._journal.write(
            Failed(
                t=self._env.now,
                device=linked.name,
                message=hope.message,
                kind=hope.kind.value,
                reason=reason,
                press=hope.press,
                attempts=attempts,
            )
        )

"""People who call the operator because they no longer need help, where no gateway is ours."""

from collections.abc import Generator

import simpy

from simulator.aura import AuraError
from simulator.aura.calls import callouts
from simulator.frame import Kind
from simulator.gateway import Courier, LinkedDevice
from simulator.journal import Answered, EventSent, Failed, Journal
from simulator.native.watch import AuraWatch

_CANCEL = Kind.CANCEL.value
_Steps = Generator[simpy.Event, object, None]


class OperatorCalls:
    """Cancels callouts by the API as an operator does, once AURA shows what a press came to."""

    def __init__(
        self, env: simpy.Environment, journal: Journal, courier: Courier, watch: AuraWatch
    ) -> None:
        self.open = 0  # calls that are being dealt with
        self._env = env
        self._journal = journal
        self._courier = courier
        self._watch = watch
        self._waiting: set[str] = set()  # presses of which AURA shows nothing yet
        self._count = 0
        watch.on_settled = self._settled

    def call(self, device: LinkedDevice, press: str) -> None:
        """Take a call. Where the press is still on its way, the operator waits for its callout."""
        if not self._watch.is_settled(press):
            self._waiting.add(press)
            return
        self.open += 1
        self._env.process(self._deal(device, press))

    def _settled(self, device: LinkedDevice, press: str) -> None:
        if press in self._waiting:
            self._waiting.discard(press)
            self.call(device, press)

    def _deal(self, device: LinkedDevice, press: str) -> _Steps:
        self._count += 1
        try:
            yield from self._cancel(device, f"{device.name}:operator:{self._count}", press)
        finally:
            self.open -= 1

    def _cancel(self, device: LinkedDevice, message: str, press: str) -> _Steps:
        callout, began = device.callout, self._env.now
        if callout is None:
            self._fail(device.name, message, press, "no callout of the device is open", attempts=0)
            return
        self._journal.write(
            EventSent(t=began, device=device.name, message=message, kind=_CANCEL, press=press)
        )
        try:
            _, sent = yield from self._courier.perform(callouts.cancel(callout))
        except AuraError as error:
            status = getattr(error, "status", None)
            self._fail(device.name, message, press, str(error), status=status)
            return
        self._journal.write(
            Answered(
                t=self._env.now,
                device=device.name,
                message=message,
                kind=_CANCEL,
                status=sent.status,
                press=press,
                callout=callout,
                attempts=sent.attempts,
                took_s=round(self._env.now - began, 6),
            )
        )
        self._watch.closed(device.name, callout, "cancel")

    def _fail(
        self,
        device: str,
        message: str,
        press: str,
        reason: str,
        *,
        status: int | None = None,
        attempts: int = 1,
    ) -> None:
        self._journal.write(
            Failed(
                t=self._env.now,
                device=device,
                message=message,
                kind=_CANCEL,
                reason=reason,
                status=status,
                press=press,
                attempts=attempts,
            )
        )

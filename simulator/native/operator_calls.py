"""People who call the operator because they no longer need help, where no gateway is ours."""

from collections.abc import Generator

import simpy

from simulator.aura import AuraError
from simulator.aura.calls import callouts
from simulator.device import Code
from simulator.frame import Kind
from simulator.gateway import Courier, LinkedDevice, safe_code_of
from simulator.journal import Answered, EventSent, Failed, Journal
from simulator.native.watch import AuraWatch

_CANCEL = Kind.CANCEL.value
_DURESS = "duress"
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
        self._waiting: dict[str, Code | None] = {}  # presses of which AURA shows nothing yet
        self._count = 0
        watch.on_settled = self._settled

    def call(self, device: LinkedDevice, press: str, code: Code | None = None) -> None:
        """Take a call, or the safe code of an app; both wait for a press that is on its way."""
        if not self._watch.is_settled(press):
            self._waiting[press] = code
            return
        self.open += 1
        self._env.process(self._deal(device, press, code))

    def _settled(self, device: LinkedDevice, press: str) -> None:
        if press in self._waiting:
            self.call(device, press, self._waiting.pop(press))

    def _deal(self, device: LinkedDevice, press: str, code: Code | None) -> _Steps:
        self._count += 1
        try:
            yield from self._cancel(device, f"{device.name}:operator:{self._count}", press, code)
        finally:
            self.open -= 1

    def _cancel(self, device: LinkedDevice, message: str, press: str, code: Code | None) -> _Steps:
        callout, began = device.callout, self._env.now
        kind = _DURESS if code is Code.WRONG else _CANCEL
        if callout is None:
            self._fail(device.name, message, press, "no callout of the device is open", attempts=0)
            return
        self._journal.write(
            EventSent(t=began, device=device.name, message=message, kind=kind, press=press)
        )
        try:
            _, sent = yield from self._courier.perform(
                callouts.cancel(callout, safe_code_of(device.mobile, code))
            )
        except AuraError as error:
            status = getattr(error, "status", None)
            self._fail(device.name, message, press, str(error), status=status)
            return
        self._journal.write(
            Answered(
                t=self._env.now,
                device=device.name,
                message=message,
                kind=kind,
                status=sent.status,
                press=press,
                callout=callout,
                attempts=sent.attempts,
                took_s=round(self._env.now - began, 6),
            )
        )
        if code is not Code.WRONG:
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

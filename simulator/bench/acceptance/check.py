"""The acceptance run: a finger on the button, a callout at AURA, and the time of each stage.

One cycle is a press, its callout, and the way back. What goes wrong is put down to the device only
where the bench was in order: a lost link, a disturbed line or an operator who does not answer say
nothing of the unit.
"""

from collections.abc import Callable

from simulator.aura import AuraError
from simulator.bench.acceptance.asking import Asking
from simulator.bench.acceptance.findings import (
    CheckSettings,
    Cycle,
    Findings,
    StoppedError,
    Watched,
)
from simulator.bench.acceptance.hearing import ANSWER_S, Hearing
from simulator.bench.acceptance.record import StageRecord, Verdict
from simulator.bench.desk import Desk
from simulator.bench.emulate import Emulated, EmulatedActError
from simulator.bench.listening import Listener
from simulator.bench.operators import Act, Answer, Operator, Said
from simulator.clock import monotonic_s
from simulator.frame import Kind
from simulator.gateway import LinkedDevice
from simulator.native.addresses import unit_of
from simulator.profile import CancelSource, Profile

_NEAR_MV = 100.0


class Check:
    """One session; `run` fills `found` and raises `StoppedError` where it cannot go on."""

    def __init__(
        self,
        listener: Listener,
        desk: Desk,
        operator: Operator,
        settings: CheckSettings,
        *,
        began_s: float,
        unit: Emulated | None = None,
        tell: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.found = Findings()
        self._profile: Profile = listener.ear.profile
        self._bench = Hearing(listener, desk, self.found, began_s, settings.serial or "")
        self._asking = Asking(operator, self._bench, settings.prompt_s)
        self._desk = desk
        self._settings = settings
        self._unit = unit
        self._tell = tell
        self._cycles = 0

    @property
    def serial(self) -> str:
        """Return the serial of the unit; empty as long as it is not known."""
        return self._bench.serial

    async def run(self) -> None:
        """Hold the session."""
        self._bench.begin()
        try:
            await self._identify()
            presses = self._settings.presses or self._profile.acceptance.presses
            for number in range(presses):
                await self._press_cycle(Act.PRESS, is_last=number == presses - 1)
            await self._press_cycle(Act.HOLD)
            await self._battery()
            await self._battery_at_aura()
        finally:
            await self._bench.end()

    @property
    def _gesture(self) -> str:
        return self._profile.behaviour.gestures[0]

    async def _identify(self) -> None:
        """Find out the serial, and link the unit at AURA."""
        if not self._bench.serial:
            self._tell("Waiting for the unit to say who it is.")
            if not self._bench.is_named():
                text = "Press the button once, so that the unit says who it is."
                await self._asking.ask(
                    Act.PRESS, text, self._profile.acceptance.hold_s, heard=self._bench.is_named
                )
            within_s = self._profile.acceptance.wait_s
            if not await self._bench.until(self._bench.is_named, within_s):
                self._bench.explain_silence("no frame that names the unit was heard")
                self._bench.stop_unnamed()
            self._bench.serial = _serial_of(self._profile, self._bench.named)
        serial, model = self._bench.serial, self._profile
        if not model.matches(serial):
            reason = (
                f"The unit calls itself {serial}, which is no serial of {model.name} "
                f"({model.identity.serial}). Say the right --serial, or correct [identity]."
            )
            raise StoppedError(Verdict.VOID, reason)
        try:
            linked = await self._linked()
        except AuraError as error:
            raise StoppedError(Verdict.BROKEN, f"AURA did not link the unit: {error}") from error
        self._tell(f"Unit {self._bench.serial} is linked as device {linked.device_id}.")

    async def _linked(self) -> LinkedDevice:
        link, key = self._settings.link, self._settings.key
        if link is not None:
            return await self._desk.adopt(self._profile, self._bench.serial, link, key)
        return await self._desk.link(self._profile, self._bench.serial, key)

    async def _press_cycle(self, act: Act, *, is_last: bool = False) -> None:
        asked = self._profile.acceptance
        hold_s = asked.hold_s
        text = f"Press the button ({self._gesture}), for about {hold_s:g} s."
        if act is Act.HOLD:
            hold_s = asked.long_hold_s or 4 * asked.hold_s
            text = f"Hold the button much longer, for about {hold_s:g} s."
        self._cycles += 1
        cycle = self._bench.cycle = Cycle(f"{self._cycles}", act)
        cycle.name = self._desk.next_press()
        answer = await self._asking.ask(act, text, hold_s, heard=lambda: bool(cycle.heard))
        if answer.said is Said.SKIPPED:
            return
        self._bench.write(cycle)
        if not await self._bench.heard(lambda: bool(cycle.heard)):
            self.found.unheard += 1
            self._bench.explain_silence(f"press {self._cycles} brought no frame")
            return
        await self._callout(cycle, answer)
        if is_last and self._settings.moves and Kind.MOVE in self._profile.frames:
            await self._move()
        await self._take_back(cycle)
        self.found.copies.append(float(cycle.copies))

    async def _callout(self, cycle: Cycle, answer: Answer) -> None:
        """See the press of a cycle through to its callout."""
        found, first = self.found, cycle.heard[0]
        if answer.down_s is not None and cycle.act is Act.PRESS:
            found.press_to_frame_s.append(max(0.0, first.at_s - answer.down_s))
            found.error_s = max(found.error_s, answer.error_s)
        stage, seen_s = await cycle.watches[Kind.PRESS]
        found.stages.append(
            stage_record("press", cycle, Watched(stage, seen_s), answer, self._bench.began_s)
        )
        if stage.failure or stage.answered_s is None:
            self._bench.explain_refusal(stage)
        if seen_s is None or stage.answered_s is None:
            found.not_opened += 1
            return
        found.opened += 1
        found.frame_to_callout_s.append(stage.answered_s - first.at_s)
        self._tell(
            f"  frame after {first.at_s - (answer.down_s or first.at_s):.2f} s, callout "
            f"{stage.callout} {1000 * (stage.answered_s - first.at_s):.0f} ms later"
        )

    async def _take_back(self, cycle: Cycle) -> None:
        """End the callout of a cycle in the way that the device has."""
        opened = {
            self._desk.stage(one.number, Kind.PRESS, one.at_s).callout for one in cycle.heard
        } - {None}
        self.found.doubled += max(0, len(opened) - 1)
        if not opened:
            return
        if self._profile.behaviour.cancel_source is CancelSource.NATIVE:
            await self._cancel_gesture(cycle)
        else:
            await self._cancel_call(cycle)
        if await self._bench.closed():
            self.found.closed += 1
        else:
            self.found.not_closed += 1

    async def _cancel_gesture(self, cycle: Cycle) -> None:
        hold_s = self._profile.acceptance.cancel_hold_s
        gesture = self._profile.behaviour.cancel_gesture or "its gesture"
        self._desk.regretted(cycle.name, "native")
        text = f"Cancel at the device ({gesture}), for about {hold_s:g} s."
        answer = await self._asking.ask(Act.CANCEL, text, hold_s, heard=lambda: bool(cycle.cancels))
        if answer.said is Said.SKIPPED:
            self._desk.cancel_by_operator(cycle.name)
            return
        if not await self._bench.heard(lambda: bool(cycle.cancels)):
            self.found.unheard_cancels += 1
            self._bench.explain_silence("the cancel brought no frame")
            self._desk.cancel_by_operator(cycle.name)
            return
        first = cycle.cancels[0]
        if answer.down_s is not None:
            self.found.cancel_to_frame_s.append(max(0.0, first.at_s - answer.down_s))
        stage, seen_s = await cycle.watches[Kind.CANCEL]
        self.found.stages.append(
            stage_record("cancel", cycle, Watched(stage, seen_s), answer, self._bench.began_s)
        )
        if stage.answered_s is not None and not stage.failure:
            self.found.cancel_to_closed_s.append(stage.answered_s - first.at_s)
        elif stage.failure:
            self._bench.explain_refusal(stage)

    async def _cancel_call(self, cycle: Cycle) -> None:
        """Let an operator cancel by the API; the device has no way of its own."""
        began_s = monotonic_s()
        self._desk.regretted(cycle.name, "operator")
        self._desk.cancel_by_operator(cycle.name)
        if await self._desk.told.until(lambda: self._desk.callout is None, ANSWER_S):
            self.found.cancel_to_closed_s.append(monotonic_s() - began_s)

    async def _move(self) -> None:
        """Have the unit carried around, and wait for a position."""
        before = sum(Kind.MOVE in one.kinds for one in self.found.frames)
        behaviour = self._profile.behaviour
        period_s = behaviour.sos_position_s or behaviour.position_moving_s or 0.0
        wait_s = self._profile.acceptance.wait_s + period_s
        text = f"Walk a few metres with the unit; it may take {wait_s:g} s."
        answer = await self._asking.ask(Act.MOVE, text, 0.0)
        if answer.said is Said.SKIPPED:
            return

        def told() -> int:
            return sum(Kind.MOVE in one.kinds for one in self.found.frames) - before

        await self._bench.until(lambda: told() > 0, wait_s)
        self.found.moves_told = told()

    async def _battery(self) -> None:
        """Turn the battery of an emulated unit down, and see whether it says so."""
        if self._unit is None or Kind.BATTERY not in self._profile.frames:
            return  # it tells of its battery with the next press, or never
        battery = self._profile.battery
        wanted = round((battery.empty_mv + battery.full_mv) / 2)
        try:
            await self._unit.battery(wanted)
        except EmulatedActError:
            return

        def is_told() -> bool:
            said = (one.values.get("battery_mv") for one in reversed(self.found.frames))
            latest = next((one for one in said if isinstance(one, int | float)), None)
            return latest is not None and abs(latest - wanted) <= _NEAR_MV

        self.found.battery_follows = await self._bench.until(
            is_told, self._profile.acceptance.wait_s
        )

    async def _battery_at_aura(self) -> None:
        """See whether AURA knows of a battery that the device has reported."""
        told = [one for one in self.found.frames if Kind.BATTERY in one.kinds]
        if not told or self._settings.link is not None:
            return
        latest = told[-1]
        await self._desk.told.until(
            lambda: self._desk.has_answer(latest.number, Kind.BATTERY), ANSWER_S
        )
        try:
            self.found.battery_at_aura = await self._desk.battery_at_aura() is not None
        except AuraError as error:
            self.found.troubles.append(f"{self._bench.t()} s: the battery at AURA: {error}")


def _serial_of(profile: Profile, named: str) -> str:
    """Return the serial of a unit that its frames name, by the serial or by a part of it."""
    found = unit_of(profile, named)
    return found.name if found and profile.matches(found.name) else named


def stage_record(
    what: str, cycle: Cycle, watched: Watched, answer: Answer, began_s: float
) -> StageRecord:
    """Return the way of a press or a cancel, in seconds since the session began."""
    stage = watched.stage

    def since(at_s: float | None) -> float | None:
        return None if at_s is None else round(at_s - began_s, 4)

    return StageRecord(
        what=what,
        press=cycle.name,
        finger_down_s=since(answer.down_s),
        exact_within_s=round(answer.error_s, 3),
        frame_s=since(stage.heard_s),
        event_sent_s=since(stage.sent_s),
        answered_s=since(stage.answered_s),
        seen_at_aura_s=since(watched.seen_s),
        callout=stage.callout,
        copies=cycle.copies,
        failure=stage.failure,
    )

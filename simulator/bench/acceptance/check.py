"""The acceptance run: a finger on the button, a callout at AURA, and the time of each stage.

One cycle is a press, its callout, and the way back. What goes wrong is put down to the device only
where the bench was in order: a lost link, a disturbed line or an operator who does not answer say
nothing of the unit.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from simulator.aura import AuraError
from simulator.bench.acceptance.record import StageRecord, StepRecord, Verdict
from simulator.bench.desk import AuraLink, Desk, Stage
from simulator.bench.ear import HeardFrame
from simulator.bench.emulate import Emulated, EmulatedActError
from simulator.bench.links import LinkDown, LinkError, LinkUp
from simulator.bench.listening import Listener
from simulator.bench.operators import Act, Answer, Operator, Prompt, Said
from simulator.bench.suspicion import Finding
from simulator.clock import monotonic_s
from simulator.errors import UnavailableError
from simulator.frame import Kind
from simulator.gateway import Known, LinkedDevice
from simulator.profile import CancelSource, Profile

_ANSWER_S = 15.0  # AURA's time to answer a device event
_LOOK_S = 0.05
_LATE_ENTER_S = 2.0
_RETURN_S = 10.0  # a lost link that is not back by then ends the session
_NEAR_MV = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSettings:
    """How a session is held. `serial` and `key` where they are known before the unit speaks.

    `link` is used in place of one that is made for the session and taken away after it.
    """

    serial: str | None = None
    key: bytes | None = None
    link: AuraLink | None = None
    prompt_s: float = 60.0  # an operator's time to act
    presses: int | None = None  # in place of the profile's
    moves: bool = True


class StoppedError(Exception):
    """The session ends here, with a verdict and why."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


class Watched(NamedTuple):
    """What became of a frame at AURA, and when AURA showed it (`monotonic_s`)."""

    stage: Stage
    seen_s: float | None


@dataclass(slots=True)
class Cycle:
    """One press and its way back. Mutable: it is filled as it goes on."""

    name: str
    act: Act
    heard: list[HeardFrame] = field(default_factory=list)  # that mean this press
    copies: int = 0
    cancels: list[HeardFrame] = field(default_factory=list)
    is_written: bool = False
    watches: dict[Kind, "asyncio.Task[Watched]"] = field(default_factory=dict)


@dataclass(slots=True)
class Findings:
    """What a session found. Mutable: it is filled as it goes on."""

    frames: list[HeardFrame] = field(default_factory=list)
    stages: list[StageRecord] = field(default_factory=list)
    steps: list[StepRecord] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    press_to_frame_s: list[float] = field(default_factory=list)
    cancel_to_frame_s: list[float] = field(default_factory=list)
    frame_to_callout_s: list[float] = field(default_factory=list)
    cancel_to_closed_s: list[float] = field(default_factory=list)
    copies: list[float] = field(default_factory=list)
    error_s: float = 0.0
    opened: int = 0
    not_opened: int = 0
    doubled: int = 0
    closed: int = 0
    not_closed: int = 0
    moves_told: int | None = None
    battery_follows: bool | None = None
    battery_at_aura: bool | None = None
    unheard: int = 0
    unheard_cancels: int = 0
    foreign: int = 0


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
        self.began_s = began_s
        self.serial = settings.serial or ""
        self._listener = listener
        self._profile: Profile = listener.ear.profile
        self._desk = desk
        self._operator = operator
        self._settings = settings
        self._unit = unit
        self._tell = tell
        self._cycle: Cycle | None = None
        self._cycles = 0
        self._stirred = asyncio.Event()
        self._is_down = False
        self._losses = 0
        self._tasks: set[asyncio.Task[Watched] | asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Hold the session."""
        listening = asyncio.create_task(self._listen())
        try:
            await self._identify()
            presses = self._settings.presses or self._profile.acceptance.presses
            for number in range(presses):
                await self._press_cycle(Act.PRESS, is_last=number == presses - 1)
            await self._press_cycle(Act.HOLD)
            await self._battery()
            await self._battery_at_aura()
        finally:
            for task in (listening, *self._tasks):
                task.cancel()
            await asyncio.wait([listening, *self._tasks])
            if not listening.cancelled() and (error := listening.exception()):
                raise error

    # What is heard.

    async def _listen(self) -> None:
        async for event in self._listener.events():
            match event:
                case HeardFrame():
                    self._take(event)
                case LinkDown():
                    self._is_down, self._losses = True, self._losses + 1
                    self.found.troubles.append(f"{self._t()} s: link lost, {event.detail}")
                case LinkUp():
                    if self._is_down:
                        self.found.troubles.append(f"{self._t()} s: link is back")
                    self._is_down = False
            self._stirred.set()

    def _take(self, heard: HeardFrame) -> None:
        """Let a frame be part of the cycle, and hand it to the gateway."""
        self.found.frames.append(heard)
        said = heard.values.get("serial")
        if self._desk.linked is None:
            self._answer(heard.reply)
            return
        if isinstance(said, str | int) and str(said) != self.serial:
            self.found.foreign += 1
            return
        cycle = self._cycle
        press = None
        if cycle and (Kind.PRESS in heard.kinds or Kind.CANCEL in heard.kinds):
            self._write(cycle)
            press = cycle.name
            (cycle.heard if Kind.PRESS in heard.kinds else cycle.cancels).append(heard)
        if cycle and cycle.heard and not cycle.cancels:
            cycle.copies += heard.is_repetition or Kind.PRESS in heard.kinds
        self._desk.receive(heard, press, self._answer)
        if cycle and press:
            self._watch(cycle, heard)
        linked = self._desk.linked
        self._listener.ear.known = Known(linked.callout is not None, None, linked.key)

    def _watch(self, cycle: Cycle, heard: HeardFrame) -> None:
        """See the first press and the first cancel of a cycle through, while fingers are down."""
        kind = Kind.PRESS if Kind.PRESS in heard.kinds else Kind.CANCEL
        if kind not in cycle.watches:
            task = asyncio.create_task(self._watched(heard, kind))
            cycle.watches[kind] = task
            self._tasks.add(task)

    async def _watched(self, heard: HeardFrame, kind: Kind) -> Watched:
        is_answered = await self._desk.told.until(
            lambda: self._desk.has_answer(heard.number, kind), _ANSWER_S
        )
        stage = self._desk.stage(heard.number, kind, heard.at_s)
        if not is_answered or stage.failure:
            return Watched(stage, None)
        if kind is Kind.PRESS:
            return Watched(stage, await self._seen(stage) if stage.callout else None)
        return Watched(stage, monotonic_s() if await self._closed() else None)

    def _answer(self, reply: bytes | None) -> None:
        """Send the server's reply to the device, where the link goes both ways."""
        if not reply:
            return

        async def send() -> None:
            try:
                await self._listener.send(reply)
            except LinkError as error:
                self.found.troubles.append(f"{self._t()} s: reply not sent, {error.reason}")

        task = asyncio.create_task(send())
        self._tasks.add(task)

    # What is done.

    async def _identify(self) -> None:
        """Find out the serial, and link the unit at AURA."""
        if not self.serial:
            self._tell("Waiting for the unit to say who it is.")
            if not self._is_named():
                text = "Press the button once, so that the unit says who it is."
                await self._ask(Act.PRESS, text, self._profile.acceptance.hold_s, has_serial=True)
            within_s = self._profile.acceptance.wait_s
            if not await self._until(self._is_named, within_s):
                self._explain_silence("no frame that names the unit was heard")
                self._stop_unnamed()
            self.serial = self._listener.ear.serial or ""
        if not self._profile.matches(self.serial):
            reason = (
                f"The unit calls itself {self.serial}, which is no serial of {self._profile.name} "
                f"({self._profile.identity.serial}). Say the right --serial, or correct [identity]."
            )
            raise StoppedError(Verdict.VOID, reason)
        try:
            linked = await self._linked()
        except AuraError as error:
            raise StoppedError(Verdict.BROKEN, f"AURA did not link the unit: {error}") from error
        self._tell(f"Unit {self.serial} is linked as device {linked.device_id}.")

    async def _linked(self) -> LinkedDevice:
        link, key = self._settings.link, self._settings.key
        if link is not None:
            return await self._desk.adopt(self._profile, self.serial, link, key)
        return await self._desk.link(self._profile, self.serial, key)

    async def _press_cycle(self, act: Act, *, is_last: bool = False) -> None:
        asked = self._profile.acceptance
        hold_s = asked.hold_s
        text = f"Press the button ({self._gesture}), for about {hold_s:g} s."
        if act is Act.HOLD:
            hold_s = asked.long_hold_s or 4 * asked.hold_s
            text = f"Hold the button much longer, for about {hold_s:g} s."
        self._cycles += 1
        cycle = self._cycle = Cycle(f"{self._cycles}", act)
        cycle.name = self._desk.next_press()
        answer = await self._ask(act, text, hold_s, heard=lambda: bool(cycle.heard))
        if answer.said is Said.SKIPPED:
            return
        self._write(cycle)
        if not await self._heard(lambda: bool(cycle.heard)):
            self.found.unheard += 1
            self._explain_silence(f"press {self._cycles} brought no frame")
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
        found.stages.append(self._stage("press", cycle, stage, answer, seen_s))
        if stage.failure or stage.answered_s is None:
            self._explain_refusal(stage)
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
        if await self._closed():
            self.found.closed += 1
        else:
            self.found.not_closed += 1

    async def _cancel_gesture(self, cycle: Cycle) -> None:
        hold_s = self._profile.acceptance.cancel_hold_s
        gesture = self._profile.behaviour.cancel_gesture or "its gesture"
        self._desk.regretted(cycle.name, "native")
        text = f"Cancel at the device ({gesture}), for about {hold_s:g} s."
        answer = await self._ask(Act.CANCEL, text, hold_s, heard=lambda: bool(cycle.cancels))
        if answer.said is Said.SKIPPED:
            self._desk.cancel_by_operator(cycle.name)
            return
        if not await self._heard(lambda: bool(cycle.cancels)):
            self.found.unheard_cancels += 1
            self._explain_silence("the cancel brought no frame")
            self._desk.cancel_by_operator(cycle.name)
            return
        first = cycle.cancels[0]
        if answer.down_s is not None:
            self.found.cancel_to_frame_s.append(max(0.0, first.at_s - answer.down_s))
        stage, seen_s = await cycle.watches[Kind.CANCEL]
        self.found.stages.append(self._stage("cancel", cycle, stage, answer, seen_s))
        if stage.answered_s is not None and not stage.failure:
            self.found.cancel_to_closed_s.append(stage.answered_s - first.at_s)
        elif stage.failure:
            self._explain_refusal(stage)

    async def _cancel_call(self, cycle: Cycle) -> None:
        """Let an operator cancel by the API; the device has no way of its own."""
        began_s = monotonic_s()
        self._desk.regretted(cycle.name, "operator")
        self._desk.cancel_by_operator(cycle.name)
        if await self._desk.told.until(lambda: self._desk.callout is None, _ANSWER_S):
            self.found.cancel_to_closed_s.append(monotonic_s() - began_s)

    async def _move(self) -> None:
        """Have the unit carried around, and wait for a position."""
        before = sum(Kind.MOVE in one.kinds for one in self.found.frames)
        behaviour = self._profile.behaviour
        period_s = behaviour.sos_position_s or behaviour.position_moving_s or 0.0
        wait_s = self._profile.acceptance.wait_s + period_s
        text = f"Walk a few metres with the unit; it may take {wait_s:g} s."
        answer = await self._ask(Act.MOVE, text, 0.0)
        if answer.said is Said.SKIPPED:
            return

        def told() -> int:
            return sum(Kind.MOVE in one.kinds for one in self.found.frames) - before

        await self._until(lambda: told() > 0, wait_s)
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

        self.found.battery_follows = await self._until(is_told, self._profile.acceptance.wait_s)

    async def _battery_at_aura(self) -> None:
        """See whether AURA knows of a battery that the device has reported."""
        told = [one for one in self.found.frames if Kind.BATTERY in one.kinds]
        if not told or self._settings.link is not None:
            return
        latest = told[-1]
        await self._desk.told.until(
            lambda: self._desk.has_answer(latest.number, Kind.BATTERY), _ANSWER_S
        )
        try:
            self.found.battery_at_aura = await self._desk.battery_at_aura() is not None
        except AuraError as error:
            self.found.troubles.append(f"{self._t()} s: the battery at AURA: {error}")

    # What all of it needs.

    @property
    def _gesture(self) -> str:
        return self._profile.behaviour.gestures[0]

    async def _ask(
        self,
        act: Act,
        text: str,
        hold_s: float,
        *,
        heard: Callable[[], bool] = lambda: False,
        has_serial: bool = False,
    ) -> Answer:
        """Ask the operator; a frame that arrives first is an answer too."""
        prompt = Prompt(act, text, hold_s, self._settings.prompt_s)
        asking = asyncio.create_task(self._operator.ask(prompt))
        look = self._is_named if has_serial else heard
        try:
            while not asking.done() and not look():
                self._stirred.clear()
                stirring = asyncio.create_task(self._stirred.wait())
                await asyncio.wait({asking, stirring}, return_when=asyncio.FIRST_COMPLETED)
                stirring.cancel()
            if not asking.done():
                limit_s = max(_LATE_ENTER_S, hold_s + _LATE_ENTER_S)
                await asyncio.wait({asking}, timeout=limit_s)
        finally:
            if not asking.done():
                asking.cancel()
                await asyncio.wait({asking})
        answer = Answer(Said.DONE, note="heard") if asking.cancelled() else asking.result()
        self.found.steps.append(
            StepRecord(t=self._t(), act=act.value, said=answer.said.value, note=answer.note)
        )
        if answer.said in (Said.STOPPED, Said.TIMEOUT):
            if look():
                return Answer(Said.DONE, note="heard")
            reason = f"The operator was asked to {act}: {answer.said}. {answer.note}".strip()
            raise StoppedError(Verdict.VOID, reason)
        return answer

    async def _heard(self, look: Callable[[], bool]) -> bool:
        """Wait for a frame as long as the profile says; longer while the link is coming back."""
        if await self._until(look, self._profile.acceptance.wait_s):
            return True
        if self._is_down:
            await self._until(lambda: not self._is_down, _RETURN_S)
            return await self._until(look, self._profile.acceptance.wait_s)
        return False

    async def _until(self, look: Callable[[], bool], within_s: float) -> bool:
        try:
            async with asyncio.timeout(within_s):
                while not look():
                    self._stirred.clear()
                    await self._stirred.wait()
        except TimeoutError:
            return False
        return True

    async def _seen(self, stage: Stage) -> float | None:
        """Return when AURA shows the callout of a press as open; None where it does not."""
        ends = monotonic_s() + self._profile.acceptance.frame_to_callout_s[1]
        while True:
            open_now = await self._ask_aura()
            if stage.callout in open_now:
                return monotonic_s()
            if monotonic_s() > ends:
                return None
            await asyncio.sleep(_LOOK_S)

    async def _closed(self) -> bool:
        """Return whether AURA has no open callout of the customer any more."""
        ends = monotonic_s() + self._profile.acceptance.cancel_to_closed_s[1]
        while await self._ask_aura():
            if monotonic_s() > ends:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    async def _ask_aura(self) -> set[int]:
        try:
            return {one.id for one in await self._desk.open_callouts()}
        except UnavailableError as error:
            raise StoppedError(Verdict.BROKEN, f"AURA cannot be asked: {error}") from error

    def _write(self, cycle: Cycle) -> None:
        if not cycle.is_written:
            cycle.is_written = True
            self._desk.pressed(cycle.name, self._gesture)

    def _is_named(self) -> bool:
        return self._listener.ear.serial is not None

    def _stop_unnamed(self) -> NoReturn:
        if any(one.is_readable for one in self.found.frames):
            self._stop(Verdict.VOID, "The frames do not say which unit it is. Say --serial.")
        self._stop(Verdict.FAILED, "The unit said nothing when it was pressed.")

    def _explain_silence(self, what: str) -> None:
        """Return where the silence is the device's own; else end the session, and say why."""
        if self._is_down or self._listener.link.counts.losses > self._listener.link.counts.returns:
            self._stop(Verdict.BROKEN, f"{what}: the link is lost. Check plug and power.")
        suspicion = self._listener.suspicion()
        if suspicion.finding is Finding.OTHER_PROTOCOL:
            self._stop(Verdict.VOID, suspicion.sentence(self._profile.name))
        if suspicion.finding is Finding.NOISE:
            self._stop(Verdict.BROKEN, suspicion.sentence(self._profile.name))
        self.found.troubles.append(f"{self._t()} s: {what}")

    def _explain_refusal(self, stage: Stage) -> None:
        """Return where AURA has refused what the device said; end where AURA was not there."""
        if stage.status is None or stage.status >= 500 or stage.status in (401, 403, 429):
            why = stage.failure or f"no answer within {_ANSWER_S:g} s"
            self._stop(Verdict.BROKEN, f"AURA did not take the device event: {why}")
        self.found.troubles.append(f"{self._t()} s: AURA refused: {stage.failure}")

    def _stop(self, verdict: Verdict, reason: str) -> NoReturn:
        raise StoppedError(verdict, reason[:1].upper() + reason[1:])

    def _stage(
        self, what: str, cycle: Cycle, stage: Stage, answer: Answer, seen_s: float | None
    ) -> StageRecord:
        def since(at_s: float | None) -> float | None:
            return None if at_s is None else round(at_s - self.began_s, 4)

        return StageRecord(
            what=what,
            press=cycle.name,
            finger_down_s=since(answer.down_s),
            exact_within_s=round(answer.error_s, 3),
            frame_s=since(stage.heard_s),
            event_sent_s=since(stage.sent_s),
            answered_s=since(stage.answered_s),
            seen_at_aura_s=since(seen_s),
            callout=stage.callout,
            copies=cycle.copies,
            failure=stage.failure,
        )

    def _t(self) -> float:
        return round(monotonic_s() - self.began_s, 3)

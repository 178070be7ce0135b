"""What is heard in a session: frames for their cycle and the gateway, and what silence means."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

from simulator.bench.acceptance.findings import Cycle, Findings, StoppedError, Watched
from simulator.bench.acceptance.record import Verdict
from simulator.bench.desk import Desk, Stage
from simulator.bench.ear import HeardFrame
from simulator.bench.links import LinkDown, LinkError, LinkUp
from simulator.bench.listening import Listener
from simulator.bench.suspicion import Finding
from simulator.clock import monotonic_s
from simulator.errors import UnavailableError
from simulator.frame import Kind
from simulator.gateway import Known

ANSWER_S = 15.0  # AURA's time to answer a device event
_LOOK_S = 0.05
_RETURN_S = 10.0  # a lost link that is not back by then ends the session


class Hearing:
    """Hears for a session, and waits. `cycle` is the press that frames belong to."""

    def __init__(
        self, listener: Listener, desk: Desk, found: Findings, began_s: float, serial: str
    ) -> None:
        self.cycle: Cycle | None = None
        self.serial = serial
        self.stirred = asyncio.Event()
        self.is_down = False
        self.found = found
        self.began_s = began_s
        self._listener = listener
        self._profile = listener.ear.profile
        self._desk = desk
        self._tasks: set[asyncio.Task[Watched] | asyncio.Task[None]] = set()
        self._listening: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to listen."""
        self._listening = asyncio.create_task(self.listen())

    async def end(self) -> None:
        """Stop listening; raise what went wrong with it."""
        if self._listening is None:
            return
        ending = {self._listening, *self._tasks}
        for task in ending:
            task.cancel()
        await asyncio.wait(ending)
        errors = [task.exception() for task in ending if not task.cancelled()]
        for error in errors:
            if error is not None and not isinstance(error, StoppedError):
                raise error

    @property
    def named(self) -> str:
        """Return the serial as frames say it; empty before."""
        return self._listener.ear.serial or ""

    async def listen(self) -> None:
        """Take what happens, until the link is closed."""
        async for event in self._listener.events():
            match event:
                case HeardFrame():
                    self._take(event)
                case LinkDown():
                    self.is_down = True
                    self.found.troubles.append(f"{self.t()} s: link lost, {event.detail}")
                    self._desk.link_changed(is_up=False, reason=event.detail)
                case LinkUp():
                    if self.is_down:
                        self.found.troubles.append(f"{self.t()} s: link is back")
                        self._desk.link_changed(is_up=True)
                    self.is_down = False
            self.stirred.set()

    def _take(self, heard: HeardFrame) -> None:
        """Let a frame be part of the cycle, and hand it to the gateway."""
        self.found.frames.append(heard)
        said = str(heard.values.get("serial", ""))
        if self._desk.linked is None:
            self._answer(heard.reply)
            return
        if said != self.serial and self._profile.matches(said):
            self.found.foreign += 1
            return
        cycle = self.cycle
        press = None
        if cycle and (Kind.PRESS in heard.kinds or Kind.CANCEL in heard.kinds):
            self.write(cycle)
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
            lambda: self._desk.has_answer(heard.number, kind), ANSWER_S
        )
        stage = self._desk.stage(heard.number, kind, heard.at_s)
        if not is_answered or stage.failure:
            return Watched(stage, None)
        if kind is Kind.PRESS:
            return Watched(stage, await self._seen(stage) if stage.callout else None)
        return Watched(stage, monotonic_s() if await self.closed() else None)

    def _answer(self, reply: bytes | None) -> None:
        """Send the server's reply to the device, where the link goes both ways."""
        if not reply:
            return

        async def send() -> None:
            try:
                await self._listener.send(reply)
            except LinkError as error:
                self.found.troubles.append(f"{self.t()} s: reply not sent, {error.reason}")

        task = asyncio.create_task(send())
        self._tasks.add(task)

    async def heard(self, look: Callable[[], bool]) -> bool:
        """Wait for a frame as long as the profile says; longer while the link is coming back."""
        if await self.until(look, self._profile.acceptance.wait_s):
            return True
        if self.is_down:
            await self.until(lambda: not self.is_down, _RETURN_S)
            return await self.until(look, self._profile.acceptance.wait_s)
        return False

    async def until(self, look: Callable[[], bool], within_s: float) -> bool:
        """Wait until a look is met, at most so long; return whether it was."""
        try:
            async with asyncio.timeout(within_s):
                while not look():
                    self.stirred.clear()
                    await self.stirred.wait()
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

    async def closed(self) -> bool:
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

    def write(self, cycle: Cycle) -> None:
        """Take note in the journal that the finger of a cycle is on the button, once."""
        if not cycle.is_written:
            cycle.is_written = True
            self._desk.pressed(cycle.name, self._profile.behaviour.gestures[0])

    def is_named(self) -> bool:
        """Return whether a frame has said which unit it is."""
        return self._listener.ear.serial is not None

    def stop_unnamed(self) -> NoReturn:
        """End the session of a unit that does not say which it is."""
        if any(one.is_readable for one in self.found.frames):
            self.stop(Verdict.VOID, "The frames do not say which unit it is. Say --serial.")
        self.stop(Verdict.FAILED, "The unit said nothing when it was pressed.")

    def explain_silence(self, what: str) -> None:
        """Return where the silence is the device's own; else end the session, and say why."""
        if self.is_down or self._listener.link.counts.losses > self._listener.link.counts.returns:
            self.stop(Verdict.BROKEN, f"{what}: the link is lost. Check plug and power.")
        suspicion = self._listener.suspicion()
        if suspicion.finding is Finding.OTHER_PROTOCOL:
            self.stop(Verdict.VOID, suspicion.sentence(self._profile.name))
        if suspicion.finding is Finding.NOISE:
            self.stop(Verdict.BROKEN, suspicion.sentence(self._profile.name))
        self.found.troubles.append(f"{self.t()} s: {what}")

    def explain_refusal(self, stage: Stage) -> None:
        """Return where AURA has refused what the device said; end where AURA was not there."""
        if stage.status is None or stage.status >= 500 or stage.status in (401, 403, 429):
            why = stage.failure or f"no answer within {ANSWER_S:g} s"
            self.stop(Verdict.BROKEN, f"AURA did not take the device event: {why}")
        self.found.troubles.append(f"{self.t()} s: AURA refused: {stage.failure}")

    def stop(self, verdict: Verdict, reason: str) -> NoReturn:
        """End the session."""
        raise StoppedError(verdict, reason[:1].upper() + reason[1:])

    def t(self) -> float:
        """Return the seconds since the session began."""
        return round(monotonic_s() - self.began_s, 3)

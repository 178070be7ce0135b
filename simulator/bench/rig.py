"""A physical unit for code that does not live in asyncio: its link and its hands in a thread.

A scenario turns a clock of its own and blocks; meanwhile what the unit says is kept here with its
time of arrival, until it is asked for.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cache
from threading import Event, Thread
from types import TracebackType
from typing import Any, TypeVar

from simulator.bench.emulate import EmulatedActError, emulated
from simulator.bench.environment import environment
from simulator.bench.inventory import locked
from simulator.bench.links import SYSTEM, Address, Happening, Link, link_to, open_radio
from simulator.bench.operators import (
    Act,
    Answer,
    Command,
    EmulatedHands,
    Operator,
    Person,
    Prompt,
    Said,
)
from simulator.clock import monotonic_s
from simulator.errors import InputError, UnavailableError
from simulator.profile import Profile, load

T = TypeVar("T")
_START_S = 90.0  # an emulator that is built first, a BLE device that is sought
_STOP_S = 20.0
_PROMPT_S = 60.0
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class RigSettings:
    """Which unit: by port, by BLE, or emulated; and whose finger is on it.

    `profile` and `serial` where they are known beforehand; `finger` is a command that presses.
    """

    port: str | None = None
    ble: str | None = None
    kind: str | None = None
    profile: str | None = None
    serial: str | None = None
    finger: str | None = None
    ble_backend: str = "os"

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.port, self.ble, self.kind)) != 1:
            message = "Say one unit: a port, a BLE address, or a kind of emulated unit."
            raise InputError(message)

    def __str__(self) -> str:
        return self.port or self.ble or f"emulated {self.kind}"


class NobodyActedError(UnavailableError):
    """The operator did not do what the scenario needs."""


class Rig:
    """One unit, from `attach` to the end of the block."""

    def __init__(
        self,
        settings: RigSettings,
        profile: Profile,
        *,
        person: Callable[[Prompt], Answer] | None = None,
    ) -> None:
        self.settings = settings
        self.profile = profile
        self.serial = settings.serial
        self.is_emulated = settings.kind is not None
        self._person = person
        self._heard: deque[Happening] = deque()
        self._stirred = Event()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="rig", daemon=True)
        self._stop = asyncio.Event()
        self._ready: Future[None] = Future()
        self._life: Future[None] | None = None
        self._link: Link | None = None
        self._hands: Operator | None = None
        self._doing: set[asyncio.Task[Any]] = set()
        self._battery: Callable[[int], Coroutine[object, object, None]] | None = None

    def __enter__(self) -> "Rig":
        self._thread.start()
        self._life = asyncio.run_coroutine_threadsafe(self._live(), self._loop)
        try:
            self._ready.result(_START_S)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        if self._life is not None:
            self._life.exception(_STOP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_S)
        self._loop.close()

    def take(self) -> list[Happening]:
        """Return what has happened on the link since the last time."""
        taken = []
        while self._heard:
            taken.append(self._heard.popleft())
        return taken

    def wait(self, look: Callable[[], bool], within_s: float) -> Iterator[Happening]:
        """Yield what happens on the link, until a look is met or the time is over."""
        ends_s = monotonic_s() + within_s
        while not look() and monotonic_s() < ends_s:
            yield from self.take()
            self._stirred.clear()
            if not self._heard:
                self._stirred.wait(_LOOK_S)

    def send(self, data: bytes) -> None:
        """Write to the unit; what cannot be written is lost, as on any link."""
        if self._link is not None:
            asyncio.run_coroutine_threadsafe(self._kept(self._link.send(data)), self._loop)

    def act(self, act: Act, text: str, hold_s: float) -> None:
        """Have something done; an emulated unit does it meanwhile, a person is waited for.

        Raises NobodyActedError.
        """
        prompt = Prompt(act, text, hold_s, _PROMPT_S)
        if self._hands is None:
            self._ask_person(prompt)
            return
        acting = self._kept(self._hands.ask(prompt))
        doing = asyncio.run_coroutine_threadsafe(acting, self._loop)
        if not self.is_emulated:
            _check(doing.result(_PROMPT_S + hold_s + _STOP_S))

    def battery(self, millivolts: int) -> bool:
        """Set the voltage of an emulated unit's battery; return whether that can be done."""
        if self._battery is None:
            return False
        try:
            asyncio.run_coroutine_threadsafe(self._battery(millivolts), self._loop).result(_STOP_S)
        except EmulatedActError:
            return False
        return True

    def _ask_person(self, prompt: Prompt) -> None:
        if self._person is None:
            message = "Nobody is there to press the unit: give a finger, or run on a terminal."
            raise NobodyActedError(message)
        _check(self._person(prompt))

    async def _kept(self, work: Coroutine[object, object, T]) -> T:
        """Do something that the end of the rig ends too, such as a finger that is still down."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs is in a task
        self._doing.add(task)
        try:
            return await work
        finally:
            self._doing.discard(task)

    async def _live(self) -> None:
        async with AsyncExitStack() as stack:
            try:
                self._link = await self._opened(stack)
            except BaseException as error:
                self._ready.set_exception(error)
                return
            self._ready.set_result(None)
            listening = asyncio.create_task(self._listen(self._link))
            await self._stop.wait()
            ending = {listening, *self._doing}
            for task in ending:
                task.cancel()
            await asyncio.wait(ending)

    async def _opened(self, stack: AsyncExitStack) -> Link:
        settings = self.settings
        if settings.kind:
            unit = await stack.enter_async_context(emulated(settings.kind))
            stack.enter_context(environment(unit.environment))
            self.serial = unit.serial
            self._hands, self._battery = EmulatedHands(unit), unit.battery
            address, radio = Address(port=unit.port, ble=unit.ble), SYSTEM
        else:
            stack.enter_context(locked(str(settings)))
            address, radio = Address(port=settings.port, ble=settings.ble), SYSTEM
            if settings.ble:
                radio = await stack.enter_async_context(open_radio(settings.ble_backend))
            if settings.finger:
                self._hands = Command(settings.finger)
        link = link_to(address, self.profile, radio)
        await link.open()
        stack.push_async_callback(link.close)
        return link

    async def _listen(self, link: Link) -> None:
        async for happening in link.happenings():
            self._heard.append(happening)
            self._stirred.set()


@cache
def emulated_profile(kind: str) -> str:
    """Return the profile of an emulated unit's firmware; starts it for a moment."""

    async def ask() -> str:
        async with emulated(kind) as unit:
            return unit.profile

    return load(asyncio.run(ask())).name


def _check(answer: Answer) -> None:
    if answer.said is not Said.DONE:
        message = f"The unit was not pressed: {answer.said}. {answer.note}".strip()
        raise NobodyActedError(message)


def ask_at_terminal(
    tell: Callable[[str], object],
) -> Callable[[Prompt], Answer]:
    """Return a way to ask the person at the terminal, for a thread that may wait."""
    person = Person(tell)
    runner = asyncio.Runner()

    def ask(prompt: Prompt) -> Answer:
        return runner.run(person.ask(prompt))

    return ask

"""Who lays a finger on the device: a person who is asked, a command, an emulator, or a script.

Each says when the finger came down, and how exactly that is known.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from threading import Semaphore, Thread
from typing import Protocol

from simulator.bench.emulate import Emulated
from simulator.clock import monotonic_s
from simulator.errors import InputError


class Act(StrEnum):
    """What somebody is asked to do."""

    PRESS = "press"
    HOLD = "hold"
    CANCEL = "cancel"
    MOVE = "move"


class Said(StrEnum):
    """What became of it."""

    DONE = "done"
    SKIPPED = "skip"
    STOPPED = "stop"
    TIMEOUT = "no answer"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request to the operator; `hold_s` is how long the finger stays down."""

    act: Act
    text: str
    hold_s: float
    limit_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the operator did: when the finger came down (`monotonic_s`), and how far off that is.

    `down_s` is None where nobody knows.
    """

    said: Said
    down_s: float | None = None
    error_s: float = 0.0
    note: str = ""


class Operator(Protocol):
    """Does what a prompt asks, or says why not."""

    async def ask(self, prompt: Prompt) -> Answer:
        """Have it done; raise UnavailableError where the means to do it are gone."""
        ...


class EmulatedHands:
    """Presses an emulated unit; it cannot be carried around."""

    def __init__(self, unit: Emulated) -> None:
        self._unit = unit

    async def ask(self, prompt: Prompt) -> Answer:
        """Press for as long as the prompt says."""
        if prompt.act is Act.MOVE:
            return Answer(Said.SKIPPED, note="an emulated unit cannot be carried around")
        down_s = monotonic_s()
        await self._unit.press(prompt.hold_s)
        return Answer(Said.DONE, down_s)


_CANNOT = 77  # as test programs end that have to be skipped


class Command:
    """Runs a command that moves a finger of some kind, such as a relay or a servo.

    It finds what to do in AURASIM_ACT and AURASIM_HOLD_S, and ends with 0 when it was done, with 77
    when it cannot do that.
    """

    def __init__(self, command: str) -> None:
        self._command = command

    async def ask(self, prompt: Prompt) -> Answer:
        """Run the command, at most for the prompt's time and the hold."""
        environment = os.environ | {
            "AURASIM_ACT": prompt.act.value,
            "AURASIM_HOLD_S": f"{prompt.hold_s:g}",
        }
        down_s = monotonic_s()
        process = await asyncio.create_subprocess_shell(
            self._command, env=environment, stdout=sys.stderr
        )
        try:
            async with asyncio.timeout(prompt.limit_s + prompt.hold_s):
                code = await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            return Answer(Said.TIMEOUT, note=f"'{self._command}' did not end in time")
        if code == _CANNOT:
            return Answer(Said.SKIPPED, note=f"'{self._command}' cannot {prompt.act}")
        if code:
            return Answer(Said.STOPPED, note=f"'{self._command}' ended with {code}")
        return Answer(Said.DONE, down_s, error_s=max(0.0, monotonic_s() - down_s - prompt.hold_s))


class Scripted:
    """Answers from a list, in order: `done`, `skip` or `stop`; the last one goes on for ever."""

    def __init__(self, answers: Iterable[str]) -> None:
        self._answers = [_said(text) for text in answers]
        self._next = 0

    async def ask(self, prompt: Prompt) -> Answer:
        """Return the next answer."""
        del prompt
        said = self._answers[min(self._next, len(self._answers) - 1)]
        self._next += 1
        return Answer(said, monotonic_s() if said is Said.DONE else None, note="as scripted")


def _said(text: str) -> Said:
    known = {said.value: said for said in (Said.DONE, Said.SKIPPED, Said.STOPPED)}
    if text.strip() not in known:
        message = f"'{text}' is no answer. Say {', '.join(known)}, separated by commas."
        raise InputError(message)
    return known[text.strip()]


def scripted(text: str) -> Scripted:
    """Read answers such as `done,done,skip`."""
    return Scripted(text.split(","))


_BY_HAND_S = 0.3
_WORDS = {"": Said.DONE, "s": Said.SKIPPED, "q": Said.STOPPED}


class Person:
    """Asks a person at the terminal. `hands` do it for an emulated unit, once the person agrees.

    Enter at the moment of the press; `s` skips, `q` stops. The end of the input stops too. What is
    typed at a terminal before it is asked for answers nothing; lines of a pipe answer in order.
    """

    def __init__(self, tell: Callable[[str], object], hands: Operator | None = None) -> None:
        self._tell = tell
        self._hands = hands
        self._keyboard: _Keyboard | None = None

    async def ask(self, prompt: Prompt) -> Answer:
        """Ask, and wait as long as the prompt says."""
        self._keyboard = self._keyboard or _Keyboard()
        self._keyboard.forget()
        self._tell(f"{prompt.text}  [Enter, s to skip, q to stop; {prompt.limit_s:g} s]")
        try:
            async with asyncio.timeout(prompt.limit_s):
                line = await self._keyboard.line()
        except TimeoutError:
            return Answer(Said.TIMEOUT, note=f"nobody answered within {prompt.limit_s:g} s")
        if line is None:
            return Answer(Said.STOPPED, note="the input has ended; see --auto, --answers, --finger")
        said = _WORDS.get(line.strip().lower()[:1], Said.DONE)
        if said is Said.DONE and self._hands:
            return await self._hands.ask(prompt)
        return Answer(said, monotonic_s() if said is Said.DONE else None, _BY_HAND_S, "by hand")

    @property
    def waiting_lines(self) -> int:
        """Return how many lines were typed and not asked for."""
        return self._keyboard.waiting if self._keyboard else 0


class _Keyboard:
    """The lines of the input; a thread reads them, because a read cannot be left."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._wanted = Semaphore(0)
        self._is_live = sys.stdin.isatty()
        self._has_ended = False
        loop = asyncio.get_running_loop()

        def read() -> None:
            while True:
                if not self._is_live:
                    self._wanted.acquire()
                line = sys.stdin.readline()
                loop.call_soon_threadsafe(self._lines.put_nowait, line or None)
                if not line:
                    return

        Thread(target=read, name="operator", daemon=True).start()

    @property
    def waiting(self) -> int:
        """Return how many lines were read and not taken."""
        return self._lines.qsize()

    def forget(self) -> None:
        """Leave out what was typed for the prompt before; the end of the input stays."""
        while not self._lines.empty():
            self._has_ended |= self._lines.get_nowait() is None

    async def line(self) -> str | None:
        """Return the next line; None at the end of the input."""
        if self._has_ended:
            return None
        self._wanted.release()
        line = await self._lines.get()
        self._has_ended = line is None
        return line

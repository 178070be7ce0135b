"""A program that we run beside us: what it says line by line, and its last words when it dies.

It ends when its context is left. Should we be killed, Linux kills it too.
"""

import asyncio
import contextlib
import shutil
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from simulator.errors import UnavailableError

_KEPT = 200  # lines that nobody asked for yet
_LAST_WORDS = 5
_GRACE_S = 3.0


class EmulatorDiedError(UnavailableError):
    """A program under an emulated unit ended, or fell silent: `program`, `how`, `last_words`."""

    def __init__(self, program: str, how: str, last_words: str) -> None:
        words = f"It last said '{last_words}'." if last_words else "It said nothing."
        super().__init__(f"{program} {how}. {words} Start the emulated unit anew.")
        self.program = program
        self.how = how
        self.last_words = last_words


class Child:
    """One running program; `hear` takes a line for itself by returning True."""

    def __init__(
        self,
        name: str,
        process: asyncio.subprocess.Process,
        hear: Callable[[str], bool] | None,
    ) -> None:
        self._name = name
        self._process = process
        self._hear = hear
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self._last: deque[str] = deque(maxlen=_LAST_WORDS)
        self._news = asyncio.Event()
        self._has_ended = False
        self._asking = asyncio.Lock()

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    @property
    def last_words(self) -> str:
        """Return the last lines it said."""
        return " | ".join(self._last)

    async def line(self, start: str, *, within_s: float) -> str:
        """Return the next line that begins so, and leave the others; raise EmulatorDiedError."""
        try:
            async with asyncio.timeout(within_s):
                while (found := self._taken(start)) is None:
                    if self._has_ended:
                        raise await self.death()
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as error:
            how = f"said no '{start}' within {within_s:g} s"
            raise EmulatorDiedError(self._name, how, self.last_words) from error
        return found

    async def ask(self, order: str, answer: str = "ok", *, within_s: float = 30.0) -> None:
        """Say one line to the program and wait for its answer."""
        async with self._asking:
            if self._process.stdin is None or self._has_ended:
                raise await self.death()
            with contextlib.suppress(ConnectionError):  # its death is told below
                self._process.stdin.write(order.encode() + b"\n")
                await self._process.stdin.drain()
            await self.line(answer, within_s=within_s)

    async def watch(self) -> None:
        """Wait for the program to end, and raise EmulatorDiedError then."""
        await self._process.wait()
        raise await self.death()

    async def death(self) -> EmulatorDiedError:
        """Return how the program ended, or that it is silent where it has not."""
        try:
            async with asyncio.timeout(_GRACE_S):
                status = await self._process.wait()
        except TimeoutError:
            return EmulatorDiedError(self._name, "does not answer", self.last_words)
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return EmulatorDiedError(self._name, how, self.last_words)

    async def listen(self) -> None:
        """Take all that the program says, until it ends."""
        if self._process.stdout is not None:
            async for raw in self._process.stdout:
                self._said(raw.decode(errors="replace").rstrip())
        self._has_ended = True
        self._news.set()

    async def stop(self) -> None:
        """End the program, by force if it does not listen."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                async with asyncio.timeout(_GRACE_S):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def _said(self, line: str) -> None:
        if not line:
            return
        self._last.append(line)
        if self._hear is None or not self._hear(line):
            self._lines.append(line)
        self._news.set()

    def _taken(self, start: str) -> str | None:
        for place, line in enumerate(self._lines):
            if line.startswith(start):
                del self._lines[place]
                return line
        return None


@contextlib.asynccontextmanager
async def child(
    name: str,
    command: Sequence[str],
    *,
    descriptors: Sequence[int] = (),
    hear: Callable[[str], bool] | None = None,
) -> AsyncIterator[Child]:
    """Run a program; raise EmulatorDiedError where it cannot even start."""
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *leash(),
            *command,
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=tuple(descriptors),
            limit=1 << 20,
        )
    except OSError as error:
        raise EmulatorDiedError(name, f"cannot be started: {error}", "") from error
    running = Child(name, process, hear)
    listening = asyncio.create_task(running.listen())
    try:
        yield running
    finally:
        await running.stop()
        await listening


def leash() -> list[str]:
    """Return the words before a command that let Linux kill the program when we are killed."""
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []

"""Plays a script of acts on a unit, and keeps what it said after each of them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from simulator.bench.ear import HeardFrame
from simulator.bench.listening import Listener
from simulator.bench.operators import Act, Operator, Prompt, Said
from simulator.bench.twin import Done
from simulator.clock import monotonic_s
from simulator.profile import CancelSource

_PROMPT_S = 60.0
_TAIL_S = 0.3  # what belongs to an act and comes right behind its first frame


async def played(listener: Listener, operator: Operator, presses: int) -> list[Done]:
    """Press so often, and cancel each press where the device can; return acts and frames."""
    return await _Script(listener, operator).play(presses)


class _Script:
    def __init__(self, listener: Listener, operator: Operator) -> None:
        self._listener = listener
        self._operator = operator
        self._profile = listener.ear.profile
        self._heard: list[HeardFrame] = []
        self._stirred = asyncio.Event()
        self._began_s = monotonic_s()

    async def play(self, presses: int) -> list[Done]:
        asked = self._profile.acceptance
        acts = [(Act.PRESS, asked.hold_s)]
        if self._profile.behaviour.cancel_source is CancelSource.NATIVE:
            acts.append((Act.CANCEL, asked.cancel_hold_s))
        hearing = asyncio.create_task(self._hear())
        try:
            done = [await self._act(act, hold_s) for act, hold_s in acts * presses]
        finally:
            hearing.cancel()
            await asyncio.wait([hearing])
            if not hearing.cancelled() and (error := hearing.exception()):
                raise error
        return [one for one in done if one is not None]

    async def _act(self, act: Act, hold_s: float) -> Done | None:
        self._heard = []
        text = f"{act.capitalize()}: hold for about {hold_s:g} s."
        answer = await self._operator.ask(Prompt(act, text, hold_s, _PROMPT_S))
        if answer.said is not Said.DONE:
            return None
        down_s = answer.down_s if answer.down_s is not None else monotonic_s()
        await self._until(lambda: any(one.kinds for one in self._heard))
        await asyncio.sleep(_TAIL_S)
        since = tuple(replace(one, at_s=one.at_s - self._began_s) for one in self._heard)
        return Done(act, down_s - self._began_s, hold_s, since)

    async def _until(self, look: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(self._profile.acceptance.wait_s):
                while not look():
                    self._stirred.clear()
                    await self._stirred.wait()
        except TimeoutError:
            return

    async def _hear(self) -> None:
        """Take frames, and answer the device as a server does."""
        async for event in self._listener.events():
            if isinstance(event, HeardFrame):
                self._heard.append(event)
                self._stirred.set()
                if event.reply:
                    await self._listener.send(event.reply)

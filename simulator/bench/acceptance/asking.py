"""Asks the operator, and takes a frame that arrives first for an answer."""

import asyncio
from collections.abc import Callable

from simulator.bench.acceptance.findings import StoppedError
from simulator.bench.acceptance.hearing import Hearing
from simulator.bench.acceptance.record import StepRecord, Verdict
from simulator.bench.operators import Act, Answer, Operator, Prompt, Said

_LATE_ENTER_S = 2.0


class Asking:
    """Asks one operator; `prompt_s` is the time to act."""

    def __init__(self, operator: Operator, bench: Hearing, prompt_s: float) -> None:
        self._operator = operator
        self._bench = bench
        self._prompt_s = prompt_s

    async def ask(
        self,
        act: Act,
        text: str,
        hold_s: float,
        *,
        heard: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """Have something done. Raises `StoppedError` where nobody does it."""
        prompt = Prompt(act, text, hold_s, self._prompt_s)
        asking = asyncio.create_task(self._operator.ask(prompt))
        try:
            while not asking.done() and not heard():
                self._bench.stirred.clear()
                stirring = asyncio.create_task(self._bench.stirred.wait())
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
        self._bench.found.steps.append(
            StepRecord(t=self._bench.t(), act=act.value, said=answer.said.value, note=answer.note)
        )
        if answer.said in (Said.STOPPED, Said.TIMEOUT):
            if heard():
                return Answer(Said.DONE, note="heard")
            reason = f"The operator was asked to {act}: {answer.said}. {answer.note}".strip()
            raise StoppedError(Verdict.VOID, reason)
        return answer

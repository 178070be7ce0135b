"""Asks the person at the terminal in the middle of a scenario, around pytest's capture."""

from collections.abc import Callable

import pytest

from simulator.bench.operators import Answer, Prompt
from simulator.bench.rig import ask_at_terminal


def prompter(config: pytest.Config) -> Callable[[Prompt], Answer]:
    """Return a way to ask; output and input are the terminal's meanwhile."""
    capture = config.pluginmanager.getplugin("capturemanager")
    ask = ask_at_terminal(lambda text: print(f"\n{text}"))  # noqa: T201 - a prompt is for the eye

    def asked(prompt: Prompt) -> Answer:
        if capture is None:
            return ask(prompt)
        capture.suspend_global_capture(in_=True)
        try:
            return ask(prompt)
        finally:
            capture.resume_global_capture()

    return asked

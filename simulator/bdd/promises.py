"""The promises of every run, watched over every scenario too, whatever its steps look at."""

import pytest

from simulator.bdd.playing import SCENE
from simulator.bdd.scene import Scene
from simulator.errors import SimulatorError
from simulator.report import check

EXEMPT = "breaks-promises"
"""The tag of a scenario that breaks promises on purpose."""


class BrokenPromiseError(SimulatorError, AssertionError):
    """All steps passed, and something happened between them that must never happen."""


def keep_promises(item: pytest.Item, tags: frozenset[str]) -> None:
    """Raise BrokenPromiseError where the journal of a scenario that passed breaks a promise."""
    scene: Scene | None = item.stash.get(SCENE, None)
    if scene is None or EXEMPT in tags:
        return
    broken = check(scene.journal.records)
    if broken:
        told = "\n".join(str(breach) for breach in broken[:5])
        message = (
            f"All steps passed, but a promise was broken: {told}\n"
            f"If the scenario means to break it, give it the tag @{EXEMPT}."
        )
        raise BrokenPromiseError(message)

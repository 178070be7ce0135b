"""Tells trouble of the world around a run from a scenario that fails: it is nobody's bug."""

from simulator.aura import AuraError
from simulator.bdd.expectation import ExpectationError
from simulator.bdd.scene import Scene
from simulator.errors import UnavailableError


def trouble_of(error: BaseException, scene: Scene | None) -> str:
    """Return what is wrong with the world around, as a sentence; empty where the error stands.

    An expectation that is not met while the target could not be reached is such trouble too. The
    embedded sandbox is part of what is tested: what it answers is never an excuse.
    """
    is_embedded = scene is not None and scene.stage.is_embedded
    if isinstance(error, UnavailableError) and not (is_embedded and isinstance(error, AuraError)):
        return str(error)
    if isinstance(error, ExpectationError) and scene and not is_embedded:
        trouble = scene.recorder.trouble
        return f"The target could not be reached: {trouble}." if trouble else ""
    return ""

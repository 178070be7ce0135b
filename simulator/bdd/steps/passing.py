"""Time that passes."""

from simulator.bdd.declare import action
from simulator.bdd.scene import Scene


@action("{duration} pass/passes", "the person waits {duration}")
def time_passes(scene: Scene, duration: float) -> None:
    """Let run time pass, with all that happens in it: reports, responders, tokens that end."""
    scene.run_for(duration)

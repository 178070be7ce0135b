"""Opens the scene of a scenario and closes it again."""

from collections.abc import Iterator

import pytest

from simulator.bdd.options import OPTIONS, options_of
from simulator.bdd.scene import Scene

SCENE = pytest.StashKey[Scene]()


def open_scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Yield a scene of the session's place; the item keeps it for its report."""
    item: pytest.Item = request.node
    options = item.config.stash.setdefault(OPTIONS, options_of(item.config))
    stage = options.place.open(item.nodeid)
    scene = Scene(stage, scenario=item.nodeid, seed=options.seed, bench=options.bench)
    item.stash[SCENE] = scene
    try:
        yield scene
    finally:
        scene.close()

"""The one way to let time pass, and to wait for something."""

from collections.abc import Iterator

import pytest

from simulator.bdd.expectation import ExpectationError, Finding
from simulator.bdd.scene import Scene
from simulator.bdd.stage import EmbeddedStage
from simulator.clock import VIRTUAL


@pytest.fixture
def world() -> Iterator[Scene]:
    """A scene in virtual time."""
    scene = Scene(EmbeddedStage(VIRTUAL), scenario="a test", seed=1)
    yield scene
    scene.close()


def _after(world: Scene, at_s: float) -> Finding:
    return Finding(world.env.now >= at_s, f"it is {world.env.now >= at_s}")


def test_waiting_ends_when_it_is_so(world: Scene) -> None:
    """Not later than a twentieth of the time waited."""
    world.run_until(lambda: _after(world, 100.0), 3600.0)

    assert 100.0 <= world.env.now <= 106.0


def test_waiting_in_vain_tells_what_was_seen_and_how_often(world: Scene) -> None:
    """The wait ends at its time, to the second."""
    with pytest.raises(ExpectationError) as caught:
        world.run_until(lambda: _after(world, 1e9), 3600.0)

    assert world.env.now == 3600.0
    assert caught.value.finding.seen == "it is False"
    assert "in 3600 s" in caught.value.waited


def test_without_patience_it_must_be_so_now(world: Scene) -> None:
    """No time passes."""
    with pytest.raises(ExpectationError):
        world.run_until(lambda: _after(world, 1.0), 0.0)

    assert world.env.now == 0.0


def test_holding_fails_at_the_first_look_that_is_not_so(world: Scene) -> None:
    """It says when."""
    with pytest.raises(ExpectationError) as caught:
        world.hold(lambda: Finding(world.env.now < 50.0, "changed"), 100.0)

    assert 50.0 <= world.env.now < 53.0
    assert caught.value.waited.startswith("no longer so after 5")


def test_only_what_changed_is_remembered(world: Scene) -> None:
    """A thousand equal looks are one."""
    with pytest.raises(ExpectationError) as caught:
        world.run_until(lambda: Finding(False, f"{world.env.now >= 30}"), 60.0)

    assert [look.finding.seen for look in caught.value.watch.looks] == ["False", "True"]


def test_what_is_due_at_the_end_of_a_wait_has_happened(world: Scene) -> None:
    """The present moment is finished before anybody looks."""
    happened: list[float] = []
    timeout = world.env.timeout(5.0)
    timeout.callbacks.append(lambda _: happened.append(world.env.now))

    world.run_for(5.0)

    assert happened == [5.0]


def test_the_clock_shows_days(world: Scene) -> None:
    """Scenarios may span days."""
    assert world.clock(61.5) == "00:01:01.500"
    assert world.clock(2 * 86400 + 3600) == "2d 01:00:00.000"

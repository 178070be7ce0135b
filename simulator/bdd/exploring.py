"""Random sequences of what people, networks and AURA do, against the promises that always hold.

Hypothesis draws the sequences. One that breaks a promise is cut down to the steps that it needs,
and written as a feature file that fails. Cutting is ours: a promise that turns out to be broken at
the end of a life leaves hypothesis no earlier step to stop at. It is imported here, and only here.
"""

from dataclasses import dataclass
from typing import ClassVar

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from simulator.bdd.mistakes import StepUseError
from simulator.bdd.performing import look, perform
from simulator.bdd.scene import Scene
from simulator.bdd.stage import EmbeddedStage
from simulator.clock import VIRTUAL

_MODELS = (
    "AURA structured device",
    "Milesight WS101 panic button",
    "Eview EV07B wearable",
    "SimplePack Plus panic button",
    "Shelly BLU Button1",
)
_WAITS = ("1 second", "10 seconds", "1 minute", "20 minutes", "3 hours")
_CLOSING = ("10 minutes pass", "every press is accounted for")


@dataclass(frozen=True, slots=True)
class Discovery:
    """A sequence that breaks a promise: its sentences, and what was found at the end."""

    steps: tuple[str, ...]
    expectation: str
    seen: str

    def feature(self, seed: int) -> str:
        """Return the sequence as a feature file that fails."""
        lines = [f"    {'Given' if not n else 'And'} {step}" for n, step in enumerate(self.steps)]
        return "\n".join(
            [
                "@sandbox",
                "Feature: Found by exploring",
                f"  `aurasim explore --seed {seed}` found this. Seen: {self.seen.splitlines()[0]}",
                "",
                "  Scenario: A promise is broken",
                *lines,
                f"    Then {self.expectation}",
                "",
            ]
        )


class PromiseBrokenError(AssertionError):
    """What ends a sequence; carries the discovery."""

    def __init__(self, discovery: Discovery) -> None:
        super().__init__(discovery.seen)
        self.discovery = discovery


def explore(*, seed: int = 1, examples: int = 100, steps: int = 30) -> Discovery | None:
    """Return the smallest sequence found that breaks a promise; None where none was found."""
    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    machine = hypothesis.seed(seed)(Life)
    try:
        run_state_machine_as_test(machine, settings=settings)
    except PromiseBrokenError as error:
        return reduced(error.discovery)
    return None


def reduced(found: Discovery) -> Discovery:
    """Return a discovery without the steps that it does not need, the later ones dropped first."""
    position = len(found.steps) - (found.steps[-1] == _CLOSING[0])  # time to arrive is needed
    while position > 0:
        position -= 1
        fewer = (*found.steps[:position], *found.steps[position + 1 :])
        found = _replayed(fewer, found.expectation) or found
        position = min(position, len(found.steps))
    return found


def _replayed(steps: tuple[str, ...], expectation: str) -> Discovery | None:
    """Return what a sequence comes to; None where nothing is broken or a step cannot be."""
    scene = _scene()
    try:
        for text in steps:
            perform(scene, text)
        finding = look(scene, expectation)
    except StepUseError:
        return None
    finally:
        scene.close()
    return None if finding.is_met else Discovery(steps, expectation, finding.seen)


def _scene() -> Scene:
    return Scene(EmbeddedStage(VIRTUAL), scenario="exploring", seed=1)


class Life(RuleBasedStateMachine):
    """What may happen to a few devices and their people."""

    devices: ClassVar[Bundle[str]] = Bundle("devices")

    def __init__(self) -> None:
        super().__init__()
        self._scene = _scene()
        self._told: list[str] = []

    @initialize(target=devices, model=st.sampled_from(_MODELS))
    def begin(self, model: str) -> str:
        """Begin with one device."""
        return self._new(model)

    @rule(target=devices, model=st.sampled_from(_MODELS))
    def another(self, model: str) -> str:
        """Link one more device, of a customer of its own."""
        return self._new(model)

    @rule(target=devices, model=st.sampled_from(_MODELS))
    def another_of_same_customer(self, model: str) -> str:
        """Link one more device to the latest customer."""
        return self._new(model, " of the customer")

    @rule(device=devices)
    def press(self, device: str) -> None:
        """Call for help."""
        self._do(f'the person presses "{device}"')

    @rule(device=devices)
    def regret(self, device: str) -> None:
        """Take the call back."""
        self._do(f'the person takes the press of "{device}" back')

    @rule(duration=st.sampled_from(_WAITS))
    def wait(self, duration: str) -> None:
        """Let time pass."""
        self._do(f"the person waits {duration}")

    @rule(device=devices, duration=st.sampled_from(_WAITS[:3]))
    def lose_coverage(self, device: str, duration: str) -> None:
        """Go into a lift."""
        self._do(f'"{device}" has no coverage for {duration}')

    @rule(device=devices, count=st.integers(1, 3))
    def lose_frames(self, device: str, count: int) -> None:
        """Lose some frames."""
        self._do(f'the next {count} frames of "{device}" are lost')

    @rule(device=devices)
    def repeat_frames(self, device: str) -> None:
        """Let every frame come twice from now on."""
        self._do(f'every frame of "{device}" arrives twice')

    @rule(device=devices, percent=st.sampled_from((60, 9, 0)))
    def drain(self, device: str, percent: int) -> None:
        """Set the charge of a battery; one that is empty stays so."""
        if self._scene.devices.one(device).unit.firmware.is_dead:
            return
        self._do(f'the battery of "{device}" is at {percent} %')

    @rule(duration=st.sampled_from(_WAITS[:3]))
    def take_aura_away(self, duration: str) -> None:
        """Let AURA be unreachable."""
        self._do(f"AURA is unreachable for {duration}")

    @rule(status=st.sampled_from((500, 502, 429, 400)), count=st.integers(1, 3))
    def upset_aura(self, status: int, count: int) -> None:
        """Let AURA answer badly."""
        self._do(f"AURA answers {status} to the next {count} requests")

    @precondition(lambda self: bool(self._scene.callouts))
    @rule()
    def close(self) -> None:
        """Let the control room close the latest callout, if it is open still."""
        if look(self._scene, "the callout is open").is_met:
            self._do("the control room closes the callout")

    @invariant()
    def promises_hold(self) -> None:
        """Check what holds at every moment."""
        if self._told:
            self._expect("no promise is broken")

    def teardown(self) -> None:
        """Let what is on its way arrive, and account for every press."""
        if self._told:
            self._do(_CLOSING[0])
            self._expect(_CLOSING[1])
        self._scene.close()

    def _new(self, model: str, owner: str = "") -> str:
        name = f"device {len(self._scene.devices) + 1}"
        self._do(f'a linked {model} "{name}"{owner}')
        return name

    def _do(self, text: str) -> None:
        self._told.append(text)
        perform(self._scene, text)

    def _expect(self, text: str) -> None:
        finding = look(self._scene, text)
        if not finding.is_met:
            raise PromiseBrokenError(Discovery(tuple(self._told), text, finding.seen))

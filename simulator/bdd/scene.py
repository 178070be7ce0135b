"""One scenario: a pipeline on a stage, its cast, and the one way to let time pass.

Links are lossless here and batteries full, so that a scenario says all that happens in it; what
goes wrong on the air, a step says.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import msgspec
import pytest
import simpy

from simulator import __version__
from simulator.aura import AuraError, Call, Client, Request, Response, Session, Tier
from simulator.aura.calls import callouts
from simulator.aura.types import CalloutId
from simulator.bdd.cast import Cast, Customer, Device
from simulator.bdd.exchange import RecordedOutlet, Recorder
from simulator.bdd.expectation import ExpectationError, Finding, Watch
from simulator.bdd.stage import Stage
from simulator.bdd.tokens import Grants
from simulator.bdd.upsets import Upsets
from simulator.bdd.webhooks import Webhook
from simulator.clock import iso
from simulator.device import Place
from simulator.fleet import Unit
from simulator.gateway import Courier
from simulator.journal import FORMAT, Answered, MemoryJournal, RunStarted
from simulator.profile import CellularLink, Link, Profile
from simulator.rng import Rng, mix, name_key
from simulator.run.world import World

if TYPE_CHECKING:
    from simulator.bdd.physical import Bench

_FIRST_LOOK_S = 0.25
_LONGEST_PAUSE_S = 60.0
_ROOM = Place(radius_m=2000.0)


class Scene:
    """The world of one scenario; the fixture `scene` of every step."""

    def __init__(
        self, stage: Stage, *, scenario: str, seed: int, bench: "Bench | None" = None
    ) -> None:
        self.stage = stage
        self.env: simpy.Environment = stage.env
        self.epoch_s = stage.epoch_s
        self.seed = seed
        self.scenario = scenario
        self.journal = MemoryJournal()
        self.recorder = Recorder(stage.env, self.journal)
        stage.receiver.mark = lambda: len(self.journal.records)
        self.outlet = RecordedOutlet(stage.env, stage, self.recorder)
        self.rng = Rng(seed)
        jitter = self.rng.stream(0, "retry")
        self.session = Session(stage.credentials, lambda: self.now_s, jitter)
        self.world = World(
            stage.env,
            self.journal,
            Courier(stage.env, self.session, self.outlet),
            rng=self.rng,
            epoch_s=self.epoch_s,
            place=_ROOM,
        )
        self.aura = Client(self.session, self, self.run_for)
        self.journal.write(self._first_record())
        self.customers: Cast[Customer] = Cast("customer")
        self.devices: Cast[Device] = Cast("device")
        self.upsets = Upsets()
        self.outlet.upset = lambda request: self.upsets.instead(self.env.now, request)
        self.grants = Grants()
        self.answer: Response | None = None  # to the latest request that a step made
        self.remembered: dict[str, object] = {}
        self._bench = bench
        self._on_desk = ExitStack()
        self._farewells: list[Call[str]] = []
        self._own_callouts: list[tuple[float, CalloutId]] = []
        self._spread = mix(name_key(scenario)) + (0 if stage.is_embedded else int(self.now_s * 1e3))

    @property
    def now_s(self) -> float:
        """Return the time of day of the run, in seconds since 1970."""
        return self.epoch_s + self.env.now

    def send(self, request: Request) -> Response:
        """Carry a request of a step: the transport of `aura`."""
        return self.recorder.asked(self.stage.ask, request)

    def run_for(self, seconds: float) -> None:
        """Let so much time pass, and all that happens in it."""
        self.stage.turn(self.env.timeout(seconds))
        self._finish_the_moment()

    def run_until(self, look: Callable[[], Finding], within_s: float) -> Finding:
        """Let time pass until a look is met; raise `ExpectationError` when it is not in time."""
        watch, began = Watch(), self.env.now
        ends = began + within_s
        while True:
            finding = self._look(look)
            watch.note(self.env.now, finding)
            if finding.is_met:
                return finding
            if self.env.now >= ends:
                waited = f"looked {watch.count} times in {within_s:g} s" if within_s else ""
                raise ExpectationError(watch, waited)
            pause_s = (self.env.now - began) / 20
            pause_s = min(max(pause_s, _FIRST_LOOK_S), _LONGEST_PAUSE_S)
            self.run_for(min(pause_s, ends - self.env.now))

    def hold(self, look: Callable[[], Finding], for_s: float) -> Finding:
        """Let time pass, and raise `ExpectationError` as soon as a look is not met."""
        watch, ends = Watch(), self.env.now + for_s
        while True:
            finding = self._look(look)
            watch.note(self.env.now, finding)
            if not finding.is_met:
                after_s = for_s - (ends - self.env.now)
                raise ExpectationError(watch, f"no longer so after {after_s:g} s of {for_s:g} s")
            if self.env.now >= ends:
                return finding
            self.run_for(min(max(for_s / 50, _FIRST_LOOK_S), ends - self.env.now))

    def _look(self, look: Callable[[], Finding]) -> Finding:
        """Look once; what is asked of AURA for it is told apart from what steps do."""
        self.recorder.asker = "look"
        try:
            return look()
        finally:
            self.recorder.asker = "step"

    @property
    def webhooks(self) -> list[Webhook]:
        """Return the webhooks that came in, in their order."""
        return self.stage.receiver.received

    @property
    def callouts(self) -> list[CalloutId]:
        """Return the callouts that the scenario has seen, in the order of their appearance."""
        told = [(r.t, CalloutId(r.callout)) for r in self.answers() if r.callout is not None]
        return list(dict.fromkeys(one for _, one in sorted(told + self._own_callouts)))

    def note_callout(self, callout: CalloutId) -> CalloutId:
        """Take note of a callout that a step was answered with."""
        self._own_callouts.append((self.env.now, callout))
        return callout

    def answers(self) -> Iterable[Answered]:
        """Yield AURA's answers to the pipeline."""
        return (record for record in self.journal.records if isinstance(record, Answered))

    def need_sandbox(self, what: str) -> None:
        """Skip the scenario on a target where AURA's side cannot be played."""
        if self.stage.tier is not Tier.SANDBOX:
            pytest.skip(f"{what} can be played on a sandbox only")

    def unit(self, profile: Profile, number: int) -> Unit:
        """Make a unit: the one on the desk where the session has one, else a virtual one."""
        if self._bench is None:
            return self.world.unit(undisturbed(profile), number)
        if any(device.profile.name == profile.name for device in self.devices):
            pytest.skip(f"the bench has one {profile.title}, and this needs more")
        from simulator.bdd.physical import physical_unit  # brings pyserial and bleak

        rig = self._on_desk.enter_context(self._bench.rig(profile))
        return physical_unit(self.env, self.world.fleet, rig, profile, self._has_open_callout)

    def _has_open_callout(self, device: str) -> bool:
        return any(name == device for name, _ in self.world.gateway.open_callouts)

    def need_receiver(self) -> None:
        """Skip the scenario on a target that cannot reach the scenario with its webhooks."""
        if not self.stage.is_embedded:
            pytest.skip("webhooks reach a scenario on --aura-target sandbox only")

    def fresh_number(self, digits: int) -> str:
        """Return a number of so many digits that this scenario has not used.

        Other scenarios that share a tenant with it draw from elsewhere.
        """
        self._spread += 1
        return f"{self._spread % 10**digits:0{digits}d}"

    def fresh_unit(self, model: str) -> int:
        """Return the number of the next unit of a model."""
        base = 1 if self.stage.is_embedded else 1 + self._spread % 900_000
        made = sum(device.profile.name == model for device in self.devices)
        return base + made

    def leave(self, call: Call[str]) -> None:
        """Take note of what is to be done when the scene closes, the latest first."""
        self._farewells.append(call)

    def clock(self, at_s: float) -> str:
        """Return a time of the run as it is shown: since the beginning of the scenario."""
        days, rest = divmod(at_s, 86400.0)
        text = iso(rest, digits=3)[11:-1]
        return f"{int(days)}d {text}" if days else text

    def close(self) -> None:
        """Leave a shared target as it was found, and give back what the stage holds."""
        try:
            if not self.stage.is_embedded:
                self._tidy()
        finally:
            self._on_desk.close()
            self.stage.close()

    def _tidy(self) -> None:
        """Cancel what is open, so that nobody drives to a scenario; unlink and delete the rest."""
        cancels = [callouts.cancel(one) for one in reversed(self.callouts)]
        for call in (*cancels, *reversed(self._farewells)):
            with suppress(AuraError):  # it may be gone already, and the scenario is judged
                self.aura.call(call)

    def _first_record(self) -> RunStarted:
        return RunStarted(
            t=self.env.now,
            format=FORMAT,
            version=__version__,
            seed=self.seed,
            clock="scenario",
            target=self.scenario,
            tier=self.stage.tier.value,
            started=iso(self.epoch_s, digits=3),
            for_s=0.0,
            mix={},
        )

    def _finish_the_moment(self) -> None:
        """Handle what is due at the present moment, so that the next look sees it."""
        while self.env.peek() <= self.env.now:
            self.env.step()


def undisturbed(profile: Profile) -> Profile:
    """Return a device model on a link without loss, with a full battery."""
    changed: dict[str, object] = {"loss": 0.0}
    if isinstance(profile.link, CellularLink):
        changed["reply_loss"] = 0.0
    link: Link = msgspec.structs.replace(profile.link, **changed)
    battery = msgspec.structs.replace(profile.battery, initial_percent=(100.0, 100.0))
    return msgspec.structs.replace(profile, link=link, battery=battery)

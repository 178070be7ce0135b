"""The course of a run, as one process of its environment: link, live, drain.

The same course is run in virtual time against the embedded sandbox and in real time over HTTP.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from simulator.aura import AuraError, Call
from simulator.aura.types import CalloutId, Webhook
from simulator.device import Act
from simulator.errors import SimulatorError, UnavailableError
from simulator.faults import Tampering
from simulator.fleet import Unit
from simulator.gateway import LinkedDevice
from simulator.journal import LinkRefused
from simulator.profile import Profile, load
from simulator.run.befalling import befallen, may_act
from simulator.run.casting import acts_of
from simulator.run.control.deeds import Deeds
from simulator.run.outfitting import outfit
from simulator.run.planned import Planned
from simulator.run.seats import Seats
from simulator.run.settings import RunSettings
from simulator.run.share import Share, alone
from simulator.run.world import Steps, World

_log = logging.getLogger(__name__)
_LINKING = 16  # devices that are linked at the same time
_LOOK_S = 0.5  # how often a draining run looks whether it may end

_Place = tuple[Profile, int, int]
"""A unit: its model, its number, and its place in the fleet."""


class NothingLinkedError(UnavailableError):
    """The target accepted no device at all, so there is nothing to run."""


class Script:
    """One run in a world; `turn()` is its process.

    `control_room` makes the call that closes a callout, where the target is a sandbox: real
    callouts are closed by real people. `webhooks` is the call that registers our receiver.
    """

    def __init__(
        self,
        world: World,
        settings: RunSettings,
        control_room: Callable[[CalloutId], Call[str]] | None,
        webhooks: Call[Webhook] | None = None,
        share: Share | None = None,
    ) -> None:
        self.world = world
        self.phase = "linking"
        self.webhooks = webhooks
        self._settings = settings
        self._control_room = control_room
        self._profiles = {name: load(name) for name in settings.mix}
        self._linked: list[Unit] = []
        self._share = share or alone(settings.devices)
        self._away: list[_Place] = []  # in crowds, with something to do
        self._refusal = ""
        self.deeds = Deeds(world)
        self._began_s = 0.0
        self.failure: SimulatorError | None = None

    @property
    def linked(self) -> int:
        """Return how many units take part."""
        return len(self._linked) + (self.world.crowds.members if self.world.crowds else 0)

    def turn(self) -> Steps:
        """Link the fleet, let it live its time, and wait for what is on its way.

        An error that makes the run impossible ends it and is kept in `failure`: out of a process
        SimPy would raise a copy, and only of errors that are made from their message alone.
        """
        yield from self._link_all()
        if self.failure is None:
            yield from self._live()

    def _link_all(self) -> Steps:
        env = self.world.env
        yield from self._listen()
        waiting = self._units()
        # where answers take no time, one after the other gives the ids of AURA an order
        at_once = 1 if self._settings.clock.is_virtual else _LINKING
        yield env.all_of([env.process(self._link_next(waiting)) for _ in range(at_once)])
        is_alone = len(self._share.shard) == self._settings.devices
        if not self.linked and self.failure is None and is_alone:
            message = (
                f"None of the {self._settings.devices} devices could be linked at "
                f"{self._settings.target}. The first refusal: {self._refusal}"
            )
            self.failure = NothingLinkedError(message)

    def _listen(self) -> Steps:
        """Ask AURA for its webhooks, where something is there to take them."""
        if self.webhooks is None:
            return
        try:
            yield from self.world.courier.perform(self.webhooks)
        except AuraError as error:
            _log.warning("AURA does not tell this run what happens to callouts: %s", error)

    def _live(self) -> Steps:
        env, settings = self.world.env, self._settings
        if self._control_room and settings.close_after_s:
            self.world.gateway.on_opened = self._close_later
        if settings.mutate:
            self.world.fleet.tampering = Tampering(self.world.rng, settings.mutate)
        self.phase = "running"
        self._begin()
        if self.world.crowds:
            self.world.crowds.begin()
        self.deeds.link(self._linked)
        self.deeds.is_open = True
        yield env.timeout(settings.for_s)
        self.phase = "draining"
        self.deeds.is_open = False
        if self.world.crowds:
            self.world.crowds.rest()
        self.world.fleet.rest()
        ends = env.now + settings.drain_s
        while env.now < ends and not self._share.may_end(self.world.is_quiet):
            yield env.timeout(_LOOK_S)

    def _units(self) -> Iterator[_Place]:
        """Yield the units of our share in the order of the fleet, but for those put away at once.

        They are, and are written down, when it is their turn: AURA hears of them when it has to.
        """
        begins, shard, crowds = 0, self._share.shard, self.world.crowds
        for name, profile in self._profiles.items():
            numbers = self._settings.numbers(name)
            first, last = max(begins, shard.first), min(begins + len(numbers), shard.last)
            seats = crowds.at(first) if crowds and first < last else None
            if seats:
                yield from self._put_away(seats)
            else:
                for index in range(first, last):
                    yield profile, numbers[index - begins], index
            begins += len(numbers)

    def _put_away(self, seats: Seats) -> Iterator[_Place]:
        """Put units away that may be; yield the others."""
        crowds, now = self.world.crowds, self.world.env.now
        assert crowds is not None  # noqa: S101 - there are seats
        start_s = self._start_within_s(seats.crowd.profile) * seats.crowd.draw("start")
        is_free = ~befallen(self._settings.life, seats.crowd)
        is_away = crowds.enlist(seats, now + start_s, is_free)
        begins = 0
        for slot in [*np.flatnonzero(~is_away).tolist(), len(seats)]:
            crowds.tell_of(seats, slice(begins, slot), now)
            if slot < len(seats):
                yield seats.place(slot)
            begins = slot + 1
        for slot in np.flatnonzero(is_away & may_act(self._settings, seats.crowd)).tolist():
            self._plan_away(seats.place(slot))

    def _plan_away(self, place: _Place) -> None:
        """Plan what the person of a unit that is away is to do."""
        world, (*_, index) = self.world, place
        acts = [
            replace(act, at_s=world.env.now + act.at_s) for act in self.acts_of(world.make(*place))
        ]
        for act in acts:
            world.fleet.plan_for(index, act)
        if acts:
            self._away.append(place)

    def _link_next(self, waiting: Iterator[_Place]) -> Steps:
        """Link one unit after the other. A refused one is out; a failing target ends the run."""
        for place in waiting:
            unit = self.world.make(*place)
            self.world.fleet.add(unit)
            try:
                yield from self.world.link(unit)
            except AuraError as error:
                if isinstance(error, UnavailableError):
                    self.failure = self.failure or error
                    return
                self._refuse(unit, str(error))
            else:
                self._linked.append(unit)

    def _delay_s(self, unit: Unit) -> float:
        """Return after how long a unit is switched on: a fleet is, one after the other."""
        within_s = self._start_within_s(unit.firmware.profile)
        return self.world.rng.stream(unit.firmware.key, "start").uniform(0, within_s)

    def _start_within_s(self, profile: Profile) -> float:
        return min(profile.behaviour.start_within_s, self._settings.for_s / 4)

    def _refuse(self, unit: Unit, reason: str) -> None:
        refused = LinkRefused(t=self.world.env.now, device=unit.name, reason=reason)
        self.world.journal.write(refused)
        self._refusal = self._refusal or reason

    def _begin(self) -> None:
        """Switch the units on, spread over a while, and let their people act."""
        world = self.world
        self._began_s = world.env.now
        for unit in self._linked:
            outfit(unit, self._settings.life, world.rng, world.env.now)
        world.begin_faults(self._settings.life.faults)
        for unit in sorted(self._linked, key=lambda unit: unit.index):
            cold = self._settings.cold_start
            world.fleet.switch_on(unit, self._delay_s(unit), cold=cold)
            for act in self.acts_of(unit):
                world.fleet.plan(unit, replace(act, at_s=world.env.now + act.at_s))

    def acts_of(self, unit: Unit) -> Iterable[Act]:
        """Return what the person of a unit is to do; times count from the switching on."""
        settings, firmware = self._settings, unit.firmware
        if settings.acts is not None:
            return [one.act for one in settings.acts if one.device == unit.name]
        return acts_of(
            firmware,
            self.world.rng,
            people=settings.people,
            personas=settings.life.personas,
            incidents=settings.life.incidents,
            began_s=self._began_s,
            for_s=settings.for_s,
        )

    def planned(self) -> Iterator[Planned]:
        """Yield what the people of all linked units were to do, by device and time."""
        away = (self.world.make(*one) for one in self._away)
        for unit in sorted([*self._linked, *away], key=lambda unit: unit.index):
            for act in self.acts_of(unit):
                yield Planned(unit.name, act.at_s, act.kind, act.gesture)

    def _close_later(self, linked: LinkedDevice, callout: CalloutId) -> None:
        self.world.env.process(self._close(linked, callout))

    def _close(self, linked: LinkedDevice, callout: CalloutId) -> Steps:
        """Let the control room of a sandbox end a callout that nobody cancelled."""
        yield self.world.env.timeout(self._settings.close_after_s or 0.0)
        if linked.callout != callout or not self._control_room:
            return
        try:
            yield from self.world.courier.perform(self._control_room(callout))
        except AuraError as error:
            _log.warning("The control room could not close callout %s: %s", callout, error)
        else:
            self.world.gateway.closed(linked.name, callout, "control room")

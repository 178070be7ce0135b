"""A device of a scenario that stands on the desk: its frames are real, and so is the finger.

To the pipeline it is a unit like any other, whose firmware happens to be elsewhere: a press goes to
an operator or an emulator, what arrives on the link is what its radio sends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import pytest
import simpy

from simulator.bench.ear import Ear, HeardFrame
from simulator.bench.links import Chunk, LinkDown
from simulator.bench.operators import Act, Answer, Prompt
from simulator.bench.rig import Rig, RigSettings, emulated_profile
from simulator.clock import wall_s
from simulator.device import (
    NEVER,
    BatteryState,
    CancelGesture,
    Firmware,
    Place,
    Position,
    Press,
    Reply,
    ServiceGesture,
    Speech,
    Stimulus,
    Woken,
)
from simulator.fleet import Fleet, Unit
from simulator.frame import Frame, Kind
from simulator.gateway import Known
from simulator.link import Passage
from simulator.profile import Battery, Profile, load
from simulator.rng import Rng

_POLL_S = 0.01
_SHORT_S = 0.15
_IDENTIFY_S = 60.0
_HOLDS = ("long", "hold")


@dataclass(frozen=True, slots=True)
class Bench:
    """The unit that a session of pytest has on the desk."""

    settings: RigSettings
    person: Callable[[Prompt], Answer] | None = None

    def rig(self, profile: Profile) -> Rig:
        """Return the unit, not yet attached; skip the scenario where it is of another model.

        Without word of its model, it is taken to be the one that the scenario asks for.
        """
        kind = self.settings.kind
        known = self.settings.profile or (emulated_profile(kind) if kind else None)
        if known is not None and load(known).name != profile.name:
            pytest.skip(f"the bench has a {known}, and this needs a {profile.name}")
        return Rig(self.settings, load(known) if known else profile, person=self.person)


class _Wire:
    """The link behind the real one: nothing is lost any more, and nothing takes time."""

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Let a frame arrive at once."""
        del frame, position
        return Passage((now,))

    def reply(self, now: float) -> float | None:
        """Let a reply leave at once."""
        return now


class _Cells(BatteryState):
    """The battery of the unit; a scenario can set that of an emulated one."""

    __slots__ = ("_cells", "_set")

    def __init__(self, cells: Battery, rig: Rig) -> None:
        super().__init__(cells, 100.0, 0.0)
        self._cells = cells
        self._set = rig.battery

    def drain_to(self, percent: float) -> None:
        """Set the voltage that stands for a level."""
        cells = self._cells
        millivolts = cells.empty_mv + (cells.full_mv - cells.empty_mv) * percent / 100.0
        if not self._set(round(millivolts)):
            pytest.skip("the battery of this unit cannot be set from here")


class PhysicalFirmware(Firmware):
    """The firmware of the unit, as far as it is known from outside."""

    is_on_desk = True

    def __init__(self, profile: Profile, rig: Rig, serial: str, fleet: Fleet) -> None:
        super().__init__(Speech(profile), 1, Rng(1), place=Place(), epoch_s=wall_s())
        self.serial = serial
        self.device_id = profile.identity.device_id.derive(serial)
        self.battery = _Cells(profile.battery, rig)
        self._rig = rig
        self._fleet = fleet
        self._ear = Ear(msgspec.structs.replace(profile, dedup=[]))  # the gateway's business
        self._latest: str | None = None
        self.troubles: list[str] = []

    def wake(self, now: float, inbox: Sequence[Stimulus] = ()) -> Woken:
        """Hand on what people do and what the server says; the unit wakes itself."""
        del now
        for stimulus in inbox:
            match stimulus:
                case Press(press, gesture):
                    self._latest = press
                    self._touch(Act.PRESS, gesture, self._hold_s(gesture))
                case CancelGesture():
                    gesture = self.profile.behaviour.cancel_gesture or "its own gesture"
                    self._touch(Act.CANCEL, gesture, self.profile.acceptance.cancel_hold_s)
                case ServiceGesture():
                    self._touch(Act.PRESS, "short", _SHORT_S)
                case Reply(_, payload) if payload:
                    self._rig.send(payload)
        return Woken([], NEVER)

    def listen(self, env: simpy.Environment, unit: Unit) -> None:
        """Let the unit's radio send what has arrived on the link."""
        for happening in self._rig.take():
            if isinstance(happening, LinkDown):
                self.troubles.append(happening.detail)
                self._ear.lose()
            elif isinstance(happening, Chunk):
                for heard in self._ear.hear(happening):
                    self._fleet.transmit(unit, self._frame(env.now, heard))

    def walk(self) -> None:
        """Have a person carry the unit around."""
        if self._rig.is_emulated:
            pytest.skip("an emulated unit cannot be carried around")
        self._rig.act(Act.MOVE, "Walk a few metres with the device.", 0.0)

    def know(self, *, is_open: bool) -> None:
        """Take note of whether a callout of the unit is open: some rules depend on it."""
        self._ear.known = Known(is_open)

    def _frame(self, now: float, heard: HeardFrame) -> Frame:
        kind = heard.kinds[0] if heard.kinds else Kind.OTHER
        is_asked = bool({Kind.PRESS, Kind.CANCEL} & set(heard.kinds))
        return Frame(
            self.name,
            heard.number,
            kind,
            heard.payload,
            now,
            press=self._latest if is_asked else None,
            address=heard.address,
        )

    def _hold_s(self, gesture: str) -> float:
        asked = self.profile.acceptance
        if gesture == self.profile.behaviour.gestures[0]:
            return asked.hold_s
        if gesture.startswith(_HOLDS):
            return asked.long_hold_s or 4 * asked.hold_s
        if gesture == "short":
            return _SHORT_S
        if self._rig.is_emulated:
            pytest.skip(f"the emulated unit cannot be used by the gesture {gesture}")
        return asked.hold_s

    def _touch(self, act: Act, gesture: str, hold_s: float) -> None:
        verb = "Cancel at the device" if act is Act.CANCEL else "Press the device"
        self._rig.act(act, f"{verb} ({gesture}), for about {hold_s:g} s.", hold_s)


def physical_unit(
    env: simpy.Environment,
    fleet: Fleet,
    rig: Rig,
    profile: Profile,
    is_open: Callable[[str], bool],
) -> Unit:
    """Take the unit on the desk into a fleet, and listen to it from now on.

    `is_open` says whether a callout of a device is open.
    """
    firmware = PhysicalFirmware(profile, rig, rig.serial or _identified(rig, profile), fleet)
    unit = Unit(len(fleet.units), firmware, _Wire())
    fleet.add(unit)

    def listening() -> "simpy.events.ProcessGenerator":
        while True:
            yield env.timeout(_POLL_S)
            firmware.know(is_open=is_open(unit.name))
            firmware.listen(env, unit)

    env.process(listening())
    return unit


def _identified(rig: Rig, profile: Profile) -> str:
    """Have the unit pressed once, so that it says who it is."""
    ear = Ear(profile)
    rig.act(Act.PRESS, "Press the device once, so that it says who it is.", 1.0)
    for happening in rig.wait(lambda: ear.serial is not None, _IDENTIFY_S):
        if isinstance(happening, Chunk):
            for heard in ear.hear(happening):
                if heard.reply:
                    rig.send(heard.reply)
    if ear.serial is None:
        pytest.skip("the unit does not say who it is; give --aura-serial")
    return ear.serial

"""Frames of a device model, for templates that take them raw: what one unit says in two days."""

import simpy

from simulator.device import Code, Firmware, Place, Speech
from simulator.fleet import Fleet, Unit
from simulator.frame import Frame, Kind
from simulator.journal import MemoryJournal
from simulator.link import CoarsePosition, link_of
from simulator.load.schedule import BATTERY, CODES
from simulator.profile import Profile
from simulator.rng import Rng

_DAYS_S = 2 * 86400.0


class _Ear:
    """Hears the frames that arrive, and answers nothing."""

    def __init__(self) -> None:
        self.heard: dict[int, Frame] = {}

    def receive(self, device: str, frame: Frame, position: CoarsePosition | None) -> bytes | None:
        """Keep the first frame of each kind."""
        del device, position
        code = BATTERY if frame.kind is Kind.HEARTBEAT else CODES.get(frame.kind)
        if code is not None:
            self.heard.setdefault(code, frame)
        return None

    def cancel(self, device: str, press: str, code: Code | None = None) -> None:
        """Take no calls."""


def frames_of(profile: Profile) -> dict[int, Frame]:
    """Return the first frame of each kind, by its code."""
    env, ear, rng = simpy.Environment(), _Ear(), Rng(1)
    fleet = Fleet(env, MemoryJournal(), ear)
    firmware = Firmware(Speech(profile), 1, rng, place=Place(), epoch_s=0.0)
    unit = Unit(0, firmware, link_of(profile, firmware.key, rng))
    fleet.add(unit)
    fleet.switch_on(unit)
    for gesture in profile.behaviour.gestures:
        env.run(until=env.now + _DAYS_S / 4)
        fleet.press(unit, gesture)
    env.run(until=env.now + _DAYS_S)
    return ear.heard

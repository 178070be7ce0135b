"""Two gears, one model: a crowd does what full devices do, device by device."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import simpy

from simulator.device import Firmware, Place, PowerOn, Speech
from simulator.fleet import Crowd, Fleet, Gear, Sent, Unit, gear_of
from simulator.frame import Frame
from simulator.journal import FrameSent, MemoryJournal, OnAir
from simulator.link import CoarsePosition, link_of
from simulator.profile import Profile, load, profile_names
from simulator.rng import Rng

DAY_S = 86_400.0
EPOCH_S = 1_780_000_000.0
PLACE = Place()
IN_CROWDS = [name for name in profile_names() if gear_of(load(name)).gear is Gear.CROWD]
Told = tuple[object, ...]


@dataclass
class Station:
    """Takes note of arrivals."""

    env: simpy.Environment
    heard: list[Told] = field(default_factory=list)

    def receive(self, device: str, frame: Frame, position: CoarsePosition | None) -> bytes | None:
        """Hear a frame."""
        self.heard.append((self.env.now, device, frame.sequence, frame.payload, position))
        return None

    def cancel(self, device: str, press: str, code: object = None) -> None:
        """Nobody calls."""


def unit_of(speech: Speech, number: int, rng: Rng, level: float | None = None) -> Unit:
    """Return a unit that was switched on 3 s after the beginning."""
    firmware = Firmware(speech, number, rng, place=PLACE, epoch_s=EPOCH_S)
    if level is not None:
        firmware.battery.drain_to(level)
    unit = Unit(number, firmware, link_of(speech.profile, firmware.key, rng))
    unit.next_wake = firmware.wake(3.0, (PowerOn(cold=False),)).next_wake
    return unit


def full(profile: Profile, numbers: list[int], seed: int, until_s: float) -> list[list[Told]]:
    """Return what full devices send, their radios do, and a station hears: three lists."""
    env, journal = simpy.Environment(), MemoryJournal()
    station = Station(env)
    fleet = Fleet(env, journal, station)
    rng, speech = Rng(seed), Speech(profile)
    for number in numbers:
        unit = unit_of(speech, number, rng, level=80.0)
        fleet.adopt(unit)
    env.run(until=until_s)
    frames = [r for r in journal.records if isinstance(r, FrameSent)]
    air = [r for r in journal.records if isinstance(r, OnAir)]
    return [
        sorted(
            (r.t, r.device, r.seq, r.kind, r.hex, r.port, r.battery, r.latitude, r.longitude)
            for r in frames
        ),
        sorted((r.t, r.device, r.seq, r.copies, r.lost or "", r.air_s, r.wait_s) for r in air),
        sorted(station.heard, key=lambda told: told[:3]),
    ]


def crowded(
    profile: Profile, numbers: list[int], seed: int, until_s: float, *, windows: int, churn: int = 0
) -> list[list[Told]]:
    """Return what the same units do in a crowd, taken out and put back now and then."""
    rng, speech = Rng(seed), Speech(profile)
    crowd = Crowd(speech, numbers, rng, place=PLACE, epoch_s=EPOCH_S)
    for slot, number in enumerate(numbers):
        assert crowd.join(slot, unit_of(speech, number, rng, level=80.0))
    sent: list[Sent] = []
    for window in range(1, windows + 1):
        for batch in crowd.advance(until_s * window / windows):
            sent += batch
        if churn and window % churn == 0:
            slot = window % len(numbers)
            assert crowd.join(slot, crowd.leave(slot, slot))
    frames = [
        (
            s.at_s,
            s.frame.device,
            s.frame.sequence,
            s.frame.kind.value,
            s.frame.payload.hex(),
            s.frame.port,
            round(s.level_pct),
            round(s.where.latitude, 6),
            round(s.where.longitude, 6),
        )
        for s in sent
    ]
    air = [
        (
            s.at_s,
            s.frame.device,
            s.frame.sequence,
            len(s.passage.arrivals_s),
            s.passage.lost or "",
            round(s.passage.air_s, 6),
            round(s.passage.waits_s, 6),
        )
        for s in sent
    ]
    heard = [
        (at_s, s.frame.device, s.frame.sequence, s.frame.payload, s.passage.position)
        for s in sent
        for at_s in s.passage.arrivals_s
        if at_s < until_s
    ]
    return [sorted(frames), sorted(air), sorted(heard, key=lambda told: told[:3])]


@pytest.mark.parametrize("name", IN_CROWDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_says_what_full_devices_say(name: str, seed: int) -> None:
    """Each frame at its time, with its bytes, its air time and its arrival, to the last bit."""
    profile = load(name)
    days = 12.0 if max(filter(None, periods(profile)), default=0) > 7200 else 1.0
    expected = full(profile, [1, 7, 300], seed, days * DAY_S)

    assert crowded(profile, [1, 7, 300], seed, days * DAY_S, windows=9) == expected


@pytest.mark.parametrize("name", IN_CROWDS)
def test_being_taken_out_and_put_back_changes_nothing(name: str) -> None:
    """Whatever a unit is, and however often."""
    profile = load(name)
    whole = crowded(profile, [1, 2], 5, DAY_S, windows=1)

    assert crowded(profile, [1, 2], 5, DAY_S, windows=40, churn=3) == whole


def periods(profile: Profile) -> list[float | None]:
    """Return the periods of a model's reports."""
    behaviour = profile.behaviour
    return [
        behaviour.report_s,
        behaviour.heartbeat_s,
        behaviour.position_s,
        behaviour.position_moving_s,
    ]


def test_which_models_live_in_crowds_and_why() -> None:
    """As the README says; a new model that is answered stays a full device by itself."""
    choices = {name: gear_of(load(name)) for name in profile_names()}
    reasons = {
        "milesight-ws101": "nobody answers its reports",
        "simplepack-plus": "says nothing of its own accord",
        "sensecap-t1000": "its uplinks are repeated until the network confirms them",
        "truvami-tag-s": "its uplinks are repeated until the network confirms them",
        "gt06": "the server replies to its reports",
        "sia-dc09-panel": "the server replies to its reports",
    }

    assert {name: choices[name].why for name in reasons} == reasons
    assert choices["gt06"].gear is Gear.FULL
    assert sum(choice.gear is Gear.CROWD for choice in choices.values()) > 20


@pytest.mark.parametrize("name", IN_CROWDS)
def test_settling_many_is_joining_each(name: str) -> None:
    """Units that are switched on at a time each: the same numbers, and the same who must not."""
    profile, rng = load(name), Rng(4)
    numbers, on_s = list(range(1, 30)), np.linspace(0.0, 900.0, 29)
    speech = Speech(profile)
    alone, together = (Crowd(speech, numbers, rng, place=PLACE, epoch_s=EPOCH_S) for _ in range(2))
    joined = []
    for slot, (number, now) in enumerate(zip(numbers, on_s.tolist(), strict=True)):
        firmware = Firmware(speech, number, rng, place=PLACE, epoch_s=EPOCH_S)
        unit = Unit(slot, firmware, link_of(profile, firmware.key, rng))
        woken = firmware.wake(now, (PowerOn(cold=False),))
        joined.append(not woken.frames and alone.join(slot, unit))

    assert together.settle(on_s, np.ones(29, bool)).tolist() == joined
    for slot in range(29):
        assert together.is_here(slot) == alone.is_here(slot)
        if together.is_here(slot):
            assert together.home(slot) == alone.home(slot)
            assert together._state.take(slot) == alone._state.take(slot)

"""The engine: wakes units when they are due, carries frames, accounts for what people do."""

import msgspec
import pytest
import simpy

from simulator.device import Act, ActKind, Code, Firmware, Place, Speech
from simulator.fleet import Fleet, Unit
from simulator.fleet.moments import at
from simulator.frame import Frame, Kind
from simulator.journal import (
    FrameSent,
    MemoryJournal,
    OnAir,
    Pressed,
    Regretted,
    Replied,
    Silent,
)
from simulator.link import CoarsePosition, link_of
from simulator.profile import Profile, load
from simulator.rng import Rng


class Station:
    """An outside that takes notes; replies to what it is told to reply to."""

    def __init__(self, env: simpy.Environment, *, replies: bool = False) -> None:
        self._env = env
        self._replies = replies
        self.heard: list[tuple[float, Frame]] = []
        self.cancelled: list[str] = []

    def receive(self, device: str, frame: Frame, position: CoarsePosition | None) -> bytes | None:
        """Take note of a frame."""
        del device, position
        self.heard.append((self._env.now, frame))
        return b"\x06" if self._replies else None

    def cancel(self, device: str, press: str, code: Code | None = None) -> None:
        """Take note of a call to the operator."""
        del device
        self.cancelled.append(press)


class Bench:
    """One environment with a fleet of lossless units of one profile."""

    def __init__(self, name: str, units: int = 1, *, replies: bool = False, **link: float) -> None:
        profile = load(name)
        radio = msgspec.structs.replace(profile.link, **{"loss": 0.0, **link})
        self.profile: Profile = msgspec.structs.replace(profile, link=radio)
        self.env = simpy.Environment()
        self.journal = MemoryJournal()
        self.station = Station(self.env, replies=replies)
        self.fleet = Fleet(self.env, self.journal, self.station)
        rng, speech = Rng(3), Speech(self.profile)
        for number in range(units):
            firmware = Firmware(speech, number, rng, place=Place(), epoch_s=0.0)
            firmware.battery.drain_to(90.0)
            self.fleet.add(Unit(number, firmware, link_of(self.profile, firmware.key, rng)))

    @property
    def unit(self) -> Unit:
        """Return the first unit."""
        return self.fleet.units[0]

    def seen(self, kind: type) -> list[object]:
        """Return the records of one type."""
        return [record for record in self.journal.records if isinstance(record, kind)]


def test_a_press_travels_from_finger_to_gateway() -> None:
    """Press, frame and air are written, and the frame is heard with its press."""
    bench = Bench("milesight-ws101")
    bench.fleet.plan(bench.unit, Act(100.0, ActKind.PRESS, "long"))
    bench.env.run(until=200.0)

    kinds = [type(record) for record in bench.journal.records]
    ((at_s, frame),) = bench.station.heard

    assert kinds == [Pressed, FrameSent, OnAir]
    assert (frame.kind, frame.press) == (Kind.PRESS, "milesight-ws101/0#1")
    assert 100.3 < at_s < 101.5


def test_presses_of_a_unit_are_numbered() -> None:
    """Every press has a name of its own."""
    bench = Bench("milesight-ws101")

    assert [bench.fleet.press(bench.unit, "long") for _ in range(2)] == [
        "milesight-ws101/0#1",
        "milesight-ws101/0#2",
    ]


def test_a_regret_goes_to_the_operator_where_the_device_cannot_cancel() -> None:
    """The operator is told which press is taken back."""
    bench = Bench("milesight-ws101")
    press = bench.fleet.press(bench.unit, "long")
    bench.fleet.regret(bench.unit)

    assert bench.station.cancelled == [press]
    assert [r.by for r in bench.journal.records if isinstance(r, Regretted)] == ["operator"]


def test_a_regret_goes_through_the_device_where_it_can_cancel() -> None:
    """A cancel frame with the press it takes back."""
    bench = Bench("aura-structured")
    press = bench.fleet.press(bench.unit, "press")
    bench.env.run(until=5.0)
    bench.fleet.regret(bench.unit)
    bench.env.run(until=10.0)

    assert bench.station.cancelled == []
    assert [(f.kind, f.press) for _, f in bench.station.heard] == [
        (Kind.PRESS, press),
        (Kind.CANCEL, press),
    ]


def test_nobody_regrets_what_was_never_pressed() -> None:
    """No record, no call."""
    bench = Bench("milesight-ws101")
    bench.fleet.regret(bench.unit)

    assert bench.journal.records == []


def test_a_reply_reaches_the_device_and_settles_the_frame() -> None:
    """An acknowledged frame is sent once."""
    bench = Bench("eview-ev07b", replies=True, reply_loss=0.0)
    bench.fleet.press(bench.unit, "sos")
    bench.env.run(until=25.0)

    assert [r.lost for r in bench.journal.records if isinstance(r, Replied)] == [False]
    assert bench.unit.firmware.unsaid == []


def test_a_lost_reply_makes_the_device_send_again() -> None:
    """The frame arrives more than once, with the attempts counted."""
    bench = Bench("eview-ev07b", replies=True, reply_loss=1.0)
    bench.fleet.press(bench.unit, "sos")
    bench.env.run(until=29.0)

    assert [frame.attempt for _, frame in bench.station.heard] == [1, 2]
    assert all(r.lost for r in bench.journal.records if isinstance(r, Replied))


def test_the_network_acknowledges_a_confirmed_uplink() -> None:
    """Nobody replies, and yet the device knows that its frame arrived."""
    bench = Bench("sensecap-t1000", reply_loss=0.0)
    bench.fleet.press(bench.unit, "double_click")
    bench.env.run(until=30.0)

    assert [(r.hex, r.lost) for r in bench.journal.records if isinstance(r, Replied)] == [
        ("", False)
    ]
    assert bench.unit.firmware.unsaid == []


def test_the_time_on_air_drains_the_battery() -> None:
    """A slow data rate costs more."""

    def spent(factor: int) -> float:
        bench = Bench("netvox-r312a", spreading_factor=factor)
        bench.fleet.press(bench.unit, "push")
        bench.env.run(until=30.0)
        return 90.0 - bench.unit.firmware.battery.level_pct

    assert spent(12) > 1.5 * spent(7)


def test_a_press_on_a_dead_device_is_accounted_for() -> None:
    """The journal says why nothing was said."""
    bench = Bench("milesight-ws101")
    bench.unit.firmware.battery.drain_to(0.0)
    press = bench.fleet.press(bench.unit, "long")

    silent = Silent(t=0.0, device="milesight-ws101/0", press=press, reason="battery empty")
    assert bench.journal.records[-1] == silent


def test_the_fleet_is_quiet_when_every_press_has_landed() -> None:
    """On its way in the device, then in the air, then quiet."""
    bench = Bench("milesight-ws101", delay_s=(5.0, 5.0))  # type: ignore[arg-type]
    press = bench.fleet.press(bench.unit, "long")

    assert list(bench.fleet.unfinished()) == [(press, "milesight-ws101/0", "device")]
    bench.env.run(until=2.0)
    assert list(bench.fleet.unfinished()) == [(press, "milesight-ws101/0", "air")]
    bench.env.run(until=10.0)
    assert bench.fleet.is_quiet
    assert list(bench.fleet.unfinished()) == []


def test_a_resting_fleet_begins_nothing_new() -> None:
    """Planned acts and reports do not happen any more."""
    bench = Bench("aura-structured", units=3)
    for unit in bench.fleet.units:
        bench.fleet.switch_on(unit)
        bench.fleet.plan(unit, Act(50.0, ActKind.PRESS, "press"))
    bench.env.run(until=10.0)
    bench.fleet.rest()
    bench.env.run(until=200_000.0)

    assert bench.station.heard == []


def test_an_earlier_act_is_not_late_because_a_later_one_was_planned_first() -> None:
    """The alarm of the calendar moves forward."""
    bench = Bench("aura-structured")
    bench.fleet.plan(bench.unit, Act(500.0, ActKind.PRESS, "press"))
    bench.fleet.plan(bench.unit, Act(20.0, ActKind.PRESS, "press"))
    bench.fleet.plan(bench.unit, Act(300.0, ActKind.PRESS, "press"))
    bench.env.run(until=600.0)

    assert [r.t for r in bench.journal.records if isinstance(r, Pressed)] == [20.0, 300.0, 500.0]


@pytest.mark.parametrize("removed", [0, 3, 7])
def test_removing_a_device_does_not_disturb_another(removed: int) -> None:
    """Each remaining unit says the same bytes at the same times."""

    def said(units: list[int]) -> list[tuple[float, str, bytes]]:
        bench = Bench("aura-structured", units=8)
        for number in units:
            bench.fleet.switch_on(bench.fleet.units[number])
        bench.env.run(until=86_400.0)
        return sorted((at, frame.device, frame.payload) for at, frame in bench.station.heard)

    everyone = said(list(range(8)))
    without = said([number for number in range(8) if number != removed])

    assert without == [one for one in everyone if one[1] != f"aura-structured/{removed}"]
    assert len(everyone) > 8 * 2


@pytest.mark.parametrize("looked_s", [0.0, 0.1, 7.3, 33.333333])
def test_a_moment_is_exact_whoever_looked_at_the_calendar_before(looked_s: float) -> None:
    """SimPy's delays would miss it by the last bit now and then."""
    env, seen = simpy.Environment(), list[float]()
    moments = [100.1 + 0.7 * step for step in range(200)]
    env.run(until=looked_s + 0.05)
    for at_s in moments:
        at(env, at_s, lambda: seen.append(env.now))
    env.run()

    assert seen == moments

"""What a run file says happens to a fleet happens: ways, receivers, coverage, cold, chargers."""

import pytest

from simulator.clock import Duration
from simulator.codec import Context
from simulator.device import People, Position
from simulator.device.area import Area
from simulator.device.gnss import Gnss
from simulator.device.incident import Incident
from simulator.device.motion import distance_m
from simulator.device.persona import Persona
from simulator.device.power import Charging, Climate
from simulator.device.ways import Route, Streets
from simulator.faults import HalfOpen, Loss, StuckButton
from simulator.frame import Value
from simulator.journal import FrameSent, MemoryJournal, OnAir, PowerChanged, Pressed, Record
from simulator.link import Coverage
from simulator.profile import codec_of, load
from simulator.report import Outcome, ledger_of
from simulator.rng import Rng
from simulator.run import Run, RunSettings
from simulator.run.casting import persona_of
from simulator.run.life import Life, LifeError
from tests.device.units import unit

NOBODY = People(presses=0.0)


def ran(mix: dict[str, int], life: Life, **settings: object) -> list[Record]:
    """Return the journal of a run in which nobody presses, unless the life says so."""
    told: dict[str, object] = {"mix": mix, "life": life, "people": NOBODY, "for_s": 7200.0}
    journal = MemoryJournal()
    Run(RunSettings(**told | settings), journal).execute()  # type: ignore[arg-type]
    return journal.records


def frames(records: list[Record]) -> list[FrameSent]:
    """Return the frames of a run."""
    return [record for record in records if isinstance(record, FrameSent)]


def where(frame: FrameSent) -> Position:
    """Return where a device truly was when it sent a frame."""
    assert frame.latitude is not None
    assert frame.longitude is not None
    return Position(frame.latitude, frame.longitude)


def read(frame: FrameSent) -> dict[str, Value]:
    """Return what a frame says."""
    profile = load(frame.device.partition("/")[0])
    return codec_of(profile).decode(bytes.fromhex(frame.hex), Context(port=frame.port))


def test_a_device_is_carried_along_its_route() -> None:
    """From one place to the other, as the frames show; others stay as they were."""
    way = ((-26.2, 28.0), (-26.3, 28.0))
    patrol = Route(name="patrol", waypoints=way, speed_kmh=20.0, devices=("gt06/1",))
    records = ran({"gt06": 2}, Life(routes=(patrol,)))
    own = [where(f) for f in frames(records) if f.device == "gt06/1"]
    other = [where(f) for f in frames(records) if f.device == "gt06/2"]

    assert distance_m(own[0], Position(*way[0])) < 1000.0
    assert distance_m(own[-1], Position(*way[1])) < 50.0
    assert all(abs(at.longitude - 28.0) < 1e-6 for at in own)
    assert not all(abs(at.longitude - 28.0) < 1e-6 for at in other)


def test_a_share_of_the_fleet_takes_to_the_streets() -> None:
    """Those on streets move as the traffic does, the others as their profile says."""
    town = Route(name="town", streets=Streets(), by="car", share=0.5)  # type: ignore[arg-type]
    half, none = ran({"gt06": 12}, Life(routes=(town,))), ran({"gt06": 12}, Life())

    def last(records: list[Record]) -> dict[str, Position]:
        return {frame.device: where(frame) for frame in frames(records)}

    moved = [name for name, at in last(half).items() if at != last(none)[name]]
    assert 2 <= len(moved) <= 10


def test_out_of_coverage_nothing_is_heard() -> None:
    """The journal says why."""
    elsewhere = Coverage(areas=(Area(latitude=10.0, longitude=10.0, radius_m=1000.0),))
    records = ran({"gt06": 1}, Life(coverage=elsewhere))

    assert {r.lost for r in records if isinstance(r, OnAir)} <= {"no coverage", "air"}


def test_a_coverage_of_one_network_leaves_the_others_alone() -> None:
    """LoRaWAN is away, the mobile network is there."""
    nowhere = Area(latitude=10.0, longitude=10.0, radius_m=1.0)
    life = Life(coverage=Coverage(areas=(nowhere,), networks=("lorawan",)))
    records = ran({"gt06": 1, "milesight-ws101": 1}, life, for_s=86_400.0)
    lost = {r.device for r in records if isinstance(r, OnAir) and r.lost == "no coverage"}

    assert lost == {"milesight-ws101/1"}


def test_a_cold_start_has_no_position_yet() -> None:
    """A press in the first seconds says no place; a later one says a true one."""
    soon = Incident(name="soon", at_s=Duration(65.0), within_s=Duration(1.0), share=1.0)
    late = Incident(name="late", at_s=Duration(3600.0), within_s=Duration(1.0), share=1.0)
    life = Life(gnss=Gnss(cold_start_s=(300.0, 300.0)), incidents=(soon, late))
    records = ran({"eview-ev07b": 1}, life, cold_start=True)
    said = [(f.t, read(f)) for f in frames(records) if f.kind == "press"]

    assert next(values["latitude"] for t, values in said if t < 200.0) == 0.0
    assert all(values["latitude"] != 0.0 for t, values in said if t > 3600.0)


def test_a_cold_night_shows_in_the_battery() -> None:
    """The same run, a battery that looks emptier."""
    plain = ran({"sensecap-t1000": 1}, Life())
    frost = ran({"sensecap-t1000": 1}, Life(climate=Climate(mean_c=-20.0, swing_c=0.0)))
    levels = [
        (a.battery or 0) - (b.battery or 0)
        for a, b in zip(frames(plain), frames(frost), strict=True)
    ]

    assert levels
    assert all(35 <= level <= 42 for level in levels)


def test_a_wearable_dies_and_is_charged() -> None:
    """Its owner forgets most nights; nothing is heard of it in between, and no promise breaks."""
    life = Life(charging=Charging(forgets_share=0.97))
    records = ran({"eview-ev07b": 1}, life, for_s=120 * 86_400.0, seed=4)
    changes = [record for record in records if isinstance(record, PowerChanged)]
    told = [record.what for record in changes]

    assert told[:2] == ["empty", "charged"]
    assert not [f for f in frames(records) if changes[0].t < f.t < changes[1].t]
    assert any(f.t > changes[1].t for f in frames(records))
    assert ledger_of(records).breaches == ()


def test_personas_take_their_shares_of_the_people() -> None:
    """In their order; a unit's person is the same in every fleet."""
    kinds = (Persona(name="a", share=0.3), Persona(name="b", share=0.3))
    carriers = [persona_of(unit(seed=seed), kinds, Rng(seed)) for seed in range(300)]
    found = [one.name if one else "other" for one in carriers]

    assert 60 < found.count("a") < 120
    assert 60 < found.count("b") < 120
    assert 90 < found.count("other") < 150


def test_an_incident_strikes_a_fleet_at_once() -> None:
    """And every press of it is accounted for."""
    fire = Incident(name="fire", at_s=Duration(1800.0), share=1.0, again_share=0.5)
    records = ran({"milesight-ws101": 10}, Life(incidents=(fire,)))
    presses = [record for record in records if isinstance(record, Pressed)]

    assert {press.device for press in presses} == {f"milesight-ws101/{n}" for n in range(1, 11)}
    assert {press.cause for press in presses} == {"fire"}
    assert ledger_of(records).totals[Outcome.UNEXPLAINED] == 0


@pytest.mark.parametrize(
    ("life", "key", "says"),
    [
        (Life(faults=(HalfOpen(),)), "faults[0].kind", "keeps a connection"),
        (Life(faults=(Loss(), StuckButton(gesture="fall"))), "faults[1].gesture", "it has long"),
        (Life(personas=(Persona(name="r", moving=True),)), "personas[0].moving", "moves"),
        (Life(charging=Charging()), "charging", "can be charged"),
    ],
)
def test_what_the_devices_of_a_mix_cannot_have_is_refused(life: Life, key: str, says: str) -> None:
    """Before anything begins."""
    with pytest.raises(LifeError, match=says) as caught:
        RunSettings(mix={"milesight-ws101": 1}, life=life)

    assert caught.value.key == key


def test_a_fault_that_one_model_of_a_mix_can_have_is_not_refused() -> None:
    """The others do not have it."""
    RunSettings(mix={"milesight-ws101": 1, "gt06": 1}, life=Life(faults=(HalfOpen(),)))

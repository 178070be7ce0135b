"""Two gears, one model: a run writes the same bytes whether idle units are put away or not."""

import os
import signal
from pathlib import Path

import pytest
import simpy

from simulator.aura import Request, Response
from simulator.clock import Duration
from simulator.device import People
from simulator.device.area import Area
from simulator.device.incident import Incident
from simulator.device.persona import Persona
from simulator.device.power import Climate
from simulator.device.ways import Route
from simulator.faults import ClockError, Loss, RebootLoop, StuckButton
from simulator.fleet import Batch, Fleet, Gear, Unit
from simulator.gateway import Express, Freight
from simulator.journal import FileJournal, JournalForm, open_journal
from simulator.profile import load, profile_names
from simulator.report import account as account_of
from simulator.run import Run, RunSettings
from simulator.run.crowds import Crowds
from simulator.run.gearing import idle_gear
from simulator.run.life import Life
from simulator.sandbox import Door, Sandbox

ALL_FULL = 10**9
DAY_S = 86_400.0
IN_CROWDS = [name for name in profile_names() if idle_gear(load(name)).gear is Gear.CROWD]


def ran(out: Path, crowd_from: int, **told: object) -> bytes:
    """Return the lines of a run."""
    settings = RunSettings(out=out, **told)  # type: ignore[arg-type]
    with FileJournal(out) as journal:
        Run(settings, journal, crowd_from=crowd_from).execute()
    return (out / "journal.ndjson").read_bytes()


def both(tmp_path: Path, **told: object) -> tuple[bytes, bytes]:
    """Return the lines of a run in the full gear, and with crowds."""
    return ran(tmp_path / "full", ALL_FULL, **told), ran(tmp_path / "crowds", 1, **told)


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_CROWDS)
def test_both_gears_write_the_same_journal(tmp_path: Path, name: str) -> None:
    """Idle life, presses, regrets, callouts, and idle life again: each model, to the last byte."""
    seed = 1 + IN_CROWDS.index(name)
    full, crowds = both(
        tmp_path, mix={name: 4}, for_s=1.5 * DAY_S, seed=seed, people=People(presses=2.0)
    )

    assert crowds == full
    assert full.count(b'"type":"press"') > 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_both_gears_agree_over_many_seeds(tmp_path: Path, seed: int) -> None:
    """A mix of models that live in crowds and of some that do not."""
    mix = {"aura-structured": 12, "milesight-at101": 3, "sensit-v3": 5, "gt06": 2}
    full, crowds = both(
        tmp_path, mix=mix, for_s=DAY_S, seed=seed, people=People(presses=1.0, cancel_share=0.6)
    )

    assert crowds == full


def test_a_weak_battery_warns_in_both_gears_alike(tmp_path: Path) -> None:
    """Units near the end of their charge leave the crowd in time to say so, and to die."""
    profile = tmp_path / "weak.toml"
    text = Path(str(load("aura-structured").path)).read_text()
    profile.write_text(
        text.replace('name = "aura-structured"', 'name = "weak"')
        .replace("low_percent = 15", "low_percent = 15\ninitial_percent = [0.4, 18]")
        .replace(
            "[provenance.battery]", '[provenance.battery]\ninitial_percent = "assumed: a test"'
        )
    )
    told = {"mix": {str(profile): 12}, "for_s": 6 * DAY_S, "people": People(presses=0.3)}
    full, crowds = both(tmp_path, **told)

    assert crowds == full
    assert b'"what":"empty"' in full


def test_trackers_on_their_way_tell_the_same_in_both_gears(tmp_path: Path) -> None:
    """Positions that no callout waits for, and those that one does."""
    profile = tmp_path / "tracker.toml"
    text = Path(str(load("aura-structured").path)).read_text()
    profile.write_text(
        text.replace('name = "aura-structured"', 'name = "tracker"')
        .replace("report_jitter = 0.1\n", "report_jitter = 0.1\nposition_moving_s = 120\n")
        .replace(
            "[provenance.battery]",
            'position_moving_s = "assumed: a test"\n\n[provenance.battery]',
            1,
        )
    )
    told = {"mix": {str(profile): 9}, "for_s": 1.5 * DAY_S, "people": People(presses=2.0)}
    full, crowds = both(tmp_path, **told)

    assert crowds == full
    assert full.count(b"has no active callout") > 100


def test_idle_units_are_away_and_those_in_conversation_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is pressed is fetched, and put away when its callout is over and nothing is left."""
    fetched, away = list[int](), list[int]()
    fetch, put_away = Crowds.fetch, Fleet.put_away

    def note_fetch(crowds: Crowds, index: int) -> Unit:
        fetched.append(index)
        return fetch(crowds, index)

    def note_put_away(fleet: Fleet, unit: Unit) -> None:
        away.append(unit.index)
        put_away(fleet, unit)

    monkeypatch.setattr(Crowds, "fetch", note_fetch)
    monkeypatch.setattr(Fleet, "put_away", note_put_away)
    people = People(presses=0.3)
    ran(tmp_path, 1, mix={"aura-structured": 60}, for_s=DAY_S, people=people)

    assert 5 < len(set(fetched)) < 40
    assert set(away) <= set(fetched)
    assert len(away) > len(fetched) - 5


def test_the_door_answers_and_keeps_what_the_long_way_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of fetched units, health and all, are those of a run that never put any away."""
    sandboxes = list[Sandbox]()
    answer = Sandbox.answer

    def spy(sandbox: Sandbox, request: Request) -> Response:
        if not sandboxes or sandboxes[-1] is not sandbox:
            sandboxes.append(sandbox)
        return answer(sandbox, request)

    monkeypatch.setattr(Sandbox, "answer", spy)
    told = {"mix": {"milesight-ws101": 6}, "for_s": 4 * DAY_S, "people": People(presses=3.0)}
    both(tmp_path, **told)
    links = [
        {link.device_id: link for link in sandbox.tenant("aurasim-demo").links}
        for sandbox in sandboxes
    ]

    assert len(sandboxes) == 2
    assert links[1]
    for device_id, link in links[1].items():
        plain = links[0][device_id]
        assert (link.id, link.customer_id, link.battery_level) == (
            plain.id,
            plain.customer_id,
            plain.battery_level,
        )
        assert link.callout_id == plain.callout_id


def test_the_door_is_for_idle_reports_only() -> None:
    """A press goes the long way, however it is said; nonsense is refused as AURA refuses it."""
    sandbox = Sandbox(simpy.Environment(), 0.0)
    door, profile = Door(sandbox.tenant("aurasim-demo")), load("aura-structured")

    with pytest.raises(LookupError, match="long way"):
        door.tell(profile, {"message_type": 1, "location": {}})
    assert door.tell(profile, {"message_type": 99}).status == 400
    assert door.tell(profile, {"message_type": 4, "body": {"battery": 55}}).battery_pct == 55


HERE = Area(latitude=-26.2041, longitude=28.0473, radius_m=4000.0)
LIVES = {
    "one": Life(faults=(StuckButton(devices=("aura-structured/3",), from_s=Duration(7200.0)),)),
    "some": Life(faults=(ClockError(share=0.3, skew_s=40.0), RebootLoop(share=0.2))),
    "place": Life(faults=(Loss(devices=("milesight-*",), strength=0.4, area=HERE),)),
    "way": Life(routes=(Route(name="way", share=0.3, waypoints=((-26.2, 28.0), (-26.3, 28.1))),)),
    "people": Life(
        personas=(
            Persona(name="often", share=0.5, presses_a_day=4.0),
            Persona(name="never", share=0.2, presses_a_day=0.0),
        ),
        incidents=(Incident(name="fire", at_s=Duration(9000.0), area=HERE, share=0.4),),
    ),
    "cold": Life(climate=Climate(mean_c=-15.0)),
}


@pytest.mark.parametrize("kind", LIVES)
def test_those_whom_nothing_befalls_are_put_away(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faults, ways and people concern some; the others are in crowds, and nobody can tell."""
    taken, enlist = list[int](), Crowds.enlist

    def note(crowds: Crowds, *told: object) -> object:
        are_taken = enlist(crowds, *told)  # type: ignore[arg-type]  # as it was called
        taken.append(int(are_taken.sum()))
        return are_taken

    monkeypatch.setattr(Crowds, "enlist", note)
    mix = {"aura-structured": 12, "milesight-at101": 8}
    full, crowds = both(
        tmp_path, mix=mix, for_s=DAY_S / 2, life=LIVES[kind], people=People(presses=0.2)
    )

    assert crowds == full
    assert (0 < sum(taken) <= 20) != (kind == "cold")


@pytest.mark.parametrize(
    "told", [{"cold_start": True}, {"mutate": 0.5}, {"plant": "device-ids-collide"}]
)
def test_runs_with_more_than_idle_reports_are_run_in_the_full_gear(
    tmp_path: Path, told: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is put away where anything may befall an idle unit."""
    monkeypatch.setattr(Crowds, "enlist", lambda *_: pytest.fail("a unit was put away"))
    people = People(presses=0.0)

    assert ran(tmp_path, 1, mix={"sensit-v3": 2}, for_s=4000.0, people=people, **told)


def test_idle_messages_that_fail_are_counted_in_both_forms_of_a_journal(tmp_path: Path) -> None:
    """AURA refuses a position that belongs to no callout; that concerns no press."""
    counts = []
    for form in JournalForm:
        settings = RunSettings(
            out=tmp_path / form, mix={"milesight-at101": 2}, for_s=20_000.0, journal=form
        )
        with open_journal(settings.out, form) as journal:
            Run(settings, journal, crowd_from=1).execute()
        account = account_of(settings.out)
        assert account.verdict == "passed"
        counts.append(account.counts.events["move"])

    assert counts[0] == counts[1]
    assert counts[0].sent > 3


def test_what_people_were_to_do_is_known_of_idle_units_too(tmp_path: Path) -> None:
    """A rerun asks for it, whether a unit was put away or not; and everybody is counted."""
    plans, results = [], []
    for least in (ALL_FULL, 1):
        settings = RunSettings(
            out=tmp_path, mix={"sensit-v3": 9}, for_s=9000.0, people=People(presses=0.7)
        )
        with FileJournal(tmp_path) as journal:
            run = Run(settings, journal, crowd_from=least)
            results.append(run.execute())
        plans.append(run.planned())

    assert plans[0] == plans[1]
    assert len(plans[0]) > 3
    assert [result.devices for result in results] == [9, 9]


@pytest.mark.parametrize(
    ("carrier", "name", "at"),
    [(Express, "sensit-v3", 40), (Freight, "milesight-at101", 9), (Batch, "aura-structured", 30)],
)
def test_ctrl_c_in_the_middle_of_a_window_tears_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carrier: type, name: str, at: int
) -> None:
    """While frames leave or land after the fact: none is lost, and none lands again."""
    what = "tell" if carrier is Batch else "carry"
    carry, carried = getattr(carrier, what), list[object]()

    def interrupted(carries: object, *told: object) -> object:
        carried.append(told)
        if len(carried) == at:
            os.kill(os.getpid(), signal.SIGINT)
        return carry(carries, *told)

    monkeypatch.setattr(carrier, what, interrupted)
    ran(tmp_path, 1, mix={name: 30}, for_s=DAY_S, people=People(presses=1.0))
    account = account_of(tmp_path)

    assert account.breaches == ()
    assert account.verdict == "void"

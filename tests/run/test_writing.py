"""Settings written as a run file and read again: the same settings, none forgotten."""

from dataclasses import fields, replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import Duration, clock_mode, epoch_s
from simulator.device import ActKind, People, Place
from simulator.device.area import Area
from simulator.device.gnss import Gnss
from simulator.device.incident import Incident
from simulator.device.persona import Persona
from simulator.device.power import Charging, Climate
from simulator.device.ways import Route
from simulator.device.ways.route import Then
from simulator.errors import InputError
from simulator.faults import Loss
from simulator.journal import FrameSent, JournalForm, MemoryJournal, RunStarted
from simulator.link import Coverage
from simulator.native import Delivery
from simulator.run import Planned, Run, RunSettings, settings_in, table_of, toml_of
from simulator.run.file import convert
from simulator.run.life import Life
from simulator.run.settings import settings_of

TOWN = Area(latitude=1.0, longitude=2.0, radius_m=3.5)
ALL = RunSettings(
    mix={"gt06": 3, "milesight-ws101": 2, "eview-ev07b": 1},
    for_s=12.125,
    clock=clock_mode("scaled=7.5"),
    seed=-4,
    target="http://127.0.0.1:8787",
    people=People(presses=0.1, cancel_after_s=(1.0, 2.5)),
    place=Place(1.5, -2.25, 100.0),
    cold_start=True,
    start_s=epoch_s("2026-01-02T03:04:05.678901Z"),
    close_after_s=1e-5,
    mutate=0.25,
    native=Delivery.parse(["tcp://127.0.0.1:7001"], ["gt06=aura"], segments="mixed"),
    drain_s=3.0,
    journal=JournalForm.COLUMNS,
    units={"gt06": (2, 9)},
    acts=(Planned("gt06/9", 1.75, ActKind.PRESS, "sos"), Planned("gt06/9", 2.0, ActKind.CANCEL)),
    plant="nobody-has-to-pay",
    allowed=("aura.example",),
    life=Life(
        faults=(Loss(from_s=Duration(0.5), to_s=Duration(3.25), strength=0.5),),
        personas=(Persona(name="p", tests_every=Duration(1234.5), hours={"9-17": 2.0}),),
        incidents=(Incident(name="i", at_s=Duration(1.5), area=TOWN),),
        routes=(Route(name="r", waypoints=((1.0, 2.0), (1.5, 2.5)), then=Then.BACK),),
        coverage=Coverage(areas=(TOWN,), networks=("lorawan",)),
        gnss=Gnss(lost_share=0.25),
        climate=Climate(mean_c=-3.5),
        charging=Charging(hours="21-4"),
    ),
)


def read(table: dict[str, object]) -> RunSettings:
    """Return settings from the table of a run file, by way of JSON."""
    return RunSettings(**settings_of(convert(msgspec.json.decode(msgspec.json.encode(table)))))  # type: ignore[arg-type]


def test_settings_survive_being_written_and_read() -> None:
    assert read(table_of(ALL)) == ALL


def test_the_text_of_a_run_file_says_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    from simulator.run import read_run_file

    path = tmp_path_factory.mktemp("run") / "run.toml"
    path.write_text(toml_of(ALL, comment="made\nby a test\x1b[31m\r[mix]"), "utf-8")

    assert RunSettings(**read_run_file(path)) == ALL  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [f.name for f in fields(RunSettings) if f.name != "out"])
def test_no_setting_is_forgotten(name: str) -> None:
    """A new setting that is not written would make a run that cannot be repeated."""
    plain = RunSettings(mix={"eview-ev07b": 1})

    assert getattr(ALL, name) != getattr(plain, name), f"let ALL say something else for {name}"
    assert getattr(read(table_of(ALL)), name) == getattr(ALL, name)


@given(st.floats(min_value=1e-9, max_value=1e9), st.floats(0, 1e6))
def test_spans_of_time_are_exact(for_s: float, drain_s: float) -> None:
    settings = RunSettings(mix={"gt06": 1}, for_s=for_s, drain_s=drain_s)

    assert read(table_of(settings)) == settings


def test_a_journal_repeats_its_run() -> None:
    """The first record is enough."""
    first, again = MemoryJournal(), MemoryJournal()
    Run(RunSettings(mix={"eview-ev07b": 3}, for_s=3600.0, seed=5), first).execute()

    start = first.records[0]
    assert isinstance(start, RunStarted)
    Run(settings_in(start), again).execute()

    assert again.records == first.records


def test_part_of_a_fleet_does_what_it_does_in_the_whole() -> None:
    """Unit 3 alone, with the acts of its person named one by one."""
    whole, part = MemoryJournal(), MemoryJournal()
    settings = RunSettings(mix={"milesight-ws101": 4}, people=People(presses=4.0), seed=2)
    Run(settings, whole).execute()
    Run(replace(settings, units={"milesight-ws101": (3,)}), part).execute()

    def frames(journal: MemoryJournal) -> list[str]:
        of_three = (r for r in journal.records if getattr(r, "device", "").endswith("/3"))
        return [r.hex for r in of_three if isinstance(r, FrameSent)]

    assert frames(part) == frames(whole) != []


@pytest.mark.parametrize("settings", [{}, {"mix": 3}, {"mix": {"gt06": 1}, "fro": "1h"}])
def test_settings_that_are_none_are_refused(settings: dict[str, object]) -> None:
    """An old journal, a broken one, one of another version."""
    start = RunStarted(
        t=0.0, format=1, version="0", seed=1, clock="virtual", target="sandbox", tier="sandbox",
        started="2026-01-01T00:00:00Z", for_s=1.0, mix={}, settings=settings,
    )  # fmt: skip

    with pytest.raises(InputError):
        settings_in(start)


@pytest.mark.parametrize("units", [{"gt06": ()}, {"gt06": (1, 1)}, {"eview-ev07b": (1,)}])
def test_units_that_are_none_are_refused(units: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(InputError):
        RunSettings(mix={"gt06": 2}, units=units)

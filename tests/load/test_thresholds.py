"""Thresholds: read from a file, judged on what was measured, and given up when hopeless."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.aura import TransportFailure
from simulator.load.plans import NoSuchLoadFileError, load_file, plans
from simulator.load.recorder import Recorder
from simulator.load.result import LedgerJson, Stage
from simulator.load.rows import FAILURES, ROW, STALE
from simulator.load.schedule import BATTERY, MOVE, PRESS
from simulator.load.settings import LoadFileError, LoadSettings, read_load_file
from simulator.load.shapes import Form, Shape
from simulator.load.thresholds import Judge, Threshold, ThresholdError


def row(due: float, took: float, kind: int = PRESS, status: int = 200) -> bytes:
    """Return one packed row that was sent at once."""
    sent = 0.0 if status == STALE else due
    return ROW.pack(due, due, sent, sent, due + took, kind, status, 1)


def judged(threshold: Threshold, *rows: bytes, for_s: float = 10.0) -> tuple[bool, float | None]:
    judge = Judge([threshold], for_s)
    recorder = Recorder(for_s, judge.watch)
    recorder.fold(b"".join(rows))
    outcome = judge.judge(recorder, for_s)[0]
    return outcome.is_met, outcome.measured


def test_a_percentile_of_all_messages_is_held_against_its_limit() -> None:
    rows = [row(1 + n / 1000, n / 1000) for n in range(1, 101)]

    assert judged(Threshold(of="p50", below=0.051), *rows)[0]
    assert not judged(Threshold(of="p50", below=0.049), *rows)[0]
    assert judged(Threshold(of="max", below=0.1001), *rows)[0]
    assert judged(Threshold(of="mean", below=0.0506), *rows)[0]


def test_a_threshold_of_one_kind_does_not_see_the_others() -> None:
    rows = [row(1, 0.5, MOVE), row(1, 0.001, PRESS)]

    assert judged(Threshold(of="p99", below=0.01, kind="press"), *rows)[0]
    assert not judged(Threshold(of="p99", below=0.01, kind="move"), *rows)[0]


def test_a_window_counts_by_when_messages_were_due() -> None:
    rows = [row(1, 0.001), row(6, 0.5)]

    assert judged(Threshold(of="p99", below=0.01, to_s=5), *rows)[0]
    assert not judged(Threshold(of="p99", below=0.01, from_s=5), *rows)[0]
    assert not judged(Threshold(of="p99", below=0.01, from_s=8), *rows)[0]  # nothing to measure


def test_shares_and_rates_are_measured() -> None:
    failed = row(1, 0.1, status=FAILURES[TransportFailure.TIMEOUT])
    rows = [row(1, 0.1)] * 8 + [failed, row(1, 0.1, status=STALE)]

    assert judged(Threshold(of="errors", below=0.1), *rows) == (True, 0.1)
    assert judged(Threshold(of="dropped", below=0.09), *rows) == (False, 0.1)
    assert judged(Threshold(of="answered", above=0.8), *rows) == (True, 0.8)
    assert judged(Threshold(of="sent", above=1.0), *rows) == (False, 0.9)
    assert judged(Threshold(of="errors", below=0.5, from_s=2), *rows) == (False, None)


def test_the_ledger_is_held_against_its_limits() -> None:
    ledger = LedgerJson(
        verdict="passed", presses=9, totals={"lost": 2}, lost={}, invariants={"x": 1}
    )
    judge = Judge([Threshold(of="lost", below=1), Threshold(of="breaches", below=1)], 1.0)

    lost, breaches = judge.judge(Recorder(1.0), 1.0, ledger)

    assert (lost.is_met, lost.measured) == (False, 2.0)
    assert (breaches.is_met, breaches.measured) == (True, 1.0)
    assert not judge.judge(Recorder(1.0), 1.0, None)[0].is_met


def test_a_share_is_hopeless_when_the_rest_cannot_make_it_good() -> None:
    bad = Threshold(of="errors", below=0.1, stop=True)
    judge = Judge([bad], 100.0)
    recorder = Recorder(100.0, judge.watch)
    failed = FAILURES[TransportFailure.TIMEOUT]

    recorder.fold(b"".join([row(1, 0.1)] * 850 + [row(1, 0.1, status=failed)] * 150))
    assert judge.give_up(recorder, 50.0) is None  # 150 of 2,000 are less than a tenth

    recorder.fold(b"".join([row(60, 0.1, status=failed)] * 200))
    assert judge.give_up(recorder, 90.0) is bad
    assert judge.judge(recorder, 90.0)[0].stopped_at_s == 90.0


def test_a_percentile_is_hopeless_when_too_many_are_slow_already() -> None:
    bad = Threshold(of="p99", below=0.01, stop=True)
    judge = Judge([bad], 10.0)
    recorder = Recorder(10.0, judge.watch)

    recorder.fold(b"".join(row(1, 0.5) for _ in range(200)))

    assert judge.give_up(recorder, 5.0) is bad


def test_a_threshold_that_does_not_ask_to_stop_never_does() -> None:
    judge = Judge([Threshold(of="p99", below=0.01)], 10.0)
    recorder = Recorder(10.0, judge.watch)
    recorder.fold(b"".join(row(1, 0.5) for _ in range(200)))

    assert judge.give_up(recorder, 5.0) is None


def test_few_messages_are_no_reason_to_stop() -> None:
    judge = Judge([Threshold(of="errors", below=0.0, stop=True)], 10.0)
    recorder = Recorder(10.0, judge.watch)
    recorder.fold(row(1, 0.1, status=500) * 20)

    assert judge.give_up(recorder, 5.0) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"of": "p101", "below": 1.0},
        {"of": "speed", "below": 1.0},
        {"of": "p99"},
        {"of": "p99", "above": 1.0},
        {"of": "answered", "below": 1.0},
        {"of": "p99", "below": 1.0, "above": 1.0},
        {"of": "p99", "below": 1.0, "kind": "shout"},
        {"of": "p99", "below": 1.0, "from_s": 5.0, "to_s": 4.0},
        {"of": "lost", "below": 1.0, "from_s": 5.0},
        {"of": "p99", "below": 1.0, "stage": Stage.AIR, "from_s": 5.0},
    ],
)
def test_what_cannot_be_judged_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ThresholdError):
        Threshold(**wrong)  # type: ignore[arg-type]  # what a load file could say


@given(st.text(max_size=8), st.floats(), st.floats(0, 100))
def test_any_words_make_a_threshold_or_a_reason(of: str, limit: float, from_s: float) -> None:
    try:
        made = Threshold(of=of, below=limit, from_s=from_s)
    except ThresholdError:
        return

    assert made.text


def test_every_threshold_can_be_said() -> None:
    said = [
        Threshold(of="p99", below=0.25, kind="press", from_s=5, to_s=9).text,
        Threshold(of="errors", below=0.01).text,
        Threshold(of="answered", above=100).text,
        Threshold(of="unexplained", below=0).text,
    ]

    assert said == [
        "p99 of latency of press: at most 250 ms, from 5 s to 9 s",
        "errors: at most 1 %",
        "answered: at least 100 a second",
        "unexplained: none",
    ]


LOAD_FILE = """
name = "a spike"
purpose = "to see"
for = "90s"
connections = 32

[mix]
aura-structured = 50

[shape]
form = "spike"
rate = 400.0
base = 20.0

[messages]
press = 1
move = 2

[[threshold]]
of = "p99"
below = "250ms"
stage = "service"
kind = "press"
from = "10s"
to = "20s"
stop = true

[[threshold]]
of = "errors"
below = "0.5%"
"""


def test_a_load_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "spike.toml"
    path.write_text(LOAD_FILE)

    settings = LoadSettings(**read_load_file(path))  # type: ignore[arg-type]  # by its names

    assert settings.shape == Shape(form=Form.SPIKE, rate=400.0, base=20.0)
    assert (settings.name, settings.purpose, settings.for_s) == ("a spike", "to see", 90.0)
    assert (settings.life.move, settings.life.battery, settings.connections) == (2, 12, 32)
    assert settings.thresholds == (
        Threshold(
            of="p99", below=0.25, stage=Stage.SERVICE, kind="press", from_s=10, to_s=20, stop=True
        ),
        Threshold(of="errors", below=0.005),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rate = 5", "rate"),
        ("[mix]\ngt06 = 0", "mix"),
        ("[mix]\ngt06 = 5\n[shape]\nform = 'round'", "shape.form"),
        ("[[threshold]]\nof = 'p99'\nbelow = 'soon'", "no limit"),
        ("[[threshold]]\nof = 'p999'\nbelow = 1", "p99.99"),
        ("for = '5 parsecs'", "no duration"),
        ("[shape]\nform = 'ramp'", "needs a rate"),
        ("= 5", "TOML"),
        ("run = 'no-such-shape'", "no-such-shape"),
    ],
)
def test_what_is_wrong_in_a_load_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "load.toml"
    path.write_text(text)

    with pytest.raises(LoadFileError, match=said):
        read_load_file(path)


@given(st.binary(max_size=80))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, said: bytes) -> None:
    path = tmp_path_factory.mktemp("load") / "load.toml"
    path.write_bytes(said)

    with suppress(LoadFileError):
        assert isinstance(read_load_file(path), dict)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mix": {}}, "--profile"),
        ({"mix": {"gt06": 0}}, "at least one"),
        ({"for_s": 0.0}, "time"),
        ({"connections": 0}, "connections"),
        ({"workers": 1000}, "workers"),
        ({"transport": "pigeon"}, "wire or aiohttp"),
        ({"shape": Shape(form=Form.REPLAY)}, "--replay"),
        ({"mix": {"gt06": 9_000_000}}, "fewer"),
        ({"mix": {"aura-structurd": 5}}, "aura-structured"),
        ({"trust": Path("/no/such.pem")}, "PEM"),
        ({"trust": Path(__file__)}, "PEM"),
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, object], said: str) -> None:
    usual: dict[str, object] = {"mix": {"aura-structured": 5}, "shape": Shape(rate=5.0)}

    with pytest.raises(ValueError, match=said):
        LoadSettings(**{**usual, **wrong})  # type: ignore[arg-type]  # what flags could say


def test_messages_of_kinds_that_there_were_are_tallied() -> None:
    recorder = Recorder(10.0)
    recorder.fold(row(1, 0.1, BATTERY) + row(2, 0.1, PRESS, status=503))

    assert set(recorder.tallies()) == {"press", "battery"}
    assert recorder.errors == {"answered 503": 1}


@pytest.mark.parametrize("path", list(plans()), ids=lambda path: path.stem)
def test_every_load_file_that_ships_can_be_run_and_says_why(path: Path) -> None:
    settings = LoadSettings(**read_load_file(path))  # type: ignore[arg-type]  # by its names

    assert settings.purpose
    assert settings.name
    assert settings.thresholds
    assert settings.shape.curve(settings.for_s).count(settings.for_s) > 1000


def test_a_load_file_is_found_by_its_path_or_its_name(tmp_path: Path) -> None:
    assert load_file("ordinary-hour").stem == "ordinary-hour"
    assert load_file(str(tmp_path / "x.toml")) == tmp_path / "x.toml"
    with pytest.raises(NoSuchLoadFileError, match="ordinary-hour"):
        load_file("ordinary-hours")

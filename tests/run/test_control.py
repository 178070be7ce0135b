"""The hand on a running fleet: what it does, what it refuses, and who may use it."""

import http.client
import json
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from simulator.cli.control import control
from simulator.clock import clock_mode
from simulator.device import People
from simulator.errors import InputError
from simulator.journal import Controlled, FaultPlanned, MemoryJournal, Pressed, Regretted
from simulator.report import Outcome, ledger_of
from simulator.run import Progress, Run, RunSettings
from simulator.run.control import FILE_NAME, ControlClient, NoControlError
from simulator.run.control.client import RefusedError

MIX = {"eview-ev07b": 3, "milesight-ws101": 2, "aura-structured": 1}


@contextmanager
def going(folder: Path) -> Iterator[MemoryJournal]:
    """Let a quiet fleet run by the wall clock, until it is left."""
    journal, is_live, leave = MemoryJournal(), threading.Event(), threading.Event()

    def look(progress: Progress) -> None:
        if progress.phase == "running":
            is_live.set()
        if leave.is_set():
            raise KeyboardInterrupt

    settings = RunSettings(
        mix=MIX,
        clock=clock_mode("scaled=20"),
        for_s=3600.0,
        people=People(presses=0.0),
        out=folder,
    )
    folder.mkdir(exist_ok=True)
    run = Run(settings, journal, look, is_controlled=True)
    thread = threading.Thread(target=run.execute)
    thread.start()
    try:
        assert is_live.wait(30.0)
        yield journal
    finally:
        leave.set()
        thread.join(30.0)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, MemoryJournal]]:
    """A fleet that goes on while the tests of this module command it."""
    folder = tmp_path_factory.mktemp("live")
    with going(folder) as journal:
        yield folder, journal


def ask(folder: Path, *words: str) -> dict[str, object]:
    """Give a command as a person does; return what it prints as JSON."""
    told = CliRunner().invoke(
        control, [*words, "--run", str(folder), "--json"], catch_exceptions=False
    )
    assert told.exit_code == 0, told.output
    answer: dict[str, object] = json.loads(told.output)
    return answer


def test_a_press_by_command_is_a_press_of_the_run(live: tuple[Path, MemoryJournal]) -> None:
    """Accounted for, with its cause; and taken back the same way."""
    folder, journal = live

    pressed = ask(folder, "press", "eview-ev07b/1", "--gesture", "fall")
    taken_back = ask(folder, "cancel", "eview-ev07b/1")

    assert pressed == taken_back == {"presses": ["eview-ev07b/1#1"]}
    (press,) = [r for r in journal.records if isinstance(r, Pressed)]
    assert (press.gesture, press.cause) == ("fall", "control")
    assert [r.press for r in journal.records if isinstance(r, Regretted)] == ["eview-ev07b/1#1"]
    deeds = [(r.device, r.deed) for r in journal.records if isinstance(r, Controlled)]
    assert [deed for device, deed in deeds if device == "eview-ev07b/1"] == ["press", "cancel"]


def test_devices_are_moved_and_drained_by_command(live: tuple[Path, MemoryJournal]) -> None:
    """At once; what it is like then can be asked."""
    folder, _ = live

    ask(folder, "move", "eview-ev07b/2", "-33.9", "18.4")
    ask(folder, "drain", "eview-ev07b/2", "0")
    answer = ask(folder, "state", "eview-ev07b/2")

    devices = answer["devices"]
    assert isinstance(devices, list)
    assert (devices[0]["latitude"], devices[0]["longitude"]) == (-33.9, 18.4)
    assert devices[0]["is_dead"]


def test_a_fault_comes_and_goes_by_command(live: tuple[Path, MemoryJournal]) -> None:
    """With its keys, for its devices, and known to the journal."""
    folder, journal = live
    keys = ["--devices", "milesight-ws101", "--set", "strength=0.5", "--name", "fog"]

    assert ask(folder, "break", "loss", *keys, "--for", "10m") == {"fault": "fog"}
    assert ask(folder, "state", "milesight-ws101/1")["faults"] == ["fog"]
    assert ask(folder, "mend", "fog") == {"fault": "fog"}

    planned = [r for r in journal.records if isinstance(r, FaultPlanned) and r.fault == "fog"]
    assert [(r.fault, r.by, r.ends) for r in planned] == [
        ("fog", "control", False),
        ("fog", "control", True),
    ]
    assert planned[0].table["strength"] == 0.5


def test_people_read_what_was_done(live: tuple[Path, MemoryJournal]) -> None:
    """In a sentence, or a table."""
    folder, _ = live
    moved = CliRunner().invoke(
        control, ["move", "milesight-ws101", "1", "2", "--speed", "5", "--run", str(folder)]
    )
    state = CliRunner().invoke(control, ["state", "--run", str(folder)])

    assert moved.output == "milesight-ws101/1, milesight-ws101/2: on the way\n"
    assert "milesight-ws101/2" in state.output


@pytest.mark.parametrize(
    ("deed", "order", "says"),
    [
        ("press", {"devices": ["eview-ev7b/1"]}, "Nearest: eview-ev07b/1"),
        ("press", {"devices": ["eview-ev07b/1"], "gesture": "wink"}, "It has sos, fall"),
        ("press", {"devices": []}, "length >= 1"),
        ("cancel", {"devices": ["milesight-ws101/2"]}, "nothing to take back"),
        ("move", {"devices": ["gt06/1"], "latitude": 1, "longitude": 200}, "<= 180"),
        ("drain", {"devices": ["eview-ev07b/1"], "percent": 101}, "<= 100"),
        ("break", {"fault": {"kind": "flood"}}, "'flood'"),
        ("break", {"fault": {"kind": "loss", "devices": ["gt06"]}}, "no device gt06"),
        ("break", {"fault": {"kind": "loss", "to": "soon"}}, "no duration"),
        ("mend", {"fault": "rust"}, "no fault 'rust'"),
        ("state", {"device": "x"}, "unknown field"),
    ],
)
def test_what_cannot_be_is_refused(
    live: tuple[Path, MemoryJournal], deed: str, order: dict[str, object], says: str
) -> None:
    """With the reason, and nothing happens."""
    folder, journal = live
    before = sum(isinstance(r, Controlled) for r in journal.records)

    with pytest.raises(RefusedError, match=says):
        ControlClient(folder).ask(deed, order)
    assert sum(isinstance(r, Controlled) for r in journal.records) == before


@pytest.mark.parametrize("deed", ["press", "break", "state"])
@pytest.mark.parametrize("body", [b"", b"[", b"[" * 100_000, b'{"devices": 5}', b"\xff", b"null"])
def test_whatever_is_sent_is_answered(
    live: tuple[Path, MemoryJournal], deed: str, body: bytes
) -> None:
    """With a reason, and the run goes on."""
    folder, _ = live
    address = json.loads((folder / FILE_NAME).read_bytes())
    place = urlsplit(address["url"])
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30.0)
    connection.request("POST", f"/{deed}", body, {"Authorization": f"Bearer {address['token']}"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()

    assert response.status == 400
    assert "no such command" in answer["error"]


def test_faults_that_contradict_each_other_are_refused(live: tuple[Path, MemoryJournal]) -> None:
    """As in a run file."""
    folder, _ = live
    ask(folder, "break", "delay", "--devices", "aura-structured", "--name", "one")

    with pytest.raises(RefusedError, match="overlap"):
        ControlClient(folder).ask("break", {"fault": {"kind": "delay", "name": "two"}})
    ask(folder, "mend", "one")


def test_only_who_knows_the_token_is_heard(live: tuple[Path, MemoryJournal]) -> None:
    """It stands in a file that is its user's alone."""
    folder, _ = live
    path = folder / FILE_NAME
    known = path.read_bytes()
    client = ControlClient(folder)
    forged = json.loads(known) | {"token": "another"}
    path.write_text(json.dumps(forged))
    stranger = ControlClient(folder)
    path.write_bytes(known)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "devices" in client.ask("state", {})
    with pytest.raises(RefusedError, match="token"):
        stranger.ask("state", {})


def test_a_run_that_has_ended_does_not_listen(tmp_path: Path) -> None:
    """And leaves no address behind; what was commanded is accounted for."""
    with going(tmp_path) as journal:
        ask(tmp_path, "press", "milesight-ws101/1", "milesight-ws101/2")

    assert not (tmp_path / FILE_NAME).exists()
    assert ledger_of(journal.records).totals[Outcome.UNEXPLAINED] == 0
    with pytest.raises(NoControlError, match="no run listens"):
        ControlClient(tmp_path)


def test_nothing_is_sent_to_another_machine(tmp_path: Path) -> None:
    """Whatever the file says."""
    (tmp_path / FILE_NAME).write_text('{"url": "http://192.0.2.1:80", "token": "x"}')

    with pytest.raises(InputError, match="not this machine"):
        ControlClient(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": 5}', '{"url": "x"}'])
def test_a_broken_address_is_no_run(tmp_path: Path, content: str) -> None:
    """As if there were none."""
    (tmp_path / FILE_NAME).write_text(content)

    with pytest.raises(NoControlError):
        ControlClient(tmp_path)


def test_a_run_that_does_not_answer_is_no_run(tmp_path: Path) -> None:
    """A run that was killed leaves its address behind."""
    (tmp_path / FILE_NAME).write_text('{"url": "http://127.0.0.1:9", "token": "x"}')

    with pytest.raises(NoControlError, match="does not answer"):
        ControlClient(tmp_path).ask("state", {})


def test_a_setting_needs_a_value() -> None:
    """KEY=VALUE, and nothing is sent without."""
    told = CliRunner().invoke(control, ["break", "loss", "--set", "strength"])

    assert told.exit_code == 2
    assert "strength=0.5" in told.output

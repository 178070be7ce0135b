"""The commands of the bench, as a person and as CI types them."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulator.bench.operators import Act, Command, Person, Prompt, Said, scripted
from simulator.errors import InputError

PATIENCE_S = 60.0
_FINGER = '[ "$AURASIM_ACT" = cancel ] && echo cancel > {0} || echo press > {0}'


def aurasim(*words: str, cwd: Path, stdin: str = "") -> tuple[int, str]:
    """Run a command; return its exit code and all that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "simulator.cli", *words],
        capture_output=True,
        text=True,
        input=stdin,
        cwd=cwd,
        timeout=PATIENCE_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@contextmanager
def being(profile: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Run `bench emulate` on a port; give the port, and the command of a finger on it."""
    hand, port = folder / "hand", folder / "ttyAURA"
    os.mkfifo(hand)
    words = [sys.executable, "-m", "simulator.cli", "bench", "emulate", profile]
    with (
        hand.open("r+b", buffering=0),  # so that neither end ever sees the end of the file
        hand.open("rb", buffering=0) as orders,
        subprocess.Popen(
            [*words, "--on", f"pty:{port}"],
            stdin=orders,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        ) as process,
    ):
        assert process.stdout
        while not process.stdout.readline().startswith("say:"):
            assert process.poll() is None
        try:
            yield str(port), _FINGER.format(hand)
        finally:
            process.terminate()


def test_a_unit_is_checked_from_the_command_line(tmp_path: Path) -> None:
    """A finger that is a command, a report, a record, and the exit code of a passed unit."""
    with being("serial-pendant-base", tmp_path) as (port, finger):
        words = ("bench", "check", "serial-pendant-base", "--port", port)
        code, told = aurasim(
            *words, "--finger", finger, "--presses", "1", "--out", "out", cwd=tmp_path
        )

    assert code == 0, told
    assert "passed: unit 00000001, report out/report.html" in told
    assert (tmp_path / "out" / "report.json").exists()
    record = tmp_path / "runs" / "bench" / "units" / "serial-pendant-base-00000001.ndjson"
    assert json.loads(record.read_text())["verdict"] == "passed"


def test_a_unit_is_compared_with_its_twin(tmp_path: Path) -> None:
    """The model on the port is as its profile says, so there is no difference."""
    with being("serial-pendant-base", tmp_path) as (port, finger):
        words = ("bench", "twin", "serial-pendant-base", "--port", port, "--presses", "1")
        code, told = aurasim(*words, "--finger", finger, "--json", cwd=tmp_path)

    assert code == 0, told
    compared = json.loads(told)
    assert (compared["acts"], compared["frames"], compared["mismatches"]) == (2, 2, [])


def test_a_tracker_that_logs_in_is_checked(tmp_path: Path) -> None:
    """Its login names it; its presses do not."""
    with being("gt06", tmp_path) as (port, finger):
        words = ("bench", "check", "gt06", "--port", port, "--no-move", "--presses", "1")
        code, told = aurasim(*words, "--finger", finger, "--out", "out", cwd=tmp_path)

    assert code == 0, told
    assert json.loads((tmp_path / "out" / "report.json").read_text())["identity"]["serial"]


def test_a_session_without_an_operator_is_void(tmp_path: Path) -> None:
    """CI without an answer: exit code 4, and the ways to answer are named."""
    with being("serial-pendant-base", tmp_path) as (port, _):
        words = ("bench", "check", "serial-pendant-base", "--port", port)
        code, told = aurasim(*words, "--serial", "00000001", "--out", "out", cwd=tmp_path)

    assert code == 4, told
    assert "--answers" in told


def test_a_missing_port_is_the_bench(here: Callable[..., tuple[int, str]]) -> None:
    """Exit code 3, as JSON too."""
    words = ("bench", "check", "serial-pendant-base", "--port", "/dev/none", "--auto")
    code, told = here(*words[:-1], "--answers", "done", "--json")

    assert code == 3, told
    assert json.loads(told)["verdict"] == "bench broken"


def test_a_device_is_captured_and_played_again(tmp_path: Path) -> None:
    """What is heard from the recording is what was heard from the device."""
    with being("serial-pendant-base", tmp_path) as (port, finger):
        words = ("bench", "capture", "w.ndjson", "--profile", "serial-pendant-base")
        with subprocess.Popen(
            [sys.executable, "-m", "simulator.cli", *words, "--port", port, "--count", "1"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        ) as process:
            assert process.stdout
            while "link is there" not in process.stdout.readline():
                assert process.poll() is None
            subprocess.run(["sh", "-c", finger], check=True)
            told, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
    code, played = aurasim(
        "bench", "replay", "w.ndjson", "--no-wait", "--speed", "100", "--json", cwd=tmp_path
    )

    assert "press" in told
    assert code == 0, played
    assert json.loads(played)["chunks"] >= 1


def test_ports_are_listed_for_people_and_programs(
    here: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    """Whatever this machine has, the answer is well formed, and the units are in it."""
    (tmp_path / "bench.toml").write_text(
        '[units.desk]\nprofile = "serial-pendant-base"\nport = "/dev/none"\n'
    )
    code, told = here("bench", "ports", "--no-ble", "--json")
    shown = here("bench", "ports", "--no-ble")

    assert code == 0, told
    assert json.loads(told)["units"] == [
        {"name": "desk", "profile": "serial-pendant-base", "held_by": ""}
    ]
    assert shown[0] == 0
    assert "--unit desk" in shown[1]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("bench", "check", "gt06"), "--emulate avr"),
        (("bench", "check", "gt06", "--port", "a", "--ble", "b"), "one of them"),
        (("bench", "check", "--port", "a"), "which profile"),
        (("bench", "check", "gt06", "--port", "a", "--auto"), "emulated units only"),
        (("bench", "check", "gt06", "--port", "a", "--answers", "yes"), "no answer"),
        (("bench", "check", "gt06", "--port", "a", "--key", "zz", "--answers", "done"), "not hex"),
        (("bench", "check", "gt07", "--port", "a"), "gt06"),
        (("bench", "check", "--unit", "desk"), "bench.toml"),
        (("bench", "listen", "gt06", "--port", "a", "--framing", "tabs"), "cobs"),
        (("bench", "listen", "gt06", "--ble", "any", "--ble-backend", "x"), "bumble:usb:0"),
        (("bench", "emulate", "gt06", "--on", "usb"), "rfc2217"),
        (("bench", "replay", "none.ndjson"), "bench capture"),
        (("run", "--profile", "gt06", "--via", "serial"), "belong together"),
        (("run", "--profile", "gt06", "--via", "ble", "--port", "x", "--to", "y"), "of its own"),
        (("run", "--profile", "gt06", "--via", "serial", "--port", "x"), "real time"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    here: Callable[..., tuple[int, str]], words: tuple[str, ...], reason: str
) -> None:
    """One sentence with the next step, and the exit code of usage or of the port."""
    code, told = here(*words)

    assert code in (2, 3), told
    assert reason in told
    assert "Traceback" not in told


def test_the_doctor_prints_a_table_and_json(here: Callable[..., tuple[int, str]]) -> None:
    """A port that is not there is a problem: exit code 3."""
    code, told = here("doctor", "--port", "/dev/none", "--json")
    shown = here("doctor")

    assert code == 3, told
    states = {one["name"]: one["state"] for one in json.loads(told)["findings"]}
    assert states["port /dev/none"] == "problem"
    assert states["python"] == "ok"
    assert "pyserial" in shown[1]


_PROMPT = Prompt(Act.PRESS, "Press.", 0.01, 5.0)


async def test_a_command_is_told_what_to_do(tmp_path: Path) -> None:
    """The act and the hold stand in its environment."""
    seen = tmp_path / "seen"
    answer = await Command(f"echo $AURASIM_ACT $AURASIM_HOLD_S > {seen}").ask(_PROMPT)

    assert answer.said is Said.DONE
    assert seen.read_text() == "press 0.01\n"


async def test_a_command_that_fails_or_hangs_has_not_acted() -> None:
    """Its exit code is told; one that does not end is ended."""
    failed = await Command("exit 7").ask(_PROMPT)
    unable = await Command("exit 77").ask(_PROMPT)
    hung = await Command("exec sleep 60").ask(Prompt(Act.PRESS, "Press.", 0.01, 0.05))

    assert failed.said is Said.STOPPED
    assert "7" in failed.note
    assert unable.said is Said.SKIPPED
    assert hung.said is Said.TIMEOUT


async def test_scripted_answers_come_in_order_and_the_last_stays() -> None:
    """`done,skip` is done once, and skipped ever after."""
    operator = scripted("done,skip")

    said = [(await operator.ask(_PROMPT)).said for _ in range(3)]

    assert said == [Said.DONE, Said.SKIPPED, Said.SKIPPED]
    with pytest.raises(InputError):
        scripted("maybe")


async def test_a_person_answers_by_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter is done, s skips, q stops, and the end of the input stops too."""
    read, write = os.pipe()
    with os.fdopen(read) as lines, os.fdopen(write, "w") as keyboard:
        monkeypatch.setattr(sys, "stdin", lines)
        shown: list[str] = []
        person = Person(shown.append)
        said = []
        for text in ("\n", "s\n", "q\n"):
            keyboard.write(text)
            keyboard.flush()
            said.append((await person.ask(_PROMPT)).said)
        silent = await person.ask(Prompt(Act.PRESS, "Press.", 0.01, 0.05))
        keyboard.close()
        ended = await person.ask(_PROMPT)

    assert said == [Said.DONE, Said.SKIPPED, Said.STOPPED]
    assert silent.said is Said.TIMEOUT
    assert ended.said is Said.STOPPED
    assert "Press." in shown[0]


async def test_a_line_typed_too_late_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An Enter that belongs to the prompt before is not taken for the next one."""
    read, write = os.pipe()
    with os.fdopen(read) as lines, os.fdopen(write, "w") as keyboard:
        monkeypatch.setattr(sys, "stdin", lines)
        person = Person(lambda _: None)
        quick = Prompt(Act.PRESS, "Press.", 0.01, 0.05)
        await person.ask(quick)
        keyboard.write("\n")
        keyboard.flush()
        while person.waiting_lines == 0:  # noqa: ASYNC110 - the thread of the keyboard
            await asyncio.sleep(0.001)

        late = await person.ask(quick)

    assert late.said is Said.TIMEOUT

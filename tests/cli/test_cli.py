"""The command line as a tester uses it: what it prints, and what it ends with."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import __version__

RUN = ("run", "--profile", "milesight-ws101=5", "--for", "2h", "--seed", "7", "--presses", "3")


def aurasim(
    *arguments: str, stdin: str | None = None, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    return subprocess.run(
        [sys.executable, "-m", "simulator.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=60,
    )


@pytest.fixture
def served() -> Iterator[dict[str, str]]:
    """Serve a sandbox on a free port; what its first line says."""
    command = [sys.executable, "-m", "simulator.cli", "sandbox", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told: dict[str, str] = json.loads(server.stdout.readline())
        yield told
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) == 0


def test_version_and_help() -> None:
    """Both answer at once, and the help names every command."""
    assert aurasim("--version").stdout.strip() == f"aurasim, version {__version__}"
    shown = aurasim("--help").stdout
    for command in ("run", "sandbox", "profiles", "decode", "encode", "ledger", "report"):
        assert f"  {command} " in shown


def test_a_run_says_target_seed_and_clock_first_and_verdict_last(tmp_path: Path) -> None:
    """And leaves a journal and a report."""
    done = aurasim(*RUN, "--out", str(tmp_path / "first"))
    lines = done.stdout.splitlines()

    assert done.returncode == 0, done.stderr
    assert lines[0] == "target sandbox, seed 7, clock virtual"
    assert lines[-1].startswith("passed: report ")
    assert Path(lines[-1].partition("report ")[2]).is_file()
    assert (tmp_path / "first" / "journal.ndjson").is_file()


def test_a_run_in_json_is_one_line_for_programs(tmp_path: Path) -> None:
    """Nothing else is printed."""
    done = aurasim(*RUN, "--out", str(tmp_path), "--json")
    told = json.loads(done.stdout)

    assert told["verdict"] == "passed"
    assert sum(told["totals"].values()) == told["presses"] > 0


def test_the_ledger_of_a_run_can_be_asked_again(tmp_path: Path) -> None:
    """By folder, as sums, as presses, as JSON."""
    aurasim(*RUN, "--out", str(tmp_path))

    assert "delivered" in aurasim("ledger", str(tmp_path)).stdout
    assert "milesight-ws101/1#1" in aurasim("ledger", str(tmp_path), "--presses").stdout
    assert json.loads(aurasim("ledger", str(tmp_path), "--json").stdout)["verdict"] == "passed"


def test_a_run_file_is_read_and_flags_win(tmp_path: Path) -> None:
    """The seed of the flag, the rest of the file."""
    file = tmp_path / "fleet.toml"
    file.write_text('for = "1h"\nseed = 3\nout = "there"\n[mix]\nmilesight-ws101 = 2\n')

    done = aurasim("run", str(file), "--seed", "9", cwd=tmp_path)

    assert done.stdout.startswith("target sandbox, seed 9, clock virtual\n2 milesight-ws101")
    assert (tmp_path / "there" / "journal.ndjson").is_file()


def test_a_mix_is_named_profile_by_profile(tmp_path: Path) -> None:
    """NAME=COUNT, and --devices for a NAME without."""
    done = aurasim(
        "run",
        *("--profile", "milesight-ws101", "--profile", "eview-ev07b=2", "--devices", "3"),
        *("--for", "10m", "--out", str(tmp_path)),
    )

    assert "3 milesight-ws101, 2 eview-ev07b for 600 s" in done.stdout


def test_profiles_are_listed_shown_and_checked() -> None:
    """As tables and as JSON."""
    listed = json.loads(aurasim("profiles", "list", "--json").stdout)

    assert {"milesight-ws101", "simplepack-plus"} <= {one["profile"] for one in listed}
    assert "milesight-ws101" in aurasim("profiles", "list").stdout
    shown = aurasim("profiles", "show", "sensecap-t1000").stdout
    assert "documented" in shown
    assert "calls for help by double_click" in shown
    assert "event_bits=64" in shown
    assert "[behaviour]" in aurasim("profiles", "reference").stdout
    assert json.loads(aurasim("profiles", "show", "eview-ev07b", "--json").stdout)["format"] == 1
    assert aurasim("profiles", "check").returncode == 0


def test_a_broken_profile_is_refused_with_its_place(tmp_path: Path) -> None:
    """File, line, key and reason; exit code 2."""
    path = tmp_path / "mine.toml"
    path.write_text('format = 1\nname = "mine"\nnmae = "x"\n')

    done = aurasim("profiles", "check", str(path))

    assert done.returncode == 2
    assert str(path) in done.stdout


def test_frames_are_encoded_and_decoded() -> None:
    """A round trip on the command line."""
    frame = aurasim("encode", "milesight-ws101", "press", "press=double", "battery_percent=12")
    assert frame.stdout.strip() == "01750cff2e03"

    told = json.loads(aurasim("decode", "milesight-ws101", "01750cff2e03", "--json").stdout)

    assert told == {
        "values": {"battery_percent": 12, "press": "double"},
        "means": ["press", "battery"],
    }


def test_batches_are_answered_line_by_line() -> None:
    """A bad line is an error line, never the end."""
    lines = "\n".join(
        [
            '{"protocol": "lorawan_milesight_ws101", "frame_hex": "ff2e02", "fport": 85}',
            "{broken",
            '{"protocol": "lorawan_milesight_ws101", "frame_hex": "ff2e", "fport": 85}',
        ]
    )
    decoded = [
        json.loads(line)
        for line in aurasim("decode", "--batch", "-", stdin=lines).stdout.splitlines()
    ]
    encoded = aurasim(
        *("encode", "--batch", "-"),
        stdin='{"protocol": "lorawan_milesight_ws101", "expected": {"press": "long"}}',
    )

    assert [sorted(line) for line in decoded] == [["values"], ["error"], ["error"]]
    assert json.loads(encoded.stdout) == {"frame_hex": "ff2e02"}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("run",), 2, "--profile"),
        (("run", "--profile", "unheard-of"), 2, "profiles list"),
        (("run", "--profile", "milesight-ws101=x"), 2, "NAME=COUNT"),
        (("run", "--profile", "milesight-ws101", "--for", "soon"), 2, "for example 30s"),
        (("run", "--profile", "milesight-ws101", "--clock", "slow"), 2, "virtual, real"),
        (("run", "absent.toml"), 2, "absent.toml"),
        (("run", "--profile", "milesight-ws101", "--target", "http://127.0.0.1:1"), 2, "Virtual"),
        (("decode", "milesight-ws101", "01756"), 2, "not hex"),
        (("decode", "milesight-ws101", "0175"), 2, "lorawan_milesight_ws101"),
        (("decode",), 2, "for example"),
        (("encode", "milesight-ws101", "cancel"), 2, "It has: "),
        (("encode", "milesight-ws101", "press", "press=twice"), 2, "press"),
        (("encode", "milesight-ws101", "press", "press"), 2, "name=value"),
        (("ledger", "absent"), 2, "--out"),
        (("report", "absent"), 2, "--out"),
        (("profiles", "show", "milesight-ws11"), 2, "Nearest: "),
    ],
)
def test_bad_input_is_answered_with_what_where_and_the_next_step(
    arguments: tuple[str, ...], code: int, says: str, tmp_path: Path
) -> None:
    """One or two sentences, the documented exit code, no traceback."""
    done = aurasim(*arguments, cwd=tmp_path)

    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 700


def test_an_unreachable_target_is_an_environment_problem(tmp_path: Path) -> None:
    """Exit code 3, and the journal says that the run failed."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    done = aurasim(
        *("run", "--profile", "milesight-ws101", "--clock", "real", "--for", "1s"),
        *("--target", f"http://127.0.0.1:{port}", "--out", str(tmp_path)),
        AURA_CLIENT_ID="x",
        AURA_CLIENT_SECRET="never-to-be-seen",
    )

    assert done.returncode == 3
    assert "connection refused" in done.stderr
    assert "never-to-be-seen" not in done.stdout + done.stderr
    assert '"failed"' in (tmp_path / "journal.ndjson").read_text()


def test_missing_credentials_are_named(tmp_path: Path) -> None:
    """The variables to set; exit code 3."""
    done = aurasim(
        *("run", "--profile", "milesight-ws101", "--clock", "real", "--target", "staging"),
        *("--out", str(tmp_path)),
        AURA_CLIENT_ID="",
        AURA_CLIENT_SECRET="",
        AURASIM_ALLOW="staging-panic.aura.services",
    )

    assert done.returncode == 3
    assert "AURA_CLIENT_ID" in done.stderr


@pytest.mark.parametrize("url", ["https://panic.aura.services", "https://PANIC.aura.services.:443"])
def test_production_is_refused_always(url: str, tmp_path: Path) -> None:
    """Before anything is sent, with no setting that allows it."""
    done = aurasim(
        *("run", "--profile", "milesight-ws101", "--clock", "real", "--target", url),
        *("--out", str(tmp_path)),
        AURA_CLIENT_ID="x",
        AURA_CLIENT_SECRET="y",
    )

    assert done.returncode == 2
    assert "armed responders" in done.stderr


def test_a_folder_that_cannot_be_written_is_an_environment_problem(tmp_path: Path) -> None:
    """Said before the run, with the flag that helps."""
    (tmp_path / "file").write_text("")
    done = aurasim(*RUN, "--out", str(tmp_path / "file" / "run"))

    assert done.returncode == 3
    assert "--out" in done.stderr


def test_a_port_in_use_is_an_environment_problem() -> None:
    """The message names the port and the flag."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = aurasim("sandbox", "--port", port)

    assert done.returncode == 3
    assert port in done.stderr


def test_wrong_credentials_are_an_environment_problem(
    served: dict[str, str], tmp_path: Path
) -> None:
    """AURA's own word, and not the secret."""
    done = aurasim(
        *("run", "--profile", "milesight-ws101", "--clock", "real", "--for", "1s"),
        *("--target", served["baseUrl"], "--out", str(tmp_path)),
        AURA_CLIENT_ID=served["clientId"],
        AURA_CLIENT_SECRET="not-the-secret",
    )

    assert done.returncode == 3
    assert "401" in done.stderr
    assert "not-the-secret" not in done.stdout + done.stderr


def test_a_run_against_a_served_sandbox_leaves_it_as_it_was_found(
    served: dict[str, str], tmp_path: Path
) -> None:
    """Presses arrive; twice in a row, because the first run unlinked its devices."""
    for number in ("1", "2"):
        done = aurasim(
            *("run", "--profile", "aura-structured=3", "--clock", "scaled=20", "--for", "20s"),
            *("--presses", "2", "--target", served["baseUrl"], "--out", str(tmp_path / number)),
            "--json",
            AURA_CLIENT_ID=served["clientId"],
            AURA_CLIENT_SECRET=served["clientSecret"],
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["totals"]["lost"] < told["presses"]
    text = (tmp_path / "1" / "journal.ndjson").read_text()
    assert served["clientSecret"] not in text


def test_ctrl_c_ends_a_run_with_its_ledger(tmp_path: Path) -> None:
    """Exit code 4, a ledger of what happened until then, a readable journal."""
    command = [sys.executable, "-m", "simulator.cli", "run", "--profile", "milesight-ws101=3"]
    command += ["--clock", "real", "--for", "60s", "--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        journal = tmp_path / "journal.ndjson"
        assert running.stdout is not None
        for _ in range(2):
            running.stdout.readline()
        while b"device" not in (journal.read_bytes() if journal.exists() else b""):
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=30)

    assert running.returncode == 4
    assert said.splitlines()[-1].startswith("void")
    assert '"interrupted"' in journal.read_text()


def test_output_into_a_closed_pipe_is_no_error() -> None:
    """As `aurasim profiles list | head -1`."""
    command = f"{sys.executable} -m simulator.cli profiles list | head -1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert done.stderr == ""

"""Files and requests that were made to hurt: nothing crashes, hangs, grows, escapes or leaks out.

A hostile file ends a command with a documented exit code and one line; a hostile request gets an
answer of the 400s; what a hostile device is called reaches terminals and pages as plain text.
"""

import asyncio
import gzip
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from click.testing import CliRunner, Result

from simulator.aura import (
    HttpTransport,
    Request,
    Response,
    Target,
    TransportError,
    TransportFailure,
)
from simulator.aura.book import Book, BookError
from simulator.aura.classified import as_test
from simulator.aura.openings import about, ended, opened
from simulator.cli.main import cli
from simulator.cli.show import plain
from simulator.errors import SimulatorError
from simulator.journal import FORMAT, DeviceLinked, FileJournal, Pressed, RunEnded, RunStarted
from simulator.profile import ProfileError

AURASIM = [sys.executable, "-m", "simulator.cli"]
DEEP = 100_000
ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31m"
HTML = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>"
UNSEEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def aurasim(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*AURASIM, *words],
        capture_output=True,
        check=False,
        cwd=folder,
        timeout=60,
        env=os.environ | {"AURASIM_STATE": str(folder / "state"), "NO_COLOR": "1"},
    )


def told(folder: Path, *words: str) -> Result:
    """Run a command in this process; what it raises has to be an error of ours."""
    done = CliRunner(env={"AURASIM_STATE": str(folder / "state")}).invoke(cli, words)
    assert done.exception is None or isinstance(done.exception, SystemExit | SimulatorError)
    assert len(str(done.exception)) < 5000
    assert not UNSEEN.search(plain(str(done.exception)).encode() + done.stdout_bytes)
    return done


def ends_well(done: subprocess.CompletedProcess[bytes]) -> None:
    """The command is over with a documented code, and says so in few words."""
    assert done.returncode in (0, 1, 2, 3, 4), done.stderr[-2000:]
    assert b"Traceback" not in done.stderr
    assert len(done.stderr) < 5000
    assert not UNSEEN.search(done.stdout + done.stderr), done.stdout + done.stderr


TOML_BOMBS = {
    "deep lists": "a = " + "[" * DEEP + "]" * DEEP,
    "deep tables": "[" + ".".join(["a"] * DEEP) + "]",
    "deep objects": "a = " + "{a = " * DEEP + "1" + "}" * DEEP,
    "a huge number": "for = 1" + "0" * 10_000,
    "a number of two powers": "seed = 0x" + "f" * 100_000,
    "escapes": f'"{"a" * 20}\\u001b[2J" = 1',
    "nothing": "",
    "bytes": "\x00\x01",
}


@pytest.mark.parametrize("bomb", TOML_BOMBS.values(), ids=TOML_BOMBS)
@pytest.mark.parametrize("command", ["profile", "run", "configuration"])
def test_toml_bomb_is_refused(
    tmp_path: Path, bomb: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / ("aurasim.toml" if command == "configuration" else "bomb.toml")
    path.write_text(bomb)
    words = {
        "profile": ["profiles", "check", str(path)],
        "run": ["run", str(path)],
        "configuration": ["cleanup", "--json"],
    }[command]

    told(tmp_path, *words)


@pytest.mark.parametrize(
    "name", ["../../../../etc/passwd", "/etc/passwd", "..", "a/../../b", "%2e%2e/x"]
)
def test_profile_name_does_not_lead_out_of_the_profiles(tmp_path: Path, name: str) -> None:
    done = told(tmp_path, "profiles", "show", name)

    assert isinstance(done.exception, ProfileError)
    assert "root:" not in done.output + str(done.exception)


@pytest.mark.parametrize("endless", ["/dev/zero"])
@pytest.mark.parametrize("words", [("profiles", "check"), ("run",), ("ledger",)], ids=" ".join)
def test_endless_file_is_not_read_to_its_end(
    tmp_path: Path, endless: str, words: tuple[str, ...]
) -> None:
    """Under a name that looks like a file."""
    link = tmp_path / "endless.toml"
    link.symlink_to(endless)

    done = aurasim(tmp_path, *words, str(link))

    ends_well(done)
    assert done.returncode != 0


def journal(folder: Path, *lines: bytes) -> Path:
    """Write a journal with a good beginning and these lines."""
    with FileJournal(folder) as written:
        written.write(
            RunStarted(
                t=0.0,
                format=FORMAT,
                version="0",
                seed=1,
                clock="virtual",
                target="sandbox" + ESCAPES + HTML,
                tier="sandbox",
                started="2026-01-01T00:00:00.000Z",
                for_s=60.0,
                mix={HTML + ESCAPES: 1},
            )
        )
        name = HTML + ESCAPES
        written.write(
            DeviceLinked(
                t=0.0,
                device=name,
                profile=name,
                serial=name,
                device_id=name,
                customer=1,
                latitude=0.0,
                longitude=0.0,
            )
        )
        written.write(Pressed(t=1.0, press=f"{name}#1", device=name, gesture=name))
        written.write(RunEnded(t=60.0, reason="finished", detail=name))
    path = folder / "journal.ndjson"
    path.write_bytes(path.read_bytes() + b"".join(line + b"\n" for line in lines))
    return folder


JOURNAL_BOMBS = {
    "deep": b'{"type":"press","t":1,"press":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep and unknown": b'{"type":"press","t":1,"x":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "numbers": b'{"type":"press","t":1e999,"press":"a","device":"a","gesture":"a"}',
    "digits": b'{"type":"press","t":1' + b"0" * 5000 + b',"press":"a","device":"a","gesture":"a"}',
    "no text": b"\xff\xfe",
    "a wide line": b'{"type":"press","t":1,"press":"' + b"a" * 5_000_000 + b'"}',
    "nothing": b"",
}


@pytest.mark.parametrize("bomb", JOURNAL_BOMBS.values(), ids=JOURNAL_BOMBS)
@pytest.mark.parametrize("command", ["ledger", "report"])
def test_journal_bomb_is_refused(tmp_path: Path, bomb: bytes, command: str) -> None:
    told(tmp_path, command, str(journal(tmp_path / "run", bomb)))


@pytest.mark.parametrize("words", [("ledger", "--presses"), ("ledger",), ("check",)], ids=str)
def test_names_in_a_journal_cannot_steer_a_terminal(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = aurasim(tmp_path, words[0], str(journal(tmp_path / "run")), *words[1:])

    ends_well(done)


def test_names_in_a_journal_cannot_act_in_a_report(tmp_path: Path) -> None:
    """No tag, no attribute and no end of a script of theirs is in the page."""
    ends_well(aurasim(tmp_path, "report", str(journal(tmp_path / "run"))))
    page = (tmp_path / "run" / "report.html").read_text()

    assert "alert(1)" in page
    for act in ("<script>alert", "<img src=x", "<svg/onload", "</script><script"):
        assert act not in page


def test_report_of_a_run_with_a_name_that_leads_away_stays_where_it_is(tmp_path: Path) -> None:
    """A journal says nothing about where its report goes."""
    before = set(tmp_path.parent.iterdir())

    ends_well(aurasim(tmp_path, "report", str(journal(tmp_path / "run"))))

    assert set(tmp_path.parent.iterdir()) == before


FEATURES = {
    "escapes and tags": f"Feature: {HTML}{ESCAPES}\n  Scenario: {HTML}{ESCAPES}\n"
    "    When 1 hour passes\n",
    "a wide table": "Feature: a\n  Scenario: a\n    When 1 hour passes\n"
    + "      |"
    + "a|" * 20_000,
    "a deep outline": "Feature: a\n" + "  Scenario: a\n    Given " + "<a>" * 5000 + "\n",
    "bytes": "\x00\x01\x02",
    "a backtracking sentence": "Feature: a\n  Scenario: a\n    When " + "a " * 5000 + "!\n",
}


@pytest.mark.slow
def test_hostile_feature_files_are_harmless(tmp_path: Path) -> None:
    for number, feature in enumerate(FEATURES.values()):
        (tmp_path / f"hostile{number}.feature").write_text(feature)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "-q"]

    done = subprocess.run(
        [*command, "--continue-on-collection-errors", "--aura-report", "out", "."],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        timeout=90,
    )

    assert done.returncode in (0, 1, 2, 4), done.stdout[-2000:]
    assert b"INTERNALERROR" not in done.stdout + done.stderr
    for page in (tmp_path / "out").glob("*.html"):
        assert "<script>alert" not in page.read_text()
        assert "<img src=x" not in page.read_text()


# Web requests.


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve a sandbox whose memory is bounded, so that a bomb would end it."""
    command = [*AURASIM, "sandbox", "--port", "0", "--json"]
    folder = tmp_path_factory.mktemp("web")
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder) as served:
        assert served.stdout
        told = msgspec.json.decode(served.stdout.readline())
        yield int(re.search(r":(\d+)/", told["baseUrl"])[1])  # type: ignore[index]
        assert served.poll() is None, "the sandbox did not survive"
        served.send_signal(signal.SIGINT)


def sent(port: int, raw: bytes) -> bytes:
    """Send bytes, and return what comes back until the server closes or is silent."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            connection.sendall(raw)
            connection.settimeout(2.0)
            while chunk := connection.recv(65536):
                heard += chunk
                if b"\r\n\r\n" in heard:
                    break
        except OSError:
            pass
    return heard


PATHS = [
    "/__sandbox__/../../../../etc/passwd",
    "/__sandbox__/%2e%2e/%2e%2e/etc/passwd",
    "/__sandbox__/pages/../../etc/passwd",
    "/__sandbox__/pages/map?tenant=../../etc/passwd",
    "//etc/passwd",
    "/..%5c..%5cetc/passwd",
    "/__sandbox__/snapshots/..%2f..%2fetc%2fpasswd",
    "/panic-api/v2/customers/..%2f..%2f__sandbox__%2ftenants",
    "/" + "a" * 60_000,
    "/\x00",
]


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_path_leads_nowhere(port: int, path: str) -> None:
    heard = sent(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert b"root:" not in heard
    assert not heard.startswith(b"HTTP/1.1 5")


def body_of(content: bytes, *headers: str) -> bytes:
    lines = ["POST /panic-api/v2/oauth/token HTTP/1.1", "Host: x", "Content-Type: application/json"]
    return (
        "\r\n".join([*lines, f"Content-Length: {len(content)}", *headers, "", ""]).encode()
        + content
    )


BODIES = {
    "deep": body_of(b"[" * DEEP + b"]" * DEEP),
    "deep object": body_of(b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "an XML bomb": body_of(b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'),
    "a gzip bomb": body_of(gzip.compress(b"0" * 50_000_000), "Content-Encoding: gzip"),
    "a zip": body_of(b"PK\x03\x04" + b"\x00" * 1000),
    "digits": body_of(b'{"clientId":1' + b"0" * 100_000 + b"}"),
    "escapes": body_of(msgspec.json.encode({"clientId": ESCAPES + HTML, "clientSecret": HTML})),
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\nx",
    "chunks without end": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"ffffffffffff\r\n",
    "a huge promise": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\nx",
    "headers without end": b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 50_000,
    "no HTTP": b"\x16\x03\x01\x02\x00" * 100,
}


@pytest.mark.parametrize("raw", BODIES.values(), ids=BODIES)
def test_hostile_request_is_refused_and_the_sandbox_lives(port: int, raw: bytes) -> None:
    heard = sent(port, raw)

    assert not heard.startswith(b"HTTP/1.1 5"), heard[:300]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/__sandbox__/", timeout=10) as answer:
        assert answer.status == 200
        page = answer.read()
    assert b"<script>alert" not in page
    assert b"<img src=x" not in page


# Hostile answers.


@pytest.fixture
async def bomb() -> AsyncIterator[Target]:
    """Serve an AURA whose answers unpack to a gigabyte."""
    packed = gzip.compress(b"0" * 200_000_000)

    async def handle(request: web.BaseRequest) -> web.Response:
        del request
        return web.Response(body=packed, headers={"content-encoding": "gzip"})

    runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Target(f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()


async def test_answer_that_unpacks_without_end_is_cut_off(bomb: Target) -> None:
    async with HttpTransport(bomb) as transport:
        with pytest.raises(TransportError) as failed:
            await asyncio.wait_for(transport.send(Request("GET", "/x")), 30)

    assert failed.value.reason in (
        TransportFailure.TOO_LARGE,
        TransportFailure.OTHER,
        TransportFailure.RESET,
    )


@pytest.mark.parametrize("body", [b"[" * DEEP, b'{"callout":' * DEEP, b"{" * DEEP + b"}" * DEEP])
def test_deep_answer_is_looked_at_without_harm(body: bytes, tmp_path: Path) -> None:
    asked = Request("POST", "/customers/1/callouts", body=body)

    about(asked)
    ended(Request("POST", "/callouts/1/cancel", body=body), Response(200, body=body))
    assert opened(asked, Response(200, body=body)) is None
    with pytest.raises(ValueError, match="no JSON object"):
        as_test(asked)
    path = tmp_path / "x.open.ndjson"
    path.write_bytes(body + b"\n")
    with pytest.raises(BookError):
        Book.take(path)

"""Where a trial plays: a sandbox and a run in processes of their own, and what is asked of them."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from simulator.aura import (
    AuraError,
    BlockingHttpTransport,
    Call,
    Client,
    Credentials,
    HttpTransport,
    Response,
    Secret,
    Session,
    Target,
)
from simulator.aura.calls import callouts
from simulator.aura.types import CalloutId
from simulator.clock import monotonic_s, wall_s
from simulator.journal import Answered, Pressed, read_journal
from simulator.report import Outcome
from simulator.report import account as account_of
from simulator.rng import Rng, Stream

_MIX = {"aura-structured": 4, "milesight-ws101": 4, "eview-ev07b": 4}
_SETTINGS = """
for = "60s"
clock = "scaled=10"
drain = "30s"
close_after = "20s"
people = {{ presses = 4.0, cancel_share = 0.3, cancel_after_s = [3.0, 15.0] }}
mix = {{ {mix} }}
"""
_JUMPING = """
import time
from pathlib import Path
real, offset = time.time, Path({path!r})
def jumped():
    try:
        return real() + float(offset.read_text())
    except (OSError, ValueError):
        return real()
time.time = jumped
from simulator.cli.main import main
main()
"""
_PATIENCE_S = 120.0


class NotSurvivedError(Exception):
    """Something was lost without an explanation, or ended as nothing should."""


class Stage:
    """One trial. Use as a context manager: what it started, it ends."""

    def __init__(self, folder: Path, kind: str, number: int, seed: int) -> None:
        self.chance: Stream = Rng(seed).stream(number, kind)
        self.seed = seed * 1000 + number
        self.folder = folder
        self.run_folder = folder / "run"
        self.port = _free_port()
        self.offset = folder / "offset"
        self._client_id = f"{kind}-{number}"
        self._started: list[subprocess.Popen[bytes]] = []
        self._sandbox: subprocess.Popen[bytes] | None = None
        self.environment = os.environ | {
            "AURASIM_STATE": str(folder / "state"),
            "AURA_CLIENT_ID": self._client_id,
            "AURA_CLIENT_SECRET": "of-a-trial",
        }

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()

    # What plays.

    def serve(self, *, most_bytes: int | None = None, jumps: bool = False) -> None:
        """Start the sandbox, or start it again: on the same port, with the same state."""
        words = [
            "sandbox",
            "--port",
            str(self.port),
            "--json",
            "--db",
            str(self.folder / "state.db"),
        ]
        self._sandbox = self._start(words, "sandbox", most_bytes=most_bytes, jumps=jumps)
        began = monotonic_s()
        while monotonic_s() - began < _PATIENCE_S:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if self._sandbox.poll() is not None:
                break
            self.wait(0.05)
        raise NotSurvivedError(f"the sandbox did not start: {self.said('sandbox')[-300:]}")

    def kill_sandbox(self) -> None:
        """kill -9."""
        if self._sandbox:
            self._sandbox.kill()
            self._sandbox.wait()

    def run(
        self, *, port: int | None = None, most_bytes: int | None = None, jumps: bool = False
    ) -> subprocess.Popen[bytes]:
        """Start a run against the sandbox, or against what stands before it."""
        mix = ", ".join(f"{name} = {count}" for name, count in _MIX.items())
        (self.folder / "fleet.toml").write_text(_SETTINGS.format(mix=mix))
        url = f"http://127.0.0.1:{port or self.port}/panic-api/v2"
        words = ["run", str(self.folder / "fleet.toml"), "--target", url]
        words += ["--out", str(self.run_folder), "--seed", str(self.seed)]
        return self._start(words, "run", most_bytes=most_bytes, jumps=jumps)

    def run_virtually(self, out: Path) -> subprocess.Popen[bytes]:
        """Start four virtual days in the embedded sandbox."""
        words = ["run", "--for", "96h", "--seed", str(self.seed), "--out", str(out)]
        words += [word for name in _MIX for word in ("--profile", f"{name}=30")]
        return self._start(words, out.name, most_bytes=None, jumps=False)

    def until_pressed(self, run: subprocess.Popen[bytes], presses: int = 2) -> None:
        """Wait until the journal has some presses, or the run is over."""
        journal = self.run_folder / "journal.ndjson"
        began = monotonic_s()
        while run.poll() is None and monotonic_s() - began < _PATIENCE_S:
            if journal.is_file() and journal.read_bytes().count(b'"type":"press"') >= presses:
                return
            self.wait(0.05)

    def wait(self, seconds: float) -> None:
        """Let real time pass."""
        threading.Event().wait(seconds)

    def wait_up_to(self, seconds: float) -> float:
        """Let a random time pass; return it."""
        passed = self.chance.uniform(0.0, seconds)
        self.wait(passed)
        return passed

    def whole(self, least: int, below: int) -> int:
        """Return a random number."""
        return int(self.chance.uniform(least, below))

    def finish(self, run: subprocess.Popen[bytes], *codes: int) -> int:
        """Wait for the end of a run; it has to be one of these exit codes."""
        try:
            code = run.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            raise NotSurvivedError("the run does not end") from error
        if code not in codes:
            said = self.said("run").strip().splitlines()
            raise NotSurvivedError(f"exit code {code}: {said[-1] if said else ''}")
        return code

    def aurasim(self, *words: str) -> tuple[int, str]:
        """Run a command to its end; return its exit code and what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "simulator.cli", *words],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
            timeout=_PATIENCE_S,
        )
        return done.returncode, done.stdout + done.stderr

    def ask(self, call: Call[Response]) -> Response:
        """Ask the sandbox itself, past every proxy."""
        target = Target.parse(f"http://127.0.0.1:{self.port}/panic-api/v2")
        credentials = Credentials(self._client_id, Secret("of-a-trial"))
        session = Session(credentials, wall_s, Rng(0).stream(0, "retry"))
        with BlockingHttpTransport(HttpTransport(target)) as transport:
            return Client(session, transport, transport.sleep).call(call)

    def said(self, name: str) -> str:
        """Return what a process said so far."""
        path = self.folder / f"{name}.log"
        return path.read_text("utf-8", "replace") if path.is_file() else ""

    # What is asked at the end.

    def check_ledger(self) -> str:
        """Every press is in one class, and none is unexplained or doubled; return the sums."""
        account = account_of(self.run_folder)
        totals = account.totals
        presses = sum(isinstance(r, Pressed) for r in read_journal(self.run_folder))
        if sum(totals.values()) != presses:
            raise NotSurvivedError(f"{presses} presses, of which the ledger has {totals}")
        for outcome in (Outcome.UNEXPLAINED, Outcome.DOUBLED):
            if totals[outcome]:
                raise NotSurvivedError(f"{totals[outcome]} presses {outcome.value}")
        said = [f"{number} {outcome.value}" for outcome, number in totals.items() if number]
        return ", ".join(said) or "no press yet"

    def check_acknowledged(self) -> int:
        """Every callout that AURA answered with is known to it still; return how many."""
        answered = (r for r in read_journal(self.run_folder) if isinstance(r, Answered))
        known = {r.callout for r in answered if r.callout is not None}
        for callout in sorted(known):
            try:
                self.ask(_raw(callouts.get(CalloutId(callout))))
            except AuraError as error:
                raise NotSurvivedError(f"callout {callout} was acknowledged: {error}") from error
        return len(known)

    def check_closed(self) -> None:
        """Nothing is open at AURA, and no open list is left."""
        active = json.loads(self.ask(_raw(callouts.active())).body)
        if active:
            raise NotSurvivedError(f"{len(active)} callouts are open still")
        lists = list((self.folder / "state" / "open").glob("*"))
        if lists:
            raise NotSurvivedError(f"the open list is not settled: {lists[0].read_text()[-200:]}")

    def _start(
        self, words: list[str], name: str, *, most_bytes: int | None, jumps: bool
    ) -> subprocess.Popen[bytes]:
        """Start a command; its files may be of so many bytes at most."""
        command = [sys.executable, "-m", "simulator.cli", *words]
        if jumps:
            command = [sys.executable, "-c", _JUMPING.format(path=str(self.offset)), *words]

        with (self.folder / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)
        if most_bytes is not None:
            resource.prlimit(started.pid, resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
        self._started.append(started)
        return started


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C."""
    process.send_signal(signal.SIGINT)


def control(path: str, body: object, method: str = "POST") -> Call[Response]:
    """Return a request to the sandbox's control surface."""
    return Call(
        method,
        f"/__sandbox__{path}",
        lambda response: response,
        json.dumps(body).encode() if body is not None else b"",
        has_prefix=False,
    )


def _raw(call: Call[object]) -> Call[Response]:
    """Return a call that reads its answer as it is."""
    return Call(call.method, call.path, lambda response: response, call.body, call.repeat)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])

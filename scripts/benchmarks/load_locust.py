"""A fleet driven by Locust, beside Locust's own fastest client and beside no Locust at all.

The target is a sink in C on a core of its own. One Locust worker has the other core: it runs our
engine in a native thread, or 64 users of FastHttpUser. Rates are those of an engine as fast as it
can; lateness is that of an open loop at a rate that all of them reach, from when a message was due
until it was handed to a connection.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flood import CONNECTIONS, GENERATOR_CORE, SERVER_CORE, pin
from measure import HERE, Result, in_turn, median, ratio

from simulator.load.result import LoadResult, Stage, read_result

SECONDS, ROUNDS = 5, 3
RATES = {"as fast as it can": 0, "2,000 a second": 2000}
FLEET = ("--profile", "aura-structured=20000", "--devices", "take")
LOCUSTFILE = HERE.parent / "locustfile.py"
ENVIRONMENT = {**os.environ, "AURA_CLIENT_ID": "bench", "AURA_CLIENT_SECRET": "bench"}


@contextmanager
def sink() -> Iterator[str]:
    """Serve from the second core; yield the origin."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "sink"
        subprocess.run(["cc", "-O2", "-o", str(program), str(HERE / "sink.c")], check=True)
        with subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            pin(SERVER_CORE, server.pid)
            assert server.stdin
            assert server.stdout
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
            server.stdin.close()


def load_flags(origin: str, rate: int) -> list[str]:
    """Return what aurasim load is told."""
    shape = ["--rate", str(rate)] if rate else ["--shape", "saturate", "--rate", "1000"]
    return [
        *(*FLEET, *shape, "--for", f"{SECONDS}s", "--connections", str(CONNECTIONS)),
        *("--target", f"{origin}/panic-api/v2"),
    ]


def figures_of(result: LoadResult) -> dict[str, float]:
    """Return the figures of a test of ours."""
    assert not result.total.errors, result.errors
    late = result.stage(Stage.LATENESS)
    return {
        "messages_s": result.total.answered / result.lasted_s,
        "late_p50_ms": (late.percentile_s(50) or 0.0) * 1e3,
        "late_p99_ms": (late.percentile_s(99) or 0.0) * 1e3,
    }


def without_locust(rate: int) -> dict[str, float]:
    """Measure aurasim load."""
    with sink() as origin, tempfile.TemporaryDirectory() as out:
        flags = [*load_flags(origin, rate), "--pin", str(GENERATOR_CORE), "--out", out]
        _run([sys.executable, "-m", "simulator.cli", "load", *flags])
        return figures_of(read_result(Path(out)))


def driven(rate: int) -> dict[str, float]:
    """Measure the fleet on one Locust worker."""
    with ExitStack() as stack:
        origin = stack.enter_context(sink())
        out = stack.enter_context(tempfile.TemporaryDirectory())
        port = _free_port()
        master = [
            *("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port),
            *("--headless", "--only-summary", "--expect-workers", "1", "--aura-out", out),
            *("--aura-load", " ".join(load_flags(origin, rate))),
        ]
        worker = subprocess.Popen(
            _locust(LOCUSTFILE, "--worker", "--master-host", "127.0.0.1", "--master-port", port),
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        pin(GENERATOR_CORE, worker.pid)
        # two cores are few for three parties: whoever only counts gives way to the sink
        _run(["nice", "-n", "10", *_locust(LOCUSTFILE, *master)])
        worker.wait()
        return figures_of(read_result(Path(out)))


def plain(rate: int) -> dict[str, float]:
    """Measure FastHttpUser, one Locust process on one core."""
    with sink() as origin:
        users = "1" if rate else str(CONNECTIONS)
        command = _locust(
            *(HERE / "locust_plain.py", "--headless", "--only-summary", "-H", origin),
            *("-u", users, "-r", users, "-t", f"{SECONDS + 2}s"),
        )
        environment = {**ENVIRONMENT, "RATE": str(rate), "SECONDS": str(SECONDS)}
        said = _run(["taskset", "-c", str(GENERATOR_CORE), *command], environment)
        found = re.search(r"^\{.*\}$", said, re.MULTILINE)
        assert found, said
        figures: dict[str, float] = json.loads(found[0])
        return figures


def _locust(locustfile: object, *flags: str) -> list[str]:
    return [sys.executable, "-m", "locust", "-f", str(locustfile), *flags]


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> str:
    """Run a command; a verdict that is void is for the reader of the figures to see."""
    done = subprocess.run(
        command, env=environment or ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1, 4):
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _free_port() -> str:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


WAYS = {"without Locust": without_locust, "Locust-driven": driven, "FastHttpUser": plain}


def run() -> list[Result]:
    """Measure all ways at all rates, in turn."""
    return [_table(name, rate) for name, rate in RATES.items()]


def _table(title: str, rate: int) -> Result:
    seen = in_turn(ROUNDS, **{name: ("load_locust.py", name, str(rate)) for name in WAYS})
    base = seen["FastHttpUser"]
    rows, figures = [], {}
    for name, runs in seen.items():
        key = f"{name.replace(' ', '_').replace('-', '_').lower()}_{rate or 'most'}"
        for what in ("messages_s", "late_p50_ms", "late_p99_ms"):
            figures[f"{key}_{what}"] = median(runs, what)
        figures[f"{key}_ratio"] = ratio(runs, base, "late_p99_ms" if rate else "messages_s")
        row = [name, f"{figures[f'{key}_messages_s']:,.0f}", f"{figures[f'{key}_ratio']:.3g}"]
        if rate:
            row += [f"{figures[f'{key}_{what}']:.3f}" for what in ("late_p50_ms", "late_p99_ms")]
        rows.append(row)
    what = "lateness p99" if rate else "messages"
    columns = ["", "messages/s", f"{what}, to FastHttpUser"]
    columns += ["late p50 ms", "late p99 ms"] if rate else []
    notes = [] if rate else [(__doc__ or "").split("\n\n", 1)[1].replace("\n", " ").strip()]
    return Result(f"Under Locust, {title}", columns, rows, figures, notes)


if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]](int(sys.argv[2]))))

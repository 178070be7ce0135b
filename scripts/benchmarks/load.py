"""What a load generator reaches on one core, how late it is, and whether it knows when it lies.

Every generator is kept to the first core, runner and worker of ours together; the target is on the
second one: a sink in C for HTTP, nginx for HTTPS. `aurasim` sends device events with fresh bodies,
keeps histograms, ledger and journal, and is asked for as much as it can (`--shape saturate`); wrk
sends one constant request; `aiohttp` is `aurasim --transport aiohttp`; `locust` is a FastHttpUser.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flood import CONNECTIONS, GENERATOR_CORE, SERVER_CORE, pin
from measure import HERE, Result, in_turn, median, ratio

ROUNDS, SECONDS = 3, 4
VOID_ROUNDS, VOID_SECONDS = 20, 2
TRACKERS = 10_000
RATES = (2_000, 20_000)
EVENT = "/panic-api/v2/deviceEvent"
BODY = (
    '{"device_id":"00000001","device_type_id":5,"message_type":4,'
    '"body":{"battery":87}}'
)  # fmt: skip
TOKEN = "made-up"  # noqa: S105 - what the sink hands out
ENVIRONMENT = os.environ | {"AURA_CLIENT_ID": "bench", "AURA_CLIENT_SECRET": "bench"}
ANSWER = (
    '{"message":"Event processed","resolvedAuraEvent":{"eventTypes":"NEW_CALLOUT",'
    '"eventResponse":{"calloutId":1,"deviceId":"1"}}}'
)
LOCUSTFILE = """
from locust import FastHttpUser, constant, task
class Device(FastHttpUser):
    wait_time = constant(0)
    @task
    def say(self):
        self.client.post({path!r}, data={body!r}, headers={headers!r})
"""
NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 3600s; server_tokens off;
  default_type application/json; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} ssl backlog=1024; ssl_protocols TLSv1.3;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location /panic-api/v2/oauth/token {{
      return 200 '{{"accessToken":"made-up","expiresIn":86400}}'; }}
    location / {{ return 200 '{event}'; }}
  }}
}}
"""


@contextmanager
def sink() -> Iterator[str]:
    """Compile and run the sink on the second core; yields its origin."""
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "sink"
        compiler = shutil.which("cc") or shutil.which("gcc") or sys.exit("no C compiler: cc")
        build = [compiler, "-O2", "-o", str(binary), str(HERE / "sink.c")]
        subprocess.run(build, check=True)
        pipe = subprocess.PIPE
        with subprocess.Popen([str(binary)], stdin=pipe, stdout=pipe, text=True) as server:
            assert server.stdin
            assert server.stdout
            pin(SERVER_CORE, server.pid)
            try:
                yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
            finally:
                server.stdin.close()


@contextmanager
def nginx() -> Iterator[tuple[str, str] | None]:
    """Run nginx with TLS on the second core; yields its origin and certificate, None without it."""
    binary, openssl = shutil.which("nginx"), shutil.which("openssl")
    if not (binary and openssl):
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        cert = f"{folder}/cert.pem"
        subprocess.run(
            [
                *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
                *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-keyout", f"{folder}/key.pem"),
                *("-addext", "subjectAltName=IP:127.0.0.1", "-out", cert),
            ],
            check=True,
            capture_output=True,
        )
        port = free_port()
        config = Path(folder) / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, port=port, event=ANSWER))
        with subprocess.Popen([binary, "-p", folder, "-c", str(config)]) as server:
            pin(SERVER_CORE, server.pid)
            try:
                yield f"https://127.0.0.1:{port}", cert
            finally:
                server.terminate()


def free_port() -> int:
    """Return a port that nobody has now."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def aurasim(*arguments: str, core: int | None = GENERATOR_CORE) -> dict[str, object]:
    """Run `aurasim load`, on one core unless None is said, and return its result.

    A test that fails is a measurement too: nginx names one callout for all customers.
    """
    if core is not None:
        pin(core)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "simulator.cli", "load", *arguments]
        done = subprocess.run(
            [*command, "--no-live", "--json", "--out", folder],
            capture_output=True,
            text=True,
            check=False,
            env=ENVIRONMENT,
        )
    if done.returncode not in (0, 1, 4):
        sys.exit(f"aurasim load ended with {done.returncode}: {done.stderr}\n{done.stdout[-2000:]}")
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def figures(result: dict[str, object]) -> dict[str, float]:
    """Return what tables show of a result."""
    from simulator.load.result import LoadResult, Stage, Verdict, from_json

    read: LoadResult = from_json(json.dumps(result))
    late, latency = read.stage(Stage.LATENESS), read.stage(Stage.LATENCY)
    total = read.total
    assert not total.errors, read.errors
    return {
        "events_s": read.answered_rate,
        "p99_ms": 1000 * (latency.percentile_s(99) or 0.0),
        "late_p50_ms": 1000 * (late.percentile_s(50) or 0.0),
        "late_p99_ms": 1000 * (late.percentile_s(99) or 0.0),
        "late_p999_ms": 1000 * (late.percentile_s(99.9) or 0.0),
        "cpu_us": 1e6 * read.generator.cpu_share * read.lasted_s / max(1, total.answered),
        "counting_us": 1e6
        * read.generator.counting_cpu_share
        * read.lasted_s
        / max(1, total.answered),
        "cpu_pct": 100 * read.generator.cpu_share,
        "memory_mib": read.generator.memory_peak_mib,
        "connections": read.generator.connections_most,
        "is_void": float(read.verdict is Verdict.VOID),
        "dropped": total.dropped,
    }


def saturate(origin: str, transport: str, trust: str = "") -> dict[str, float]:
    """Measure ours, as fast as it can."""
    given = ["--trust", trust] if trust else []
    return figures(
        aurasim(
            *("--profile", "aura-structured=50000", "--devices", "take", "--shape", "saturate"),
            *("--for", f"{SECONDS}s", "--connections", str(CONNECTIONS), "--transport", transport),
            *("--target", f"{origin}/panic-api/v2", *given),
        )
    )


def open_loop(origin: str, rate: str, pacer: str) -> dict[str, float]:
    """Measure how late ours is at a rate; the worker has the first core, the runner has not."""
    return figures(
        aurasim(
            *("--profile", "aura-structured=50000", "--devices", "take", "--rate", rate),
            *("--for", f"{SECONDS}s", "--connections", str(CONNECTIONS), "--pacer", pacer),
            *("--target", f"{origin}/panic-api/v2", "--pin", str(GENERATOR_CORE)),
            core=SERVER_CORE,
        )
    )


def wrk(origin: str) -> dict[str, float]:
    """Measure wrk with one constant request."""
    from flood import flood

    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
    return flood(origin + EVENT, headers, BODY.encode())


def locust(origin: str) -> dict[str, float]:
    """Measure Locust as its users use it."""
    pin(GENERATOR_CORE)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "locustfile.py"
        file.write_text(LOCUSTFILE.format(path=EVENT, body=BODY, headers=headers))
        command = [
            *(sys.executable, "-m", "locust", "-f", str(file), "--headless", "--json"),
            *("-u", str(CONNECTIONS), "-r", "10000", "-t", f"{SECONDS}s", "-H", origin),
            *("--only-summary", "--loglevel", "ERROR"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout[done.stdout.index("[") :])[0]
    lasted = told["last_request_timestamp"] - told["start_time"]
    assert not told["num_failures"], told
    return {"events_s": told["num_requests"] / lasted}


@contextmanager
def busy(core: int | None) -> Iterator[None]:
    """Keep a core busy with a loop, if one is named."""
    if core is None:
        yield
        return
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as loop:
        pin(core, loop.pid)
        try:
            yield
        finally:
            loop.kill()


def voids(origin: str, core: str) -> dict[str, float]:
    """Run short tests beside a busy loop on a core, or without one; count the void ones."""
    beside = int(core) if core else None
    found = lost = 0.0
    for _ in range(VOID_ROUNDS):
        with busy(beside):
            seen = figures(
                aurasim(
                    *("--profile", "aura-structured=1000", "--devices", "take", "--rate", "2000"),
                    *("--for", f"{VOID_SECONDS}s", "--target", f"{origin}/panic-api/v2"),
                    *("--pin", str(GENERATOR_CORE)),
                    core=SERVER_CORE,
                )
            )
        found += seen["is_void"]
        lost = max(lost, seen["late_p99_ms"])
    return {"void": found, "late_p99_ms": lost}


@contextmanager
def sandbox() -> Iterator[str]:
    """Run a sandbox on the second core; yields its base URL."""
    command = [sys.executable, "-m", "simulator.cli", "sandbox", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        pin(SERVER_CORE, server.pid)
        told = json.loads(server.stdout.readline())
        ENVIRONMENT.update(AURA_CLIENT_ID=told["clientId"], AURA_CLIENT_SECRET=told["clientSecret"])
        try:
            yield told["baseUrl"]
        finally:
            server.terminate()


def against_sandbox() -> dict[str, float]:
    """Measure what the sandbox takes, with linked devices."""
    with sandbox() as base:
        given = ("--profile", "aura-structured=500", "--shape", "saturate", "--target", base)
        return figures(aurasim(*given, "--for", f"{SECONDS}s", "--connections", str(CONNECTIONS)))


def trackers(devices: str) -> dict[str, float]:
    """Hold so many trackers on TCP connections, which say ten thousand messages in all."""
    from native import allow_handles

    allow_handles()
    pipe = subprocess.PIPE
    command = [sys.executable, str(HERE / "native.py"), "answer", "0"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as peer:
        assert peer.stdin
        assert peer.stdout
        pin(SERVER_CORE, peer.pid)
        seen = figures(
            aurasim(
                *("--profile", f"gt06={devices}", "--rate", "1000", "--for", "12s"),
                *(
                    "--deliver",
                    "native",
                    "--to",
                    f"tcp://127.0.0.1:{peer.stdout.readline().strip()}",
                ),
            )
        )
        peer.stdin.close()
    return seen


def run(*rows: str) -> list[Result]:
    """Measure everything in turn, or what is named."""
    if strange := set(rows) - ROWS.keys():
        sys.exit(f"load has no {', '.join(strange)}; it has {', '.join(ROWS)}")
    return [
        result for name, measure in ROWS.items() if name in (rows or ROWS) for result in measure()
    ]


def http() -> list[Result]:
    """Measure generators beside wrk over HTTP."""
    with sink() as origin:
        return [throughput(f"HTTP, {CONNECTIONS} connections, one core", "http", origin)]


def https() -> list[Result]:
    """Measure generators beside wrk over HTTPS, where there is nginx."""
    with nginx() as secure:
        if not secure:
            return []
        title = f"HTTPS (TLS 1.3), {CONNECTIONS} connections, one core"
        return [throughput(title, "https", *secure)]


def throughput(title: str, name: str, origin: str, trust: str = "") -> Result:
    """Measure generators beside wrk."""
    me = ("load.py",)
    commands = {"wrk": (*me, "wrk", origin), "aurasim": (*me, "saturate", origin, "wire", trust)}
    if not trust:
        commands["aiohttp"] = (*me, "saturate", origin, "aiohttp", trust)
        commands["locust"] = (*me, "locust", origin)
    seen = in_turn(ROUNDS, **commands)
    rows: list[list[str]] = []
    told: dict[str, float] = {}
    for generator, runs in seen.items():
        of_wrk = ratio(runs, seen["wrk"], "events_s")
        told[f"{name}_{generator}_events_s"] = median(runs, "events_s")
        told[f"{name}_{generator}_of_wrk"] = of_wrk
        row = [generator, f"{median(runs, 'events_s'):,.0f}", f"{of_wrk:.3f}"]
        for cost in ("cpu_us", "counting_us"):
            row.append(f"{median(runs, cost):.1f}" if cost in runs[0] else "")
            if row[-1]:
                told[f"{name}_{generator}_{cost}"] = median(runs, cost)
        rows.append(row)
    if "locust" in seen:
        told["http_of_locust"] = ratio(seen["aurasim"], seen["locust"], "events_s")
        told["http_of_aiohttp"] = ratio(seen["aurasim"], seen["aiohttp"], "events_s")
    columns = ["generator", "events/s", "of wrk", "us of worker", "us of counting"]
    notes = [re.sub(r"\s+", " ", (__doc__ or "").split("\n\n", 1)[1]).strip()]
    if "locust" in seen:
        notes.append(
            f"aurasim is {told['http_of_locust']:.1f} times Locust's FastHttpUser and "
            f"{told['http_of_aiohttp']:.1f} times its own aiohttp transport."
        )
    return Result(title, columns, rows, told, notes)


def lateness_at(origin: str) -> Result:
    """Measure how late messages leave, by what keeps the pace."""
    commands = {
        f"{pacer}_{rate}": ("load.py", "open_loop", origin, str(rate), pacer)
        for rate in RATES
        for pacer in ("timerfd", "loop")
    }
    seen = in_turn(ROUNDS, **commands)
    rows: list[list[str]] = []
    told: dict[str, float] = {}
    for name, runs in seen.items():
        pacer, rate = name.split("_")
        p50, p99, p999 = (median(runs, f"late_{p}_ms") for p in ("p50", "p99", "p999"))
        told |= {f"late_{name}_p99_ms": p99, f"late_{name}_p999_ms": p999}
        load = f"{median(runs, 'cpu_pct'):.0f} %"
        rows.append([f"{int(rate):,}", pacer, f"{p50:.3f}", f"{p99:.3f}", f"{p999:.3f}", load])
    columns = ["messages/s", "pace by", "p50 ms", "p99 ms", "p99.9 ms", "of a core"]
    notes = [
        "Lateness is the time from due until the generator took a message up; the loop is uvloop, "
        "whose timers (call_at) are whole milliseconds."
    ]
    return Result("Lateness of the generator", columns, rows, told, notes)


def limits_at(origin: str) -> Result:
    """Measure the sandbox beside the sink."""
    commands = {
        "sink": ("load.py", "saturate", origin, "wire", ""),
        "sandbox": ("load.py", "against_sandbox"),
    }
    seen = in_turn(ROUNDS, **commands)
    rows: list[list[str]] = []
    told: dict[str, float] = {}
    for name, runs in seen.items():
        told[f"limit_{name}_events_s"] = median(runs, "events_s")
        share = f"{median(runs, 'cpu_pct'):.0f} %"
        rows.append([name, f"{median(runs, 'events_s'):,.0f}", share])
    notes = ["Where the generator's core is not full, the limit is the target's."]
    return Result(
        "The target's limit", ["target", "events/s", "of the generator's core"], rows, told, notes
    )


def verdicts_at(origin: str) -> Result:
    """Measure whether the verdict tells a shared core from a quiet one."""
    commands = {
        "quiet": ("load.py", "voids", origin, ""),
        "shared": ("load.py", "voids", origin, str(GENERATOR_CORE)),
    }
    seen = in_turn(1, **commands)
    rows: list[list[str]] = []
    told: dict[str, float] = {}
    for name, runs in seen.items():
        void, late = median(runs, "void"), median(runs, "late_p99_ms")
        told[f"void_{name}"] = void
        rows.append([name, f"{void:.0f} of {VOID_ROUNDS}", f"{late:.2f}"])
    columns = ["generator's core", "void", "worst p99 of lateness, ms"]
    notes = ["At 2,000 messages a second; `shared` has a busy loop on the generator's core."]
    return Result("Void where it has to be", columns, rows, told, notes)


def held() -> Result:
    """Measure what a tracker's connection costs the generator."""
    few, many = TRACKERS // 10, TRACKERS
    seen = in_turn(
        1, few=("load.py", "trackers", str(few)), many=("load.py", "trackers", str(many))
    )
    rows: list[list[str]] = []
    told: dict[str, float] = {}
    for devices, name in ((few, "few"), (many, "many")):
        one = seen[name][0]
        assert one["connections"] == devices, one
        told[f"trackers_{devices}_mib"] = one["memory_mib"]
        p99 = f"{one['p99_ms']:.1f}"
        rows.append([f"{devices:,}", f"{one['memory_mib']:.0f}", f"{one['events_s']:,.0f}", p99])
    each = (seen["many"][0]["memory_mib"] - seen["few"][0]["memory_mib"]) * 2**20 / (many - few)
    told["tracker_bytes"] = each
    columns = ["trackers connected", "MiB", "answered/s", "p99 ms"]
    notes = [f"A tracker costs {each:,.0f} bytes: its firmware, its line and its socket."]
    return Result("Trackers held on TCP by one process", columns, rows, told, notes)


def at_sink(measure: Callable[[str], Result]) -> Callable[[], list[Result]]:
    """Return what measures with a sink to send to."""

    def measured() -> list[Result]:
        with sink() as origin:
            return [measure(origin)]

    return measured


ROWS: dict[str, Callable[[], list[Result]]] = {
    "http": http,
    "https": https,
    "lateness": at_sink(lateness_at),
    "limits": at_sink(limits_at),
    "verdicts": at_sink(verdicts_at),
    "held": lambda: [held()],
}

if __name__ == "__main__":
    task, *given = sys.argv[1:]
    print(json.dumps(globals()[task](*given)))

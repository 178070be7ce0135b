"""A flood of one request over HTTP, from the first core: by wrk, or by a slower client."""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from simulator.clock import monotonic_s

CONNECTIONS, SECONDS = 64, 4
GENERATOR_CORE, SERVER_CORE = 0, 1
_LUA = """
wrk.method = "POST"
wrk.body = %s
%s
done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('{"events_s": %%f, "p99_ms": %%f, "failed": %%d}\\n',
    summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000, failed))
end
"""


def generator() -> str:
    """Return what the flood is made with."""
    return "wrk" if shutil.which("wrk") else "a client in Python, which is the slower side"


def pin(core: int, pid: int = 0) -> None:
    """Keep a process, this one if none is named, to a core, where there are several."""
    if (os.cpu_count() or 1) > core:
        os.sched_setaffinity(pid, {core})


def flood(url: str, headers: Mapping[str, str], body: bytes) -> dict[str, float]:
    """Return events a second and the 99th percentile of their latency."""
    pin(GENERATOR_CORE)
    if shutil.which("wrk"):
        seen = _by_wrk(url, headers, body)
    else:
        seen = asyncio.run(_by_client(url, headers, body))
    assert not seen["failed"], seen
    return seen


def _by_wrk(url: str, headers: Mapping[str, str], body: bytes) -> dict[str, float]:
    lines = [f"wrk.headers[{json.dumps(n)}] = {json.dumps(v)}" for n, v in headers.items()]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text(_LUA % (json.dumps(body.decode()), "\n".join(lines)))
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    seen: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return seen


async def _by_client(url: str, headers: Mapping[str, str], body: bytes) -> dict[str, float]:
    took: list[float] = []
    began = monotonic_s()

    async def send(http: aiohttp.ClientSession) -> None:
        while (at_s := monotonic_s()) < began + SECONDS:
            async with http.post(url, data=body) as answer:
                await answer.read()
                assert answer.status == 200
            took.append(monotonic_s() - at_s)

    async with aiohttp.ClientSession(headers=headers) as http, asyncio.TaskGroup() as tasks:
        for _ in range(CONNECTIONS):
            tasks.create_task(send(http))
    p99_ms = statistics.quantiles(took, n=100)[98] * 1000
    return {"events_s": len(took) / (monotonic_s() - began), "p99_ms": p99_ms, "failed": 0}

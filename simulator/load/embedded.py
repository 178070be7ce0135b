"""The sandbox in a process of its own, so that the target and the generator do not share a core.

    python -m simulator.load.embedded '["profile", ...]'

It prints one line of JSON, serves on loopback, and ends when its standard input does.
"""

import asyncio
import json
import signal
import sys

import simpy

from simulator.clock import wall_s
from simulator.load.worker import fast_loop
from simulator.profile import load, profiles
from simulator.sandbox import Sandbox, Settings, serve


async def _serve(names: list[str]) -> None:
    settings = Settings(allow_http_webhooks=True)
    made = (*profiles(), *(load(name) for name in names))
    box = Sandbox(simpy.Environment(), wall_s(), settings=settings, profiles=made)
    async with serve(box) as server:
        told = {
            "baseUrl": server.base_url,
            "clientId": box.demo.client_id,
            "clientSecret": box.demo.client_secret,
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve until whoever started this closes our standard input; Ctrl-C is for them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with asyncio.Runner(loop_factory=fast_loop()) as runner:
        runner.run(_serve(json.loads(sys.argv[1])))


if __name__ == "__main__":
    main()

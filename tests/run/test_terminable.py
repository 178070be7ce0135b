"""SIGTERM ends a command in order, however it was started: asked of a process of its own."""

import signal
import subprocess
import sys

import pytest

PATIENCE_S = 60.0
_COMMAND = """
import asyncio
from simulator.run.reaching import terminable

async def main():
    with terminable():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(asyncio.Event().wait())
            try:
                print("ready", flush=True)
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                print("put away", flush=True)

try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("is_ignored", [False, True], ids=["foreground", "background"])
def test_sigterm_ends_the_block_in_order(is_ignored: bool) -> None:
    """Also where SIGINT is ignored, as a shell has it for a job in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if is_ignored else None
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
    with process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.terminate()
        said, _ = process.communicate(timeout=PATIENCE_S)

    assert said.decode().split("\n") == ["put away", "interrupted", ""]
    assert process.returncode == 0

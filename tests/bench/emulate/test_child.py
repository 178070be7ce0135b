"""Programs beside us: their lines, their deaths, and that none of them outlives us."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.bench.emulate.child import EmulatorDiedError, child, leash

ECHO = "import sys\nfor line in sys.stdin: print(line.strip() or 'empty', flush=True)"


async def test_answers_are_found_among_other_lines() -> None:
    async with child("echo", [sys.executable, "-c", ECHO]) as running:
        for word in ("noise", "ok first"):
            await running.ask(word, word, within_s=30)
        await running.ask("late\nok second", "ok", within_s=30)

        assert await running.line("late", within_s=30) == "late"


async def test_lines_that_are_heard_are_not_kept() -> None:
    heard: list[str] = []

    def hear(line: str) -> bool:
        heard.append(line)
        return line == "led"

    async with child("echo", [sys.executable, "-c", ECHO], hear=hear) as running:
        await running.ask("led\nok", "ok", within_s=30)
        with pytest.raises(EmulatorDiedError, match=r"said no 'led' within 0\.01 s"):
            await running.line("led", within_s=0.01)

    assert heard == ["led", "ok"]


async def test_death_is_told_with_the_last_words() -> None:
    program = "import sys; print('no such board'); sys.exit(7)"

    async with child("emulator", [sys.executable, "-c", program]) as running:
        with pytest.raises(EmulatorDiedError, match="ended with status 7") as caught:
            await running.line("ready", within_s=30)

    assert caught.value.last_words == "no such board"
    assert caught.value.program == "emulator"
    assert caught.value.exit_code == 3


async def test_asking_the_dead_is_told() -> None:
    async with child("emulator", [sys.executable, "-c", ""]) as running:
        with pytest.raises(EmulatorDiedError, match="It said nothing"):
            await running.line("ready", within_s=30)
        with pytest.raises(EmulatorDiedError, match="ended with status 0"):
            await running.ask("press")


async def test_silence_is_told_from_death(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.bench.emulate.child._GRACE_S", 0.05)

    async with child("emulator", [sys.executable, "-c", ECHO]) as running:
        death = await running.death()

    assert "does not answer" in str(death)


async def test_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EmulatorDiedError):
        async with child("emulator", [str(tmp_path / "nothing")]) as running:
            await running.line("ready", within_s=30)


async def test_program_that_does_not_listen_is_ended_by_force(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simulator.bench.emulate.child._GRACE_S", 0.05)
    deaf = (
        "import signal,sys,time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\nwhile True: time.sleep(1)"
    )

    async with child("deaf", [sys.executable, "-c", deaf]) as running:
        await running.line("ready", within_s=30)
        pid = running.pid

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.skipif(not leash(), reason="needs setpriv of Linux")
def test_programs_die_with_us() -> None:
    """Killed without a word, as a CI job at its time limit: the program must be gone too."""
    deaf = "import time; print('up', flush=True); time.sleep(600)"
    us = (
        "import asyncio, sys\n"
        "from simulator.bench.emulate.child import child\n"
        "async def main():\n"
        f"    async with child('x', [sys.executable, '-c', {deaf!r}]) as running:\n"
        "        await running.line('up', within_s=60)\n"
        "        print(running.pid, flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", us], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        program = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)

    ended, _, _ = select.select([program], [], [], 30)
    os.close(program)
    assert ended

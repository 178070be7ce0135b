"""A fleet whose frames leave by a real port."""

import asyncio
from pathlib import Path

import pytest
import simpy

from simulator.bench.being import PtyPort
from simulator.bench.ear import Ear
from simulator.bench.links import Chunk
from simulator.bench.via import serial_delivery
from simulator.clock import REAL, monotonic_s
from simulator.device import People
from simulator.frame import Kind
from simulator.journal import FileJournal, FrameSent, Received, read_journal
from simulator.profile import load
from simulator.run import Run, RunSettings
from simulator.sandbox import Sandbox, serve


@pytest.fixture
def aura_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of a made-up client, and a folder of our own for what runs leave open."""
    monkeypatch.setenv("AURA_CLIENT_ID", "bench")
    monkeypatch.setenv("AURA_CLIENT_SECRET", "bench-secret")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.usefixtures("aura_state")
async def test_every_frame_of_a_fleet_leaves_by_the_port(tmp_path: Path) -> None:
    """What is heard at the other end are the frames of the journal, whole and readable."""
    profile = load("serial-pendant-base")
    heard = bytearray()
    port = PtyPort(tmp_path / "ttyFLEET", heard.extend)
    port.plug()
    out = tmp_path / "run"

    def run(url: str) -> None:
        settings = RunSettings(
            mix={profile.name: 3},
            for_s=3.0,
            clock=REAL,
            target=url,
            out=out,
            people=People(presses=2.0, cancel_share=0.0),
            native=serial_delivery(str(port.path)),
            drain_s=0.5,
        )
        with FileJournal(out) as journal:
            Run(settings, journal).execute()

    async with serve(Sandbox(simpy.Environment(), 0.0)) as server:
        await asyncio.to_thread(run, server.base_url)
    port.unplug()

    ear = Ear(profile)
    frames = ear.hear(Chunk(monotonic_s(), bytes(heard)))
    sent = [one for one in read_journal(out) if isinstance(one, FrameSent)]
    taken = [one for one in read_journal(out) if isinstance(one, Received) and not one.dropped]
    assert sent
    assert sorted(one.payload.hex() for one in frames) == sorted(one.hex for one in sent)
    assert len(taken) == len(sent)
    assert ear.counts.garbage_bytes == 0
    assert any(Kind.PRESS in one.kinds for one in frames)


@pytest.mark.usefixtures("aura_state")
async def test_a_port_that_is_not_there_fails_the_frames_not_the_run(tmp_path: Path) -> None:
    """Each frame is accounted for, with why it did not leave."""
    out = tmp_path / "run"

    def run(url: str) -> None:
        settings = RunSettings(
            mix={"serial-pendant-base": 1},
            for_s=1.0,
            clock=REAL,
            target=url,
            out=out,
            people=People(presses=5.0, cancel_share=0.0),
            native=serial_delivery(str(tmp_path / "none")),
            drain_s=0.5,
        )
        with FileJournal(out) as journal:
            Run(settings, journal).execute()

    async with serve(Sandbox(simpy.Environment(), 0.0)) as server:
        await asyncio.to_thread(run, server.base_url)

    dropped = [one.dropped or "" for one in read_journal(out) if isinstance(one, Received)]
    assert dropped
    assert all("no such device" in reason for reason in dropped)

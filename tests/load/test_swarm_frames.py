"""Frames between machines: one clock, no secrets, nothing lost between portions."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import gevent
import gevent.socket
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.aura import CredentialsMissingError
from simulator.load.rows import DTYPE, ROW
from simulator.load.shapes import Form, Shape
from simulator.load.shard import PULSE, ROWS, Task
from simulator.load.swarm.frames import (
    Downwards,
    ParcelError,
    Upwards,
    frames_in,
    pack,
    shifted,
    with_secret,
    without_secret,
)
from simulator.load.swarm.member import Member, _Engine
from simulator.load.worker import END, GO, STOP, TASK

if TYPE_CHECKING:
    from locust.env import Environment

SECRET = "s3cret-of-the-fleet"


def task(base_url: str) -> bytes:
    """Return a task as the runner sends it."""
    return msgspec.json.encode(
        Task(
            base_url=base_url,
            client_id="fleet",
            client_secret=SECRET,
            allowed=("middleware.example",),
            mix={"aura-structured": 1},
            device_ids=["AB1"],
            shape=Shape(form=Form.CONSTANT, rate=1.0),
            for_s=1.0,
            drain_s=1.0,
        )
    )


def test_the_start_is_the_same_moment_on_both_machines() -> None:
    """Though their monotonic clocks have nothing to do with each other."""
    master = Downwards(lambda: 1000.0, lambda: 50.0)
    worker = Upwards(lambda: 1000.2, lambda: 7.2)  # 0.2 s later, on a machine booted later

    told = worker.to_engine(master.translate(pack(GO, b"51.5")))

    [(letter, payload)] = frames_in(told)
    assert letter == GO
    assert float(payload) == pytest.approx(8.5)


def test_rows_come_back_by_the_clock_of_the_master() -> None:
    """And what never happened still has not."""
    worker = Upwards(lambda: 1000.0, lambda: 7.0)
    worker.to_engine(pack(GO, b"1001.0 51.0"))  # here the test begins at 8, there at 51

    [(_, payload)] = frames_in(
        worker.to_master(pack(ROWS, ROW.pack(8.5, 8.6, 0.0, 0.0, 8.7, 1, -40, 1)))
    )

    row = np.frombuffer(payload, DTYPE)[0]
    assert [row[name] for name in ("due", "taken", "done")] == pytest.approx([51.5, 51.6, 51.7])
    assert row["sent"] == row["flushed"] == 0.0
    assert (row["status"], row["kind"]) == (-40, 1)


@given(
    st.lists(st.tuples(st.sampled_from([STOP, PULSE, b"L"]), st.binary(max_size=40))),
    st.integers(1, 17),
)
def test_frames_survive_any_portions(frames: list[tuple[bytes, bytes]], size: int) -> None:
    """A line cuts where it likes."""
    whole = b"".join(pack(*frame) for frame in frames)
    way = Upwards(lambda: 0.0, lambda: 0.0)

    passed = b"".join(way.to_master(whole[at : at + size]) for at in range(0, len(whole), size))

    assert list(frames_in(passed)) == frames


@given(st.lists(st.tuples(*[st.floats(0, 1e6)] * 5), max_size=20), st.floats(-1e6, 1e6))
def test_moving_rows_there_and_back_changes_nothing(
    moments: list[tuple[float, ...]], by_s: float
) -> None:
    """To a microsecond, and zeros not at all."""
    rows = np.zeros(len(moments), DTYPE)
    for row, five in zip(rows, moments, strict=True):
        for name, moment in zip(("due", "taken", "sent", "flushed", "done"), five, strict=True):
            row[name] = moment + 2e6 if moment else 0.0

    moved = np.frombuffer(shifted(rows.tobytes(), by_s), DTYPE)
    back = np.frombuffer(shifted(moved.tobytes(), -by_s), DTYPE)

    for name in ("due", "done"):
        assert back[name] == pytest.approx(rows[name], abs=1e-6)
        assert ((moved[name] == 0) == (rows[name] == 0)).all()


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.tuples(st.sampled_from([TASK, GO, STOP, b"?"]), st.binary(max_size=40)).map(
                lambda frame: pack(*frame)
            ),
        )
    )
)
def test_nonsense_of_a_master_is_refused_as_such(portions: list[bytes]) -> None:
    """And nothing else happens."""
    way = Upwards(lambda: 0.0, lambda: 0.0)

    for portion in portions:
        try:
            way.to_engine(portion)
        except ParcelError as error:
            assert "same version" in str(error)  # noqa: PT017 - most portions are no frame yet
            break


def test_a_shard_that_leaves_unasked_does_not_end_well() -> None:
    """Or the rest of the fleet would pass for the whole of it."""
    ways = [Upwards(lambda: 0.0, lambda: 0.0) for _ in range(3)]
    ways[1].to_engine(pack(STOP, b""))
    for way in ways[1:]:
        way.withdraw()

    told = [list(frames_in(way.to_master(pack(PULSE, b"") + pack(END, b"")))) for way in ways]

    assert [(END, b"") in frames for frames in told] == [True, True, False]
    assert all((PULSE, b"") in frames for frames in told)


def test_a_secret_does_not_travel() -> None:
    """That of a sandbox on this machine is none."""
    far = without_secret(task("https://middleware.example/api"))
    near = without_secret(task("http://127.0.0.1:8787/panic-api/v2"))

    assert SECRET.encode() not in far
    assert SECRET.encode() in near
    [(_, told)] = frames_in(
        Downwards(lambda: 0.0, lambda: 0.0).translate(
            pack(TASK, task("https://middleware.example"))
        )
    )
    assert SECRET.encode() not in told


def test_a_worker_has_credentials_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its own environment; without any it says which are missing."""
    travelled = without_secret(task("https://middleware.example/api"))
    monkeypatch.setenv("AURA_CLIENT_ID", "worker")
    monkeypatch.setenv("AURA_CLIENT_SECRET", "of-this-machine")

    known = msgspec.json.decode(with_secret(travelled), type=Task)
    monkeypatch.delenv("AURA_CLIENT_SECRET")
    monkeypatch.delenv("AURA_CLIENT_ID")

    assert (known.client_id, known.client_secret) == ("worker", "of-this-machine")
    with pytest.raises(CredentialsMissingError):
        with_secret(travelled)


class Bench:
    """A member on a bench: what it sends, and the line of its engine."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        runner = SimpleNamespace(send_message=lambda _, parcel: self.sent.append(parcel["frames"]))
        heartbeats = SimpleNamespace(add_listener=lambda _: None)
        events = SimpleNamespace(heartbeat_received=heartbeats)
        environment = SimpleNamespace(runner=runner, events=events)
        self.member = Member(cast("Environment", environment))
        ours, self.theirs = gevent.socket.socketpair()
        thread = SimpleNamespace(get=lambda: None)
        engine = _Engine(1, 0, ours, Upwards(lambda: 0.0, lambda: 0.0), thread)
        self.reader = engine.reader = gevent.spawn(self.member._carry, engine)
        self.member._engine = engine


def test_a_portion_without_a_whole_frame_is_no_end() -> None:
    """The end of a shard is a message of its own, and comes once."""
    bench = Bench()
    frame = pack(PULSE, b"x" * 100)

    for portion in (frame[:20], frame[20:]):
        bench.theirs.sendall(portion)
        gevent.sleep(0.01)
    bench.theirs.close()
    bench.reader.join(timeout=5)

    assert bench.sent == [frame, b""]


def test_a_shard_stops_when_the_master_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would see what it still sends."""
    monkeypatch.setattr("simulator.load.swarm.member._SILENCE_S", 0.0)
    bench = Bench()

    watcher = gevent.spawn(bench.member.watch)
    told = bench.theirs.recv(100)
    bench.theirs.close()
    bench.reader.join(timeout=5)
    watcher.kill()

    assert list(frames_in(told)) == [(STOP, b"")]
    assert not bench.member.is_busy

"""A run that is killed leaves callouts behind, and the next command ends them.

The target is a host that is no loopback by its name: `lab.example`, which the tests reach through a
proxy, and the proxy is a sandbox on this machine. So the whole guard is in force.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from simulator.aura import AsyncClient, Credentials, Request, Secret, Session, Target
from simulator.aura.book import Book, open_folder
from simulator.aura.calls import callouts, customers
from simulator.aura.calls.subscriptions import NewSubscription
from simulator.aura.types import CalloutId, CustomerId, Position
from simulator.clock import wall_s
from simulator.rng import Rng
from simulator.run.cleanup import sweep
from simulator.run.reaching import clear, reach
from simulator.sandbox import close_callout

AURASIM = [sys.executable, "-m", "simulator.cli"]
LAB = "lab.example"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Serve a sandbox for these tests; return its origin."""
    served = subprocess.Popen(
        [*AURASIM, "sandbox", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True
    )
    with served:
        assert served.stdout
        told = msgspec.json.decode(served.stdout.readline())
        yield told["baseUrl"].removesuffix("/panic-api/v2")
        served.send_signal(signal.SIGINT)


@pytest.fixture
def lab(origin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    """Return the sandbox under a name that is not this machine's, with a state folder apart."""
    monkeypatch.setenv("AURASIM_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("AURASIM_PROXY", origin)
    monkeypatch.setenv("AURA_CLIENT_ID", tmp_path.name)  # a tenant of its own
    monkeypatch.setenv("AURA_CLIENT_SECRET", "s3cr3t")
    monkeypatch.delenv("AURA_BASE_URL", raising=False)
    return Target(f"http://{LAB}", "/panic-api/v2", (LAB,), rate_s=1000.0, proxy_url=origin)


@pytest.fixture
def us(tmp_path: Path) -> Credentials:
    """Return who a test is to the sandbox."""
    return Credentials(tmp_path.name, Secret("s3cr3t"))


def flags(folder: Path, **more: str) -> list[str]:
    """Return a run of devices that are pressed often, and whose owners never take it back."""
    path = folder / "fleet.toml"
    path.write_text(
        f"""
        for = "600s"
        clock = "scaled=20"
        target = "http://{LAB}/panic-api/v2"
        allow = ["{LAB}"]
        out = "{folder / "run"}"
        mix = {{ aura-structured = 3 }}
        people = {{ presses = 60.0, cancel_share = 0.0, impatient_share = 0.0 }}
        """
    )
    return [*AURASIM, "run", str(path)]


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a run, and wait until its list says that a callout is open."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
    ) as run:
        try:
            while not any(b'"callout"' in path.read_bytes() for path in lists()):
                assert run.poll() is None, run.communicate()
                os.sched_yield()
            yield run
        finally:
            run.kill()


def lists() -> list[Path]:
    """Return the open lists of this test."""
    return sorted(open_folder().glob("*")) if open_folder().is_dir() else []


def active(lab: Target, us: Credentials) -> list[int]:
    """Return the active callouts that the target knows of."""

    async def ask() -> list[int]:
        async with reach(lab, us) as reached:
            session = Session(us, wall_s, Rng(0).stream(0, "retry"))
            client = AsyncClient(session, reached.transport)
            return [one.id for one in await client.call(callouts.active())]

    return asyncio.run(ask())


def aurasim(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*AURASIM, *words], capture_output=True, text=True, check=False, cwd=folder, timeout=60
    )


@pytest.mark.slow
def test_callouts_of_a_killed_run_are_cancelled_by_cleanup(
    lab: Target, us: Credentials, tmp_path: Path
) -> None:
    """kill -9 in the middle; then --list says what is open, and cleanup ends it."""
    with running(flags(tmp_path), tmp_path) as run:
        run.kill()
        run.wait()
    listed = aurasim(tmp_path, "cleanup", "--list")

    cleaned = aurasim(tmp_path, "cleanup")

    assert listed.returncode == 1
    assert "callout " in listed.stdout
    assert cleaned.returncode == 0, cleaned.stderr
    assert "Ended what a command begun" in cleaned.stdout
    assert "callout" in cleaned.stdout
    assert "3 customers" in cleaned.stdout
    assert lists() == []
    assert active(lab, us) == []
    assert aurasim(tmp_path, "cleanup").stdout == "Nothing was left open.\n"


@pytest.mark.slow
def test_callouts_of_a_killed_run_are_cancelled_by_the_next_command(
    lab: Target, us: Credentials, tmp_path: Path
) -> None:
    with running(flags(tmp_path), tmp_path) as run:
        run.kill()
        run.wait()
    (left,) = lists()

    with subprocess.Popen(flags(tmp_path), stderr=subprocess.PIPE, text=True) as second:
        while left.exists():
            assert second.poll() is None, second.communicate()
            os.sched_yield()
        second.send_signal(signal.SIGINT)
        said = second.communicate(timeout=60)[1]

    assert "Ended what a command begun" in said
    assert lists() == []
    assert active(lab, us) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_leaves_nothing_behind(
    lab: Target, us: Credentials, tmp_path: Path, way: signal.Signals
) -> None:
    """By Ctrl-C, and by what CI sends to a job it stops."""
    with running(flags(tmp_path), tmp_path) as run:
        run.send_signal(way)
        said = run.communicate(timeout=60)

    assert run.returncode == 4, said
    assert lists() == []
    assert active(lab, us) == []


async def made(client: AsyncClient, mobile: str) -> CustomerId:
    """Register a customer who may call for help."""
    person = customers.Profile(name="A", surname="B", mobile=mobile)
    subscription = NewSubscription(4, wall_s() - 60, wall_s() + 86400)
    return (await client.call(customers.create(person, subscription))).id


async def opened(client: AsyncClient, customer: CustomerId) -> int:
    call = callouts.create(customer, Position(-26.1, 28.1))
    return (await client.call(call)).id


async def test_callout_whose_answer_was_lost_is_found_and_cancelled(
    lab: Target, us: Credentials
) -> None:
    """The request is on the list, the callout is not: it is found by its customer."""
    async with reach(lab, us) as reached:
        client = AsyncClient(Session(us, wall_s, Rng(0).stream(0, "x")), reached.transport)
        customer = await made(client, "+27820000011")
        await opened(client, customer)
        book = reached.book
        # as if the connection had broken before the answer
        book.uncertain.add(f"customer {customer}")
        book._things = {key: t for key, t in book._things.items() if t.kind != "callout"}

        swept = await sweep(book, client)

        assert [thing.kind.value for thing in swept.ended] == ["callout", "customer"]
        assert not await client.call(callouts.active())
        assert book.is_settled


async def test_callout_of_somebody_else_is_left_alone(lab: Target, us: Credentials) -> None:
    """The same customer source, another command's customer."""
    async with reach(lab, us) as other:
        theirs = AsyncClient(Session(us, wall_s, Rng(0).stream(0, "x")), other.transport)
        foreign = await opened(theirs, await made(theirs, "+27820000021"))
        async with reach(lab, us) as ours:
            client = AsyncClient(Session(us, wall_s, Rng(0).stream(0, "y")), ours.transport)
            await opened(client, await made(client, "+27820000022"))

        assert [one.id for one in await theirs.call(callouts.active())] == [foreign]


async def test_callout_that_ended_meanwhile_is_no_trouble(lab: Target, us: Credentials) -> None:
    async with reach(lab, us) as reached:
        client = AsyncClient(Session(us, wall_s, Rng(0).stream(0, "x")), reached.transport)
        callout = await opened(client, await made(client, "+27820000031"))
        await client.call(close_callout(CalloutId(callout)))

    assert reached.left == []
    assert lists() == []


async def test_list_of_another_target_is_told_and_kept(lab: Target, us: Credentials) -> None:
    """Every command that goes out says that something is open, and what to do."""
    elsewhere = Target("https://elsewhere.example", allowed=("elsewhere.example",))
    book = Book.begin(elsewhere, "them")
    book.before(Request("POST", "/customers/1/callouts"))
    os.close(book._descriptor)
    said: list[str] = []

    await clear(lab, us, said.append)

    assert len(said) == 1
    assert "elsewhere.example" in said[0]
    assert "aurasim cleanup" in said[0]
    assert lists() == [book.path]


def test_forgotten_lists_are_gone(lab: Target, tmp_path: Path) -> None:
    """For what was ended in the portal."""
    book = Book.begin(lab, "them")
    os.close(book._descriptor)

    assert aurasim(tmp_path, "cleanup", "--forget", "--json").returncode == 0
    assert lists() == []


def test_list_of_another_client_waits_for_its_credentials(lab: Target, tmp_path: Path) -> None:
    book = Book.begin(lab, "somebody-else")
    book.before(Request("POST", "/customers/1/callouts"))
    os.close(book._descriptor)

    done = aurasim(tmp_path, "cleanup")

    assert done.returncode == 1
    assert "AURA_CLIENT_ID=somebody-else" in done.stderr
    assert lists() == [book.path]


def test_list_cannot_lead_to_production(lab: Target, us: Credentials, tmp_path: Path) -> None:
    """A list that somebody wrote by hand opens no door."""
    book = Book.begin(lab, us.client_id)
    os.close(book._descriptor)
    text = book.path.read_text().replace(LAB, "panic.aura.services")
    book.path.write_text(text + '{"type":"open","kind":"callout","id":"1"}\n')

    done = aurasim(tmp_path, "cleanup")

    assert done.returncode == 1
    assert "armed responders" in done.stderr

"""State that survives a restart, and a kill."""

import asyncio
import json
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
import simpy

from simulator.sandbox import Sandbox, StorageError, serve, to_handler
from tests.sandbox.caller import EPOCH_S, HOME, YEAR, Caller
from tests.sandbox.test_webhooks import Receiver


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return where the state is kept."""
    return tmp_path / "aura.db"


class Restarts:
    """Sandboxes over one file, one after the other."""

    def __init__(self, db: Path) -> None:
        self._db = db
        self._open: Sandbox | None = None

    def begin(self, epoch_s: float = EPOCH_S, *, is_durable: bool = True) -> Caller:
        """Return a caller of a new sandbox over the file; the one before is dropped as killed."""
        if self._open is not None and self._open.storage is not None:
            self._open.storage._db.close()
        self._open = Sandbox(simpy.Environment(), epoch_s, db=self._db, is_durable=is_durable)
        return Caller(self._open, "client-a")

    def end(self) -> None:
        """Close the last one in order."""
        if self._open is not None:
            self._open.close()


@pytest.fixture
def restarts(db: Path) -> Iterator[Restarts]:
    """Return what begins sandboxes anew over one file."""
    made = Restarts(db)
    yield made
    made.end()


def test_everything_acknowledged_is_there_after_a_kill(restarts: Restarts) -> None:
    before = restarts.begin()
    customer = before.customer()
    link, press = before.link(customer), before.press()
    before.ask(
        "POST", "/notifiers/webhooks", {"url": "https://x.org", "events": ["CALLOUT_CLOSED"]}
    )
    before.control("PATCH", "/rules", {"unpaidStatus": 400})
    before.control("POST", "/faults", {"kind": "latency"})
    before.control("POST", "/snapshots", {"name": "s"})
    happened = before.events()

    after = restarts.begin()

    after.token = before.token
    assert after.control("GET", "/devices").items[0] == link.body
    assert after.press().body == press.body
    assert (
        after.ask("GET", f"/customers/{customer}/subscriptions").items[0]["CancelledDate"] is None
    )
    assert after.control("GET", "/rules").body["unpaidStatus"] == 400
    assert len(after.control("GET", "/faults").items) == 1
    assert len(after.control("GET", "/snapshots").items) == 1
    assert after.events() == happened


def test_ids_go_on_where_they_were(restarts: Restarts) -> None:
    first = restarts.begin().customer()

    assert restarts.begin().customer("+27820000001") == first + 1


def test_what_is_gone_stays_gone(restarts: Restarts) -> None:
    before = restarts.begin()
    before.link(before.customer())
    before.ask("DELETE", "/devices/26217939")

    assert restarts.begin().control("GET", "/devices").items == []


def test_a_secret_still_holds_and_is_not_in_the_file(restarts: Restarts, db: Path) -> None:
    Caller(restarts.begin().sandbox, "client-a", "very-secret-indeed").log_in()
    after = restarts.begin()

    assert after.grant().status == 401
    assert Caller(after.sandbox, "client-a", "very-secret-indeed").grant().status == 200
    files = list(db.parent.iterdir())
    assert not any(b"very-secret-indeed" in file.read_bytes() for file in files)


def test_a_token_holds_by_the_key_of_the_file(restarts: Restarts) -> None:
    before = restarts.begin()
    before.log_in()
    after = restarts.begin()
    after.token = before.token

    assert after.ask("GET", "/responseTypes").status == 200


def test_clocks_stand_as_they_stood(restarts: Restarts) -> None:
    """A restart later in real time moves a running clock on, and leaves a frozen one alone."""
    before = restarts.begin()
    before.log_in()
    before.control("POST", "/clock/advance", {"seconds": 1000})

    after = restarts.begin(EPOCH_S + 60)
    running = after.control("GET", "/clock").body["now"]
    after.control("POST", "/clock/freeze")
    frozen = restarts.begin(EPOCH_S + 5000).control("GET", "/clock").body

    assert running == "2026-06-10T08:47:40.000Z"
    assert (frozen["now"], frozen["isFrozen"]) == (running, True)


def test_responders_and_late_letters_go_on(restarts: Restarts) -> None:
    before = restarts.begin()
    plan = {"isAutomatic": True, "acknowledgeS": 100, "outcome": "never-arrives"}
    before.log_in()
    before.control("PUT", "/responders", plan)
    before.ask("POST", "/notifiers/webhooks", {"url": "https://x.org/", "events": ["NEW_CALLOUT"]})
    before.control("PUT", "/webhooks/mode", {"delayS": 50})
    callout = before.callout(before.customer())

    after = restarts.begin(EPOCH_S + 10)
    env = after.sandbox.env
    receiver = Receiver(env)
    after.sandbox.house.deliver = to_handler(receiver)
    env.run(until=200)

    history = after.control("GET", f"/callouts/{callout}").body["history"]
    assert str(EPOCH_S + 100) in str(history)
    assert receiver.times == pytest.approx([40])


def test_written_behind_a_close_keeps_everything(restarts: Restarts) -> None:
    caller = restarts.begin(is_durable=False)
    customer = caller.customer()
    caller.sandbox.close()

    assert restarts.begin().ask("GET", f"/customers/{customer}").status == 200


def test_a_forgotten_tenant_is_gone_from_the_file(restarts: Restarts) -> None:
    before = restarts.begin()
    before.customer()
    before.control("DELETE", "/tenant")

    assert len(restarts.begin().sandbox.tenants) == 1


def test_a_file_that_is_none_of_ours_is_refused(db: Path) -> None:
    db.write_bytes(b"not a database at all, but long enough to be read as one" * 100)

    with pytest.raises(StorageError, match=r"aura\.db.*--db") as caught:
        Sandbox(simpy.Environment(), EPOCH_S, db=db)
    assert caught.value.exit_code == 3


def test_a_file_of_another_version_is_refused(db: Path) -> None:
    connection = sqlite3.connect(db)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(StorageError, match="version 99"):
        Sandbox(simpy.Environment(), EPOCH_S, db=db)


def test_two_sandboxes_do_not_share_a_file(restarts: Restarts, db: Path) -> None:
    restarts.begin().log_in()

    with pytest.raises(StorageError, match="locked"):
        Sandbox(simpy.Environment(), EPOCH_S, db=db)


def test_a_disk_that_fails_loses_no_change(
    restarts: Restarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be written is written with the next answer."""
    caller = restarts.begin()
    caller.log_in()
    storage = caller.sandbox.storage
    assert storage is not None
    good = storage._db
    monkeypatch.setattr(storage, "_db", sqlite3.connect(":memory:"))
    with pytest.raises(StorageError):
        caller.customer()
    storage._db.close()
    monkeypatch.setattr(storage, "_db", good)

    caller.log_in()

    assert len(restarts.begin().control("GET", "/customers").items) == 1


async def test_served_durably_an_answer_comes_after_its_commit(db: Path) -> None:
    box = Sandbox(simpy.Environment(), EPOCH_S, db=db)
    async with serve(box) as server, aiohttp.ClientSession() as http:
        body = {"clientId": "client-a", "clientSecret": "s"}
        async with asyncio.TaskGroup() as tasks:
            asked = [
                tasks.create_task(_post(http, f"{server.base_url}/oauth/token", body))
                for _ in range(20)
            ]
        assert {task.result() for task in asked} == {200}
        assert box.storage is not None
        assert not box.storage.changes
    box.close()


async def test_served_behind_everything_is_written_soon(db: Path) -> None:
    box = Sandbox(simpy.Environment(), EPOCH_S, db=db, is_durable=False)
    async with serve(box) as server, aiohttp.ClientSession() as http:
        body = {"clientId": "client-a", "clientSecret": "s"}
        assert await _post(http, f"{server.base_url}/oauth/token", body) == 200
    box.close()

    again = Sandbox(simpy.Environment(), EPOCH_S, db=db)
    assert again.tenants.get("client-a") is not None
    again.close()


async def _post(http: aiohttp.ClientSession, url: str, body: object) -> int:
    async with http.post(url, json=body) as answer:
        await answer.read()
        return answer.status


_SERVER = """
import asyncio, pathlib, sys, simpy
from simulator.clock import wall_s
from simulator.sandbox import Sandbox, serve

async def main():
    box = Sandbox(simpy.Environment(), wall_s(), db=pathlib.Path(sys.argv[1]))
    async with serve(box) as server:
        print(server.base_url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.slow
async def test_a_kill_under_load_loses_nothing_acknowledged(db: Path, restarts: Restarts) -> None:
    """Eight callers create customers, devices and callouts; the server is killed -9 among them."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVER, str(db), stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    base_url = (await server.stdout.readline()).decode().strip()
    acknowledged: list[tuple[int, str, int]] = []
    async with aiohttp.ClientSession() as http:
        credentials = {"clientId": "client-a", "clientSecret": "secret"}
        async with http.post(f"{base_url}/oauth/token", json=credentials) as answer:
            token = (await answer.json())["accessToken"]
        http.headers["authorization"] = f"Bearer {token}"
        callers = [_load(http, base_url, n, acknowledged) for n in range(8)]
        await asyncio.gather(*callers, _kill(server, acknowledged))
    await server.wait()

    after = restarts.begin()

    after.log_in()
    devices = {d["deviceSerial"] for d in after.control("GET", "/devices").items}
    assert len(acknowledged) >= 50
    for customer, serial, callout in acknowledged:
        assert after.ask("GET", f"/customers/{customer}").status == 200
        assert len(after.ask("GET", f"/customers/{customer}/callouts").items) == 1
        assert after.ask("GET", f"/callouts/{callout}").status == 200
        assert serial in devices


async def _kill(
    server: asyncio.subprocess.Process, acknowledged: list[tuple[int, str, int]]
) -> None:
    async with asyncio.timeout(60):
        while len(acknowledged) < 50:  # noqa: ASYNC110 - the load tells nobody
            await asyncio.sleep(0.002)
    server.send_signal(signal.SIGKILL)


async def _load(
    http: aiohttp.ClientSession, base_url: str, caller: int, done: list[tuple[int, str, int]]
) -> None:
    """Create until the server is gone; note what was acknowledged to the end."""
    for number in range(caller, 8_000_000, 8):
        serial = f"AB{number:08d}"
        person = {"name": "J", "surname": "D", "mobile": f"+2782{number:07d}"}
        subscription = {"subscriptionTypeId": 4, **YEAR, "validTo": "2090-01-01T00:00:00Z"}
        try:
            made = await _ask(
                http, f"{base_url}/customers", {"customer": person, "subscription": subscription}
            )
            customer = made["customer"]["id"]
            link = {
                "customerId": customer,
                "deviceSerial": serial,
                "deviceSupplier": "ExampleBrand",
            }
            await _ask(http, f"{base_url}/devices", link)
            raised = await _ask(
                http,
                f"{base_url}/customers/{customer}/callouts",
                {"responseTypeId": 1, "location": HOME},
            )
        except aiohttp.ClientError:
            return
        done.append((customer, serial, raised["callout"]["id"]))


async def _ask(http: aiohttp.ClientSession, url: str, body: object) -> dict[str, dict[str, int]]:
    async with http.post(url, json=body) as answer:
        read: dict[str, dict[str, int]] = json.loads(await answer.read())
        assert answer.status == 201, read
        return read

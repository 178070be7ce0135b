"""Copies of a tenant's whole state."""

import pytest
import simpy

from tests.sandbox.caller import Caller


def test_a_restored_tenant_is_as_it_was(caller: Caller, customer: int) -> None:
    caller.link(customer)
    caller.control("POST", "/snapshots", {"name": "linked"})
    first = caller.press().body
    caller.customer("+27820000001")
    caller.ask("DELETE", "/devices/26217939")

    answer = caller.control("POST", "/snapshots/linked/restore")

    caller.log_in()
    assert answer.body["name"] == "linked"
    assert caller.control("GET", "/callouts").items == []
    assert len(caller.control("GET", "/customers").items) == 1
    assert caller.press().body == first


def test_the_clock_and_what_was_due_come_back_too(
    env: simpy.Environment, caller: Caller, customer: int
) -> None:
    caller.control("PUT", "/responders", {"isAutomatic": True, "acknowledgeS": 100})
    callout = caller.callout(customer)
    caller.control("POST", "/snapshots", {"name": "s"})
    caller.control("POST", "/clock/advance", {"seconds": 5000})
    advanced = caller.control("GET", f"/callouts/{callout}").body["state"]
    caller.control("POST", "/snapshots/s/restore")
    restored = caller.control("GET", f"/callouts/{callout}").body["state"]

    env.run(until=101)

    assert (advanced, restored) == ("closed", "created")
    assert caller.control("GET", f"/callouts/{callout}").body["state"] == "dispatched"


def test_a_name_is_taken_again(caller: Caller) -> None:
    caller.log_in()
    for pays in (1, 2):
        caller.customer(f"+2782000000{pays}")
        caller.control("POST", "/snapshots", {"name": "s"})
    caller.control("POST", "/snapshots/s/restore")

    assert len(caller.control("GET", "/customers").items) == 2
    assert [s["name"] for s in caller.control("GET", "/snapshots").items] == ["s"]


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 101, 7])
def test_a_bad_name_is_refused(caller: Caller, name: object) -> None:
    caller.log_in()

    assert caller.control("POST", "/snapshots", {"name": name}).status == 400


def test_a_deleted_snapshot_is_gone(caller: Caller) -> None:
    caller.log_in()
    caller.control("POST", "/snapshots", {"name": "s"})

    assert caller.control("DELETE", "/snapshots/s").status == 200
    assert caller.control("DELETE", "/snapshots/s").status == 404
    assert caller.control("POST", "/snapshots/s/restore").status == 404


def test_snapshots_are_bounded(caller: Caller) -> None:
    caller.log_in()
    statuses = [caller.control("POST", "/snapshots", {"name": f"s{n}"}).status for n in range(51)]

    assert (statuses[49], statuses[50]) == (201, 400)

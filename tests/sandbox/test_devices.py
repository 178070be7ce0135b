"""Devices: linking under the profiles' templates, changing, unlinking."""

import pytest

from simulator.profile import Profile, profiles
from tests.sandbox.caller import HOME, Caller
from tests.sandbox.conftest import Ruled


def test_a_link_answers_flat_with_the_derived_id(caller: Caller, customer: int) -> None:
    answer = caller.link(customer)

    assert answer.status == 201
    assert answer.body["deviceId"] == "26217939"
    assert answer.body["deviceSerial"] == "AB26217939"
    assert answer.body["deviceTypeId"] == 5
    assert set(answer.body) == {
        "id",
        "customerId",
        "customerSourceId",
        "deviceId",
        "deviceSerial",
        "alias",
        "deviceTypeId",
        "firmwareVersion",
        "defaultLocation",
        "healthCheckLastReceivedDate",
        "batteryLevel",
        "batteryLevelLastReceivedDate",
        "createdAt",
        "updatedAt",
    }


@pytest.mark.parametrize("profile", profiles(), ids=lambda profile: profile.name)
def test_each_profile_is_a_template(caller: Caller, customer: int, profile: Profile) -> None:
    """One file defines a device on both sides."""
    serial = profile.identity.serial_of(7)
    body = {
        "customerId": customer,
        "deviceSerial": serial,
        "deviceSupplier": profile.aura.supplier,
        "deviceType": profile.aura.device_type_id,
    }

    answer = caller.ask("POST", "/devices", body)

    assert answer.status == 201
    assert answer.body["deviceId"] == profile.identity.device_id.derive(serial)


def test_the_type_is_found_by_supplier_whatever_the_case(caller: Caller, customer: int) -> None:
    assert caller.link(customer, supplier="examplebrand").body["deviceTypeId"] == 5


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"deviceSerial": "XX26217939"}, "deviceSerial"),
        ({"deviceSerial": "AB2621793"}, "deviceSerial"),
        ({"deviceSerial": ""}, "deviceSerial"),
        ({"deviceSupplier": "Nobody"}, "deviceSupplier"),
        ({"deviceSupplier": "SimpleHw"}, "deviceSerial"),
        ({"deviceSupplier": "SimpleHw", "deviceType": 5}, "deviceSupplier"),
        ({"deviceType": 999}, "deviceType"),
        ({"deviceType": 12}, "deviceSupplier"),
        ({"deviceSerial": None}, "deviceSerial"),
        ({"deviceSerial": "AB40400000"}, "deviceSerial"),
        ({"defaultLocation": {"latitude": 91, "longitude": 0}}, "defaultLocation.latitude"),
        ({"customerId": "1"}, "customerId"),
    ],
)
def test_a_link_that_fits_no_template_is_refused(
    caller: Caller, customer: int, change: dict[str, object], field: str
) -> None:
    body = {
        "customerId": customer,
        "deviceSerial": "AB26217939",
        "deviceSupplier": "ExampleBrand",
        **change,
    }

    answer = caller.ask("POST", "/devices", body)

    assert answer.status == 400
    assert field in answer.message
    assert caller.control("GET", "/devices").items == []


def test_linking_again_to_the_same_customer_returns_the_link(caller: Caller, customer: int) -> None:
    first = caller.link(customer)

    second = caller.link(customer)

    assert second.status == 200
    assert second.body == first.body


def test_linking_to_another_customer_is_a_conflict(caller: Caller, customer: int) -> None:
    caller.link(customer)

    assert caller.link(caller.customer("+27820000001")).status == 409
    assert caller.link(customer, "AB40900000").status == 409


def test_a_device_can_be_linked_in_two_tenants(caller: Caller, customer: int) -> None:
    other = Caller(caller.sandbox, "client-b")

    assert caller.link(customer).status == other.link(other.customer()).status == 201


def test_a_link_to_an_unknown_customer_is_not_found(caller: Caller, customer: int) -> None:
    other = Caller(caller.sandbox, "client-b")

    assert caller.link(1).status == 404
    assert other.link(customer).status == 404


@pytest.mark.parametrize("name", [{"deviceId": "26217939"}, {"deviceSerial": "AB26217939"}])
def test_a_link_is_changed_by_id_or_serial(
    caller: Caller, customer: int, name: dict[str, object]
) -> None:
    caller.link(customer)
    changes = {"deviceAlias": "Front desk", "firmwareVersion": "2", "defaultLocation": HOME}

    answer = caller.ask("PUT", "/devices", {"customerId": customer, **name, **changes})

    assert answer.status == 200
    assert (answer.body["alias"], answer.body["firmwareVersion"]) == ("Front desk", "2")
    assert answer.body["defaultLocation"] == HOME


def test_null_takes_a_value_away_and_silence_keeps_it(caller: Caller, customer: int) -> None:
    caller.link(customer)
    named = {"deviceId": "26217939"}
    caller.ask("PUT", "/devices", {**named, "deviceAlias": "A", "defaultLocation": HOME})

    kept = caller.ask("PUT", "/devices", named).body
    gone = caller.ask("PUT", "/devices", {**named, "defaultLocation": None}).body

    assert (kept["alias"], kept["defaultLocation"]) == ("A", HOME)
    assert (gone["alias"], gone["defaultLocation"]) == ("A", None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"deviceId": "1"}, 404),
        ({"deviceId": "26217939", "customerId": 1}, 404),
        ({"deviceId": "26217939", "deviceSerial": "XX"}, 400),
        ({"deviceId": "26217939", "deviceType": 999}, 400),
    ],
)
def test_a_change_of_what_is_not_there_is_refused(
    caller: Caller, customer: int, body: dict[str, object], status: int
) -> None:
    caller.link(customer)

    assert caller.ask("PUT", "/devices", body).status == status


def test_an_unlinked_device_is_unknown(caller: Caller, customer: int) -> None:
    caller.link(customer)

    answer = caller.ask("DELETE", "/devices/26217939")

    assert answer.body == {"message": "Request completed successfully."}
    assert caller.ask("DELETE", "/devices/26217939").status == 404
    assert caller.press().status == 400


def test_a_device_is_unlinked_by_its_serial_where_that_is_set(
    caller: Caller, customer: int, ruled: Ruled
) -> None:
    caller.link(customer)
    older = ruled(accept_older=True)
    older.link(older.customer())

    assert caller.ask("DELETE", "/devices/AB26217939").status == 404
    assert older.ask("DELETE", "/devices/AB26217939").status == 200

"""Customers, as the contract has them."""

import pytest

from tests.sandbox.caller import YEAR, Caller
from tests.sandbox.conftest import Ruled

JANE: dict[str, object] = {"name": "Jane", "surname": "Doe", "mobile": "+27821234567"}


def test_a_customer_is_created_with_what_was_said_and_what_aura_manages(caller: Caller) -> None:
    said = {**JANE, "email": "j@x.org", "bloodtype": "A", "hasMedicalAid": True, "unknown": 1}

    answer = caller.ask("POST", "/customers", {"customer": said})

    customer = answer.inside("customer")
    assert answer.status == 201
    assert answer.message == "Request completed successfully."
    assert (customer["name"], customer["email"], customer["hasMedicalAid"]) == (
        "Jane",
        "j@x.org",
        True,
    )
    assert customer["createdAt"] == customer["updatedAt"] == "2026-06-10T08:30:00Z"
    assert "unknown" not in customer
    assert "subscription" not in answer.body


def test_the_demo_tenant_has_the_ids_of_auras_examples(caller: Caller) -> None:
    demo = caller.sandbox.demo
    customer = Caller(caller.sandbox, demo.client_id, demo.client_secret).customer()

    assert customer == 178921


def test_a_subscription_can_come_along(caller: Caller) -> None:
    answer = caller.ask(
        "POST", "/customers", {"customer": JANE, "subscription": {"subscriptionTypeId": 4, **YEAR}}
    )

    assert answer.inside("subscription")["subscriptionTypeId"] == 4
    assert answer.inside("subscription")["CancelledDate"] is None


def test_a_customer_can_join_a_family(caller: Caller, customer: int) -> None:
    family = caller.ask("GET", f"/customers/{customer}/subscriptions").items[0]["id"]
    body = {"customer": {**JANE, "mobile": "+27820000001"}, "subscriptionId": family}

    joined = caller.ask("POST", "/customers", body).number("customer", "id")

    assert caller.raise_callout(joined).status == 201


def test_subscription_and_subscription_id_exclude_each_other(caller: Caller) -> None:
    body = {
        "customer": JANE,
        "subscription": {"subscriptionTypeId": 4, **YEAR},
        "subscriptionId": 8811,
    }

    answer = caller.ask("POST", "/customers", body)

    assert answer.status == 400
    assert "subscriptionId" in answer.message


@pytest.mark.parametrize("field", ["name", "surname", "mobile"])
def test_a_required_field_that_is_missing_is_named(caller: Caller, field: str) -> None:
    answer = caller.ask(
        "POST", "/customers", {"customer": {k: v for k, v in JANE.items() if k != field}}
    )

    assert answer.status == 400
    assert f"customer.{field}" in answer.message


@pytest.mark.parametrize("mobile", ["", " ", "0821234567", "+0821234567", "+2782x234567", 27])
def test_a_mobile_that_is_no_e164_number_is_malformed(caller: Caller, mobile: object) -> None:
    answer = caller.ask("POST", "/customers", {"customer": {**JANE, "mobile": mobile}})

    assert answer.status == 400
    assert "customer.mobile" in answer.message


def test_a_mobile_is_unique(caller: Caller, customer: int) -> None:
    answer = caller.ask("POST", "/customers", {"customer": JANE})

    assert answer.status == 409


def test_a_refused_creation_leaves_nothing_behind(caller: Caller) -> None:
    bad = {"subscriptionTypeId": 99, **YEAR}
    caller.ask("POST", "/customers", {"customer": JANE, "subscription": bad})

    assert caller.ask("POST", "/customers", {"customer": JANE}).status == 201


def test_the_flat_body_of_the_first_documentation_is_refused(caller: Caller) -> None:
    flat = {"firstName": "Jane", "lastName": "Doe", "mobileNumber": "+27821234567"}

    assert caller.ask("POST", "/customers", flat).status == 400


def test_the_flat_body_is_taken_where_that_is_set(ruled: Ruled) -> None:
    flat = {"firstName": "Jane", "lastName": "Doe", "mobileNumber": "+27821234567"}

    answer = ruled(accept_older=True).ask("POST", "/customers", flat)

    assert answer.status == 201
    assert answer.inside("customer")["surname"] == "Doe"


def test_a_customer_is_read(caller: Caller, customer: int) -> None:
    assert caller.ask("GET", f"/customers/{customer}").number("customer", "id") == customer


@pytest.mark.parametrize("customer_id", ["1", "999999999999", "abc", "-1", "1e3"])
def test_an_unknown_customer_is_not_found(caller: Caller, customer_id: str) -> None:
    assert caller.ask("GET", f"/customers/{customer_id}").status == 404


def test_an_update_changes_what_it_names_only(caller: Caller, customer: int) -> None:
    caller.ask("PUT", f"/customers/{customer}", {"customer": {"email": "a@b.c"}})

    answer = caller.ask("PUT", f"/customers/{customer}", {"customer": {"name": "Ann"}})

    found = answer.inside("customer")
    assert (found["name"], found["surname"], found["email"]) == ("Ann", "D", "a@b.c")


def test_an_update_can_take_an_optional_value_away(caller: Caller, customer: int) -> None:
    caller.ask("PUT", f"/customers/{customer}", {"customer": {"email": "a@b.c"}})

    answer = caller.ask("PUT", f"/customers/{customer}", {"customer": {"email": None}})

    assert answer.inside("customer")["email"] is None


def test_an_update_cannot_take_a_required_value_away(caller: Caller, customer: int) -> None:
    assert caller.ask("PUT", f"/customers/{customer}", {"customer": {"name": None}}).status == 400


def test_an_update_to_somebody_elses_mobile_is_a_conflict(caller: Caller, customer: int) -> None:
    caller.customer("+27820000001")

    body = {"customer": {"mobile": "+27820000001"}}

    assert caller.ask("PUT", f"/customers/{customer}", body).status == 409


def test_a_deleted_customer_is_gone_and_its_mobile_free(caller: Caller, customer: int) -> None:
    caller.link(customer)

    answer = caller.ask("POST", f"/customers/{customer}/delete")

    assert answer.body == {"message": "Request completed successfully."}
    assert caller.ask("GET", f"/customers/{customer}").status == 404
    assert caller.raise_callout(customer).status == 404
    assert caller.press().status == 400
    assert caller.ask("POST", "/customers", {"customer": JANE}).status == 201


def test_deleting_by_http_delete_is_no_endpoint(caller: Caller, customer: int) -> None:
    assert caller.ask("DELETE", f"/customers/{customer}").status == 404


def test_there_is_no_list_and_no_search(caller: Caller) -> None:
    assert caller.ask("GET", "/customers").status == 404


def test_a_customer_of_another_tenant_is_not_visible(caller: Caller, customer: int) -> None:
    other = Caller(caller.sandbox, "client-b")

    assert other.ask("GET", f"/customers/{customer}").status == 404
    assert other.customer() != customer


@pytest.mark.parametrize(("mobile", "status"), [("+27000000409", 409), ("+27000000500", 500)])
def test_magic_mobiles_bring_rare_answers(caller: Caller, mobile: str, status: int) -> None:
    answer = caller.ask("POST", "/customers", {"customer": {**JANE, "mobile": mobile}})

    assert answer.status == status


def test_a_magic_mobile_never_has_paid(caller: Caller) -> None:
    assert caller.raise_callout(caller.customer("+27000000403")).status == 403

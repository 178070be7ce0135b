"""Tenants on the control surface: rules, lists, forgetting."""

from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Ruled


def test_the_control_surface_knows_a_tenant_by_header_or_token(caller: Caller) -> None:
    token = caller.log_in()
    by_token = caller.raw("GET", "/__sandbox__/clock", headers={"authorization": f"Bearer {token}"})

    assert by_token.status == 200
    assert caller.control("GET", "/clock").status == 200
    assert Caller(caller.sandbox, "nobody").control("GET", "/clock").status == 401


def test_an_expired_token_still_steers_the_clock(caller: Caller) -> None:
    """Else nobody could turn a clock back."""
    headers = {"authorization": f"Bearer {caller.log_in()}"}
    caller.control("POST", "/clock/advance", {"seconds": 9999})

    assert caller.raw("GET", "/__sandbox__/clock", headers=headers).status == 200


def test_the_control_surface_is_not_under_auras_prefix(caller: Caller) -> None:
    assert caller.ask("GET", "/__sandbox__/clock").status == 404


def test_tenants_are_listed_in_numbers(caller: Caller, customer: int) -> None:
    caller.callout(customer)

    listed = {t["clientId"]: t for t in caller.control("GET", "/tenants").items}

    assert set(listed) == {"aurasim-demo", "client-a"}
    assert listed["client-a"]["activeCallouts"] == 1


def test_a_tenant_is_made_where_the_sandbox_is_closed(ruled: Ruled) -> None:
    caller = ruled(open_to_any_client=False)
    body = {"clientId": "client-a", "clientSecret": "secret"}

    made = caller.control("POST", "/tenants", body)

    assert made.status == 201
    assert caller.grant().status == 200
    assert caller.control("POST", "/tenants", body).status == 409
    assert b"secret" not in made.response.body


def test_a_forgotten_tenant_begins_anew(caller: Caller, customer: int) -> None:
    caller.control("DELETE", "/tenant")

    assert caller.ask("GET", f"/customers/{customer}").status == 401
    caller.log_in()
    assert caller.ask("GET", f"/customers/{customer}").status == 404
    assert caller.customer() == customer


def test_rules_are_a_tenants_own(caller: Caller) -> None:
    other = Caller(caller.sandbox, "client-b")
    caller.log_in()
    other.log_in()

    changed = caller.control("PATCH", "/rules", {"unpaidStatus": 400, "tokenLifeS": 60}).body

    assert (changed["unpaidStatus"], changed["tokenLifeS"]) == (400, 60)
    assert changed["calloutTokenLifeS"] == 900
    assert caller.grant().body["expiresIn"] == 60
    assert other.grant().body["expiresIn"] == 3600


def test_a_rule_that_does_not_exist_or_fit_is_refused(caller: Caller) -> None:
    caller.log_in()

    for body in ({"nonsense": 1}, {"unpaidStatus": 500}, {"tokenLifeS": 0}, {"tokenLifeS": "1"}):
        assert caller.control("PATCH", "/rules", body).status == 400


def test_magic_values_are_in_one_table(caller: Caller) -> None:
    listed = caller.control("GET", "/magic").items

    assert {"field", "value", "effect"} == set(listed[0])
    assert "+27000000409" in str(listed)


def test_ids_of_tenants_do_not_meet(caller: Caller, customer: int) -> None:
    """An id that leaks from one tenant is unknown in another, also for callouts and devices."""
    other = Caller(caller.sandbox, "client-b")
    other_customer = other.customer()
    callout, other_callout = caller.callout(customer), other.callout(other_customer)

    assert other.ask("GET", f"/callouts/{callout}").status == 404
    assert caller.ask("GET", f"/callouts/{other_callout}").status == 404
    assert other.ask("POST", f"/callouts/{callout}/cancel", {}).status == 404
    assert caller.control("GET", f"/callouts/{callout}").body["isActive"] is True

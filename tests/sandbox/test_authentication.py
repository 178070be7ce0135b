"""Server tokens, callout tokens, and who may do what with them."""

import jwt
import pytest
import simpy

from simulator.sandbox import Sandbox
from tests.sandbox.caller import API, HOME, Caller
from tests.sandbox.conftest import Ruled


def test_any_new_client_becomes_a_tenant(caller: Caller) -> None:
    """An unknown clientId gets a token, and with it a universe of its own."""
    answer = caller.grant()

    assert answer.status == 200
    assert answer.body["tokenType"] == "Bearer"
    assert answer.body["expiresIn"] == 3600
    assert caller.sandbox.tenant("client-a").client_id == "client-a"


def test_a_closed_sandbox_knows_its_clients_only(ruled: Ruled) -> None:
    caller = ruled(open_to_any_client=False)

    assert caller.grant().status == 401


def test_the_demo_credentials_work(sandbox: Sandbox) -> None:
    demo = Caller(sandbox, sandbox.demo.client_id, sandbox.demo.client_secret)

    assert demo.grant().status == 200
    assert sandbox.demo.client_secret not in repr(sandbox.demo)


def test_a_wrong_secret_of_a_known_client_is_refused(sandbox: Sandbox, caller: Caller) -> None:
    caller.log_in()

    answer = Caller(sandbox, "client-a", "another").grant()

    assert answer.status == 401
    assert "another" not in answer.message


@pytest.mark.parametrize("left_out", ["clientId", "clientSecret"])
def test_a_missing_field_of_the_credentials_is_malformed(caller: Caller, left_out: str) -> None:
    body = {"clientId": "x", "clientSecret": "y"}
    del body[left_out]

    answer = caller.ask("POST", "/oauth/token", body)

    assert answer.status == 400
    assert left_out in answer.message


def test_the_token_is_a_jwt_with_the_claims_of_the_contract(caller: Caller) -> None:
    claims = jwt.decode(caller.log_in(), options={"verify_signature": False})

    assert claims["clientId"] == claims["sub"] == "client-a"
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["customerSourceId"] == caller.sandbox.tenant("client-a").source_id


def test_the_same_requests_get_the_same_tokens(env: simpy.Environment) -> None:
    """Nothing is drawn by chance: a second sandbox answers byte for byte the same."""
    first, second = (Caller(Sandbox(env, 1000.0), "client-a") for _ in range(2))

    assert first.grant().response == second.grant().response
    assert first.grant().response == second.grant().response


def test_two_tokens_of_one_moment_differ(caller: Caller) -> None:
    assert caller.log_in() != caller.log_in()


def test_a_token_expires_with_the_time_of_the_run(env: simpy.Environment, caller: Caller) -> None:
    caller.log_in()
    env.run(until=3599)
    before = caller.ask("GET", "/responseTypes").status
    env.run(until=3600)

    assert before == 200
    assert caller.ask("GET", "/responseTypes").status == 401


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.b.c"])
def test_a_request_without_a_good_token_is_refused(caller: Caller, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}

    answer = caller.raw("GET", f"{API}/responseTypes", headers=headers)

    assert answer.status == 401
    assert answer.message


def test_a_token_signed_by_somebody_else_is_refused(caller: Caller) -> None:
    caller.log_in()
    forged = jwt.encode({"clientId": "client-a", "iat": 0, "exp": 9e9}, "k" * 32, "HS256")
    unsigned = jwt.encode({"clientId": "client-a", "iat": 0, "exp": 9e9}, "", "none")

    for token in (forged, unsigned):
        headers = {"authorization": f"Bearer {token}"}
        assert caller.raw("GET", f"{API}/responseTypes", headers=headers).status == 401


def test_the_older_spelling_of_the_token_is_a_rule(ruled: Ruled) -> None:
    answer = ruled(snake_case_token=True).grant()

    assert set(answer.body) == {"access_token", "token_type", "expires_in"}


def test_a_callout_token_is_short_lived_and_names_its_customer(
    caller: Caller, customer: int
) -> None:
    answer = caller.ask("POST", "/oauth/calloutToken", {"customerId": customer})
    claims = jwt.decode(str(answer.body["accessToken"]), options={"verify_signature": False})

    assert answer.body["expiresIn"] == 900
    assert claims["customerId"] == customer
    assert claims["scope"] == "callout"


def test_a_callout_token_needs_a_known_customer(caller: Caller) -> None:
    assert caller.ask("POST", "/oauth/calloutToken", {"customerId": 1}).status == 404


def test_a_callout_token_serves_the_whole_callout_flow_of_its_customer(
    caller: Caller, customer: int
) -> None:
    guest = caller.with_callout_token(customer)
    callout = guest.raise_callout(customer).number("callout", "id")

    flow = [
        guest.ask("GET", f"/customers/{customer}/callouts"),
        guest.ask("GET", f"/callouts/{callout}"),
        guest.ask("POST", f"/callouts/{callout}/location", HOME),
        guest.ask("POST", f"/callouts/{callout}/updateLocationAndReturnCallout", HOME),
        guest.ask("POST", f"/callouts/{callout}/events", {"source": "customer", "event": "Hi"}),
        guest.ask("GET", f"/callouts/{callout}/events"),
        guest.ask("POST", f"/callouts/{callout}/cancel", {"safeCode": "4567"}),
    ]
    caller.advance(callout)
    flow.append(guest.ask("POST", "/ratings", {"calloutId": callout, "rating": 5}))

    assert [answer.status for answer in flow] == [200] * len(flow)


def test_a_callout_token_does_not_reach_another_customer(caller: Caller, customer: int) -> None:
    other = caller.customer("+27829999999")
    callout = caller.callout(other)
    guest = caller.with_callout_token(customer)

    refused = [
        guest.raise_callout(other),
        guest.ask("GET", f"/customers/{other}/callouts"),
        guest.ask("GET", f"/callouts/{callout}"),
        guest.ask("POST", f"/callouts/{callout}/cancel", {}),
        guest.ask("POST", "/ratings", {"calloutId": callout, "rating": 5}),
    ]

    assert [answer.status for answer in refused] == [403] * len(refused)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/customers"),
        ("GET", "/callouts/activeCallouts"),
        ("POST", "/callouts"),
        ("POST", "/devices"),
        ("POST", "/deviceEvent"),
        ("POST", "/oauth/calloutToken"),
        ("GET", "/subscriptions/subscriptionTypes"),
        ("POST", "/notifiers/webhooks"),
    ],
)
def test_a_callout_token_is_for_callouts_only(
    caller: Caller, customer: int, method: str, path: str
) -> None:
    assert caller.with_callout_token(customer).ask(method, path, {}).status == 403


def test_magic_clients_get_no_token_or_a_brief_one(sandbox: Sandbox) -> None:
    assert Caller(sandbox, "refused-client").grant().status == 401
    assert Caller(sandbox, "brief-tokens-7").grant().body["expiresIn"] == 5


def test_a_tenant_is_made_in_well_under_five_milliseconds(sandbox: Sandbox) -> None:
    """Shown by count, not by a clock: a thousand tenants are no matter."""
    for number in range(1000):
        sandbox.tenants.add(f"client-{number}", "s")

    assert len(sandbox.tenants) == 1001

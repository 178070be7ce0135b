"""Bad input: refused with a message that helps, in bounded memory, without a traceback."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.aura.http import Request
from simulator.sandbox.routing import Route
from tests.sandbox.caller import API, HOME, Answer, Caller


def _lead(caller: Caller, body: bytes, **headers: str) -> Answer:
    sent = {"authorization": f"Bearer {caller.token or caller.log_in()}"}
    sent |= {name.replace("_", "-"): text for name, text in headers.items()}
    return caller.raw("POST", f"{API}/leads", body, sent)


def test_a_body_over_the_limit_is_refused(caller: Caller) -> None:
    assert _lead(caller, b" " * (1024 * 1024 + 1)).status == 413


def test_headers_over_the_limits_are_refused(caller: Caller) -> None:
    many = {f"x{number}": "1" for number in range(200)}

    assert _lead(caller, b"{}", **many).status == 431
    assert _lead(caller, b"{}", x="1" * 40_000).status == 431


def test_a_path_over_the_limit_is_refused(caller: Caller) -> None:
    assert caller.raw("GET", "/" + "x" * 5000).status == 414


@pytest.mark.parametrize("bracket", [b"[]", b'{"a":}'])
def test_json_that_is_nested_too_deeply_is_refused(caller: Caller, bracket: bytes) -> None:
    """Also where the nest is in a field that nobody reads."""
    opening, closing = bracket[:-1], bracket[-1:]
    deep = opening * 100_000 + b"1" + closing * 100_000

    for body in (deep, b'{"mobileNumber":"+27820000001","x":' + deep + b"}"):
        answer = _lead(caller, body)
        assert answer.status == 400
        assert "nested" in answer.message or "expected object" in answer.message


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nonsense", b"{}x", b"NaN", b'{"a":1e999}', b"\xff\xfe", b"null", b"[]"]
)
def test_what_is_no_json_object_is_refused(caller: Caller, body: bytes) -> None:
    answer = _lead(caller, body)

    assert answer.status == 400
    assert answer.message


def test_bad_utf8_is_refused_where_nobody_would_read_it(caller: Caller, customer: int) -> None:
    answer = _lead(caller, b'{"mobileNumber":"+27820000001","note":"\xff"}')

    assert answer.status == 400
    assert "UTF-8" in answer.message


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000", "\U0001f6a8", "a\\u202eb"])
def test_unusual_text_is_no_bug(caller: Caller, text: str) -> None:
    body = f'{{"mobileNumber":"+27820000001","firstName":"{text}"}}'.encode()

    assert _lead(caller, body).status in (200, 400)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("application/problem+json", 200),
        ("text/plain", 400),
        ("application/x-www-form-urlencoded", 400),
        ("", 400),
    ],
)
def test_a_json_body_says_that_it_is_one(caller: Caller, content_type: str, status: int) -> None:
    answer = _lead(caller, b'{"mobileNumber":"+27820000001"}', content_type=content_type)

    assert answer.status == status


def test_unknown_fields_are_ignored(caller: Caller, customer: int) -> None:
    assert caller.raise_callout(customer, nonsense={"a": [1]}).status == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", ""),
        ("GET", "*"),
        ("PATCH", f"{API}/customers"),
        ("GET", f"{API}/oauth/token"),
        ("OPTIONS", f"{API}/leads"),
        ("GET", f"{API}/customers/1/"),
        ("GET", f"{API}//customers/1"),
        ("GET", f"{API}/callouts/..%2f..%2fetc"),
        ("FOO BAR", "/x"),
    ],
)
def test_a_wrong_method_or_path_is_not_found(caller: Caller, method: str, path: str) -> None:
    headers = {"authorization": f"Bearer {caller.log_in()}"}

    answer = caller.raw(method, path, headers=headers)

    assert answer.status == 404
    assert answer.message


def test_a_query_does_not_change_the_path(caller: Caller) -> None:
    assert caller.ask("GET", "/responseTypes?x=1&y").status == 200


def test_a_percent_sign_in_a_path_is_read(caller: Caller, customer: int) -> None:
    caller.link(customer)

    assert caller.ask("DELETE", "/devices/2621793%39").status == 200
    assert caller.ask("DELETE", "/devices/%ff%00").status == 404


def test_a_number_of_any_length_in_a_path_is_not_found(caller: Caller) -> None:
    assert caller.ask("GET", f"/customers/{'9' * 3000}").status == 404
    assert caller.ask("GET", f"/callouts/{'9' * 3000}").status == 404


def test_a_failure_of_ours_is_answered_without_a_traceback(
    caller: Caller, customer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret inside")

    monkeypatch.setattr(caller.sandbox.tenant("client-a").customers, "get", fail)

    answer = caller.ask("GET", f"/customers/{customer}")

    assert answer.status == 500
    assert "secret" not in answer.message


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def _filled(route: Route, known: dict[str, object]) -> str:
    path = route.path
    for name, value in known.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_body_makes_a_route_fail(caller: Caller, data: st.DataObject) -> None:
    """Bytes, JSON, and a well-known body with one value exchanged: never a 5xx."""
    caller.log_in()
    tenant = caller.sandbox.tenant("client-a")
    if not len(tenant.customers):
        caller.link(caller.customer())
        caller.press()
    known: dict[str, object] = {
        "customerId": next(iter(tenant.customers.rows), 1),
        "calloutId": next(iter(tenant.callouts.rows), 1),
    }
    bodies = [route for route in caller.sandbox.house.routes if route.takes]
    route = data.draw(st.sampled_from(bodies))
    good = {
        "customerId": known["customerId"],
        "deviceSerial": "AB26217939",
        "deviceSupplier": "ExampleBrand",
        "location": HOME,
        **HOME,
        "responseTypeId": 1,
        "device_id": "26217939",
        "device_type_id": 5,
        "message_type": 2,
        "body": HOME,
    }
    good[data.draw(st.sampled_from(sorted(good)))] = data.draw(_JSON)
    body = data.draw(
        st.binary(max_size=50)
        | _JSON.map(lambda value: json.dumps(value).encode())
        | st.just(json.dumps(good).encode())
    )
    headers = {"authorization": f"Bearer {caller.token}", "x-sandbox-client": "client-a"}

    response = caller.sandbox.handle(Request(route.method, _filled(route, known), headers, body))

    assert response.status < 500

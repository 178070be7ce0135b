"""The pages without a browser: what they show, what their buttons do, and what they refuse."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from urllib.parse import parse_qsl, urlencode

import pytest

from simulator.sandbox import Sandbox
from simulator.sandbox.pages import PAGES
from simulator.sandbox.routing import Scope
from tests.sandbox.caller import CONTROL, Answer, Caller

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&tenant=other"
FORM = {"content-type": "application/x-www-form-urlencoded", "host": "127.0.0.1:8787"}
NAMES = ("tenant", "map", "requests", "webhooks", "switches")


def get(caller: Caller, name: str, **query: object) -> Answer:
    """Open a page of a caller's tenant."""
    asked = urlencode({"tenant": caller.client_id, **query})
    return caller.raw("GET", f"{CONTROL}/pages/{name}?{asked}")


def text(answer: Answer) -> str:
    """Return a page that is one."""
    assert answer.status == 200, answer.response.body
    assert answer.response.headers["content-type"] == "text/html; charset=utf-8"
    return answer.response.body.decode()


def push(
    caller: Caller, action: str, headers: Mapping[str, str] | None = None, **f: object
) -> Answer:
    """Send a form of a caller's tenant."""
    fields = urlencode({"tenant": caller.client_id, "back": f"{CONTROL}/pages/map?tenant=a", **f})
    return caller.raw(
        "POST", f"{CONTROL}/pages/do/{action}", fields.encode(), {**FORM, **(headers or {})}
    )


def forms(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the action of each form of a page, with its hidden fields."""
    for action, inside in re.findall(
        r'<form method="post" action="(\S+)".*?>(.*?)</form>', page, re.S
    ):
        hidden = re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', inside)
        yield action, {name: unescape(value) for name, value in hidden}


def test_the_overview_shows_every_tenant(caller: Caller) -> None:
    caller.customer()

    shown = text(caller.raw("GET", f"{CONTROL}/"))

    assert "aurasim-demo" in shown
    assert "client-a" in shown
    assert text(caller.raw("GET", CONTROL)) == shown


@pytest.mark.parametrize("name", NAMES)
def test_a_page_may_load_nothing_and_be_framed_by_nobody(caller: Caller, name: str) -> None:
    caller.log_in()
    answer = get(caller, name)
    policy = answer.response.headers["content-security-policy"]

    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text(answer))
    assert " style=" not in text(answer), "the policy forbids it"


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_tenant_has_every_page(caller: Caller, name: str) -> None:
    caller.log_in()

    assert "<h1>" in text(get(caller, name))


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_only_text(sandbox: Sandbox, name: str) -> None:
    caller = Caller(sandbox, HOSTILE)
    customer = caller.ask(
        "POST",
        "/customers",
        {"customer": {"name": HOSTILE, "surname": "x", "mobile": "+27821234567"}},
    )
    caller.ask("GET", f"/customers/{customer.number('customer', 'id')}?{HOSTILE}")
    caller.control("POST", "/faults", {"kind": "error", "device": HOSTILE})

    shown = text(get(caller, name))

    assert "<script>alert" not in shown
    assert "<img" not in shown
    links = re.findall(r'href="/__sandbox__/pages/\w+\?(.*?)"', shown)
    assert all(dict(parse_qsl(unescape(link)))["tenant"] == HOSTILE for link in links)


def test_a_callout_is_shown_with_its_steps_and_taken_on_by_its_buttons(
    caller: Caller, customer: int
) -> None:
    callout = caller.callout(customer)
    shown = text(get(caller, "callout", id=callout))
    assert "Next: dispatched" in shown
    assert "NEW_CALLOUT" in shown

    path, fields = next(iter(forms(shown)))
    answer = caller.raw("POST", path, urlencode(fields).encode(), FORM)

    assert answer.status == 303
    back = answer.response.headers["location"]
    assert "Next: on-scene" in text(caller.raw("GET", back))


@pytest.mark.parametrize("state", ["created", "owned", "dispatched", "on-scene", "stood-down"])
def test_every_offered_state_can_be_reached(caller: Caller, customer: int, state: str) -> None:
    callout = caller.callout(customer)
    if state != "created":
        caller.advance(callout, state)
    caller.control("POST", "/snapshots", {"name": "before"})

    for path, fields in forms(text(get(caller, "callout", id=callout))):
        assert caller.raw("POST", path, urlencode(fields).encode(), FORM).status == 303, fields
        caller.control("POST", "/snapshots/before/restore")


def test_every_button_names_an_action_that_exists(caller: Caller, customer: int) -> None:
    callout = caller.callout(customer)
    caller.control("POST", "/faults", {"kind": "error", "device": "x"})
    caller.control("POST", "/snapshots", {"name": "before"})
    known = {r.name for r in caller.sandbox.house.routes if r.scope in (Scope.CONTROL, Scope.OPEN)}

    pages = [text(get(caller, name)) for name in NAMES]
    pages += [text(get(caller, "callout", id=callout)), text(caller.raw("GET", f"{CONTROL}/"))]

    actions = {path.rpartition("/")[2] for page in pages for path, _ in forms(page)}
    assert len(actions) >= 15
    assert actions <= known


def test_the_map_shows_callouts_and_devices(caller: Caller, customer: int) -> None:
    assert "Nothing has a place yet" in text(get(caller, "map"))
    callout = caller.callout(customer)

    shown = text(get(caller, "map"))

    assert f'aria-label="Callout {callout}, created"' in shown
    assert "°S" in shown


def test_the_address_of_a_callout_is_a_page_that_controls_nothing(
    caller: Caller, customer: int
) -> None:
    answer = caller.raise_callout(customer)
    callout, url = answer.number("callout", "id"), str(answer.inside("callout")["url"])
    caller.ask("POST", f"/callouts/{callout}/cancel", {"safeCode": "0000"})
    path = CONTROL + url.removeprefix("https://track.sandbox.invalid")

    shown = text(caller.raw("GET", path))

    assert f"callout {callout}" in shown
    assert "duress" not in shown
    assert list(forms(shown)) == []
    assert caller.raw("GET", path.replace(str(callout), "1")).status == 404
    assert caller.raw("GET", path.replace(str(callout), "x")).status == 404


def test_requests_are_filtered(caller: Caller, customer: int) -> None:
    caller.callout(customer)

    shown = text(get(caller, "requests", path="*/callouts", method="post"))

    assert "1 found" in shown
    assert "/oauth/token" not in shown
    assert get(caller, "requests", status="many").status == 400


def test_secrets_are_not_shown(caller: Caller, customer: int) -> None:
    caller.ask(
        "POST",
        "/notifiers/webhooks",
        {"url": "https://x.invalid/", "events": ["NEW_CALLOUT"], "headers": {"a": "hush-hush"}},
    )
    caller.callout(customer)
    shown = "".join(text(get(caller, name)) for name in NAMES)

    assert caller.token is not None
    for secret in (caller.token, "hush-hush", f'"{caller.secret}"'):
        assert secret not in shown


def test_a_delivery_is_sent_again(caller: Caller, customer: int) -> None:
    body = {"url": "https://x.invalid/", "events": ["NEW_CALLOUT"]}
    caller.ask("POST", "/notifiers/webhooks", body)
    caller.callout(customer)
    before = len(caller.events())

    letter = caller.control("GET", "/webhooks").items[-1]["id"]
    assert push(caller, "resend_delivery", deliveryId=letter).status == 303

    assert len(caller.events()) == before + 1


def test_the_clock_is_frozen_advanced_set_and_settled(caller: Caller) -> None:
    caller.log_in()
    for action, fields in (
        ("freeze_clock", {}),
        ("advance_clock", {"seconds": "90.5"}),
        ("settle_clock", {}),
    ):
        assert push(caller, action, None, **fields).status == 303
    assert "08:31:30" in text(get(caller, "switches"))

    push(caller, "set_clock_to", now="2027-01-02T03:04:05Z")
    assert "2027-01-02 03:04:05" in text(get(caller, "switches"))
    assert "frozen" in text(get(caller, "switches"))


def test_faults_are_switched_on_and_off(caller: Caller) -> None:
    caller.log_in()
    push(caller, "create_fault", kind="too-many-requests", times="1", retryAfter="7", acts="true")

    assert caller.control("GET", "/faults").items == [
        {
            "kind": "too-many-requests",
            "route": None,
            "device": None,
            "share": 1.0,
            "times": 1,
            "seconds": 1.0,
            "sigma": 0.0,
            "retryAfter": 7,
            "acts": True,
            "id": 1,
            "hits": 0,
        }
    ]
    push(caller, "delete_fault", faultId=1)
    assert caller.control("GET", "/faults").items == []


def test_rules_are_changed(caller: Caller) -> None:
    caller.log_in()
    push(caller, "change_rules", tokenLifeS="30", snakeCaseToken="true")

    rules = caller.control("GET", "/rules").body
    assert (rules["tokenLifeS"], rules["snakeCaseToken"], rules["unpaidStatus"]) == (30, True, 403)


def test_a_tenant_is_made(caller: Caller) -> None:
    body = urlencode({"clientId": "new one", "clientSecret": "s"}).encode()
    answer = caller.raw("POST", f"{CONTROL}/pages/do/create_tenant", body, FORM)

    assert answer.status == 303
    assert caller.sandbox.tenant("new one")


@pytest.mark.parametrize(
    ("action", "fields", "status", "says"),
    [
        ("advance_callout", {"calloutId": "1"}, 404, "no callout 1"),
        ("advance_clock", {"seconds": "much"}, 400, "seconds: expected float, got str."),
        ("create_fault", {"kind": "gremlin"}, 400, "kind: invalid enum value"),
        ("get_clock", {}, 404, "no action get_clock"),
        ("create_customer", {}, 404, "no action create_customer"),
    ],
)
def test_what_cannot_be_done_is_said_on_a_page(
    caller: Caller, action: str, fields: dict[str, str], status: int, says: str
) -> None:
    caller.log_in()

    answer = push(caller, action, None, **fields)

    assert answer.status == status
    assert says in unescape(answer.response.body.decode()).replace("'", "")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://elsewhere.invalid"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_page_is_refused(caller: Caller, headers: dict[str, str]) -> None:
    caller.log_in()

    assert push(caller, "freeze_clock", headers).status == 403
    assert push(caller, "freeze_clock", {"origin": "http://127.0.0.1:8787"}).status == 303


def test_what_is_no_form_is_refused(caller: Caller) -> None:
    caller.log_in()

    assert push(caller, "freeze_clock", {"content-type": "text/plain"}).status == 400
    assert caller.raw("POST", f"{CONTROL}/pages/do/freeze_clock", b"\xff", FORM).status == 400


@pytest.mark.parametrize(
    "back", ["//evil.invalid/", "https://evil.invalid/", "/__sandbox__/\r\nx: y"]
)
def test_a_form_leads_back_to_our_pages_only(caller: Caller, back: str) -> None:
    caller.log_in()

    assert push(caller, "freeze_clock", back=back).response.headers["location"] == f"{CONTROL}/"


def test_an_unknown_tenant_is_said(caller: Caller) -> None:
    answer = caller.raw("GET", f"{CONTROL}/pages/map?tenant=nobody")

    assert answer.status == 404
    assert b"There is no tenant nobody." in answer.response.body


def test_pages_are_not_part_of_the_described_api(caller: Caller) -> None:
    described = caller.raw("GET", f"{CONTROL}/openapi.json").inside("paths")

    assert not {page.path for page in PAGES} & set(described)

"""Fixed locations, their callouts, and the bulk upload."""

import pytest

from simulator.aura.http import Request, Response
from simulator.sandbox import to_handler
from tests.sandbox.caller import Answer, Caller
from tests.sandbox.conftest import Ruled

SITE: dict[str, object] = {
    "externalReferenceId": "site_9944",
    "locationIdentifier": "site_9944",
    "locationDescription": "Downtown Branch",
    "latitude": "-26.12345",
    "longitude": "28.12345",
    "formattedAddress": "123 Main Street, Johannesburg",
    "calloutLocationTypeId": 3,
}
ALL = "/predefinedLocations"


def test_a_site_is_answered_flat_with_texts_and_dotted_keys(caller: Caller) -> None:
    site = caller.ask("POST", ALL, SITE).body

    assert {key: site[key] for key in SITE} == SITE
    assert site["calloutLocationType.id"] == 3
    assert site["calloutLocationType.value"] == site["calloutLocationTypeValue"] == "SITE"
    assert (site["securityCoverage"], site["medicalCoverage"]) == (True, True)
    assert "message" not in site


def test_the_dotted_keys_are_null_without_a_type(caller: Caller) -> None:
    site = caller.ask("POST", ALL, {**SITE, "calloutLocationTypeId": None}).body

    dotted = [value for key, value in site.items() if "." in key]
    assert dotted == [None] * 6


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"latitude": -26.1}, 400, "latitude"),
        ({"latitude": "91"}, 400, "latitude"),
        ({"longitude": "-180.5"}, 400, "longitude"),
        ({"latitude": "nan"}, 400, "latitude"),
        ({"externalReferenceId": None}, 400, "externalReferenceId"),
        ({"externalReferenceId": ""}, 400, "externalReferenceId"),
        ({"calloutLocationTypeId": 99}, 400, "calloutLocationTypeId"),
        ({"customerId": 7}, 404, "customer"),
    ],
)
def test_a_bad_site_is_refused(
    caller: Caller, change: dict[str, object], status: int, field: str
) -> None:
    answer = caller.ask("POST", ALL, {**SITE, **change})

    assert answer.status == status
    assert field in answer.message


@pytest.mark.parametrize("name", ["externalReferenceId", "locationIdentifier"])
def test_both_names_of_a_site_are_unique(caller: Caller, name: str) -> None:
    caller.ask("POST", ALL, SITE)
    other = {**SITE, "externalReferenceId": "o", "locationIdentifier": "o", name: "site_9944"}

    answer = caller.ask("POST", ALL, other)

    assert answer.status == 409
    assert name in answer.message


def test_a_site_is_read_changed_listed_and_forgotten(caller: Caller) -> None:
    site_id = caller.ask("POST", ALL, SITE).body["id"]

    changed = caller.ask("PUT", f"{ALL}/{site_id}", {**SITE, "latitude": "0"}).body

    assert caller.ask("GET", f"{ALL}/{site_id}").body == changed
    assert caller.ask("GET", ALL).items == [changed]
    assert (changed["latitude"], changed["securityCoverage"]) == ("0", False)
    assert caller.ask("DELETE", f"{ALL}/{site_id}").status == 200
    for method in ("GET", "PUT", "DELETE"):
        assert caller.ask(method, f"{ALL}/{site_id}", SITE).status == 404


def test_the_site_of_the_first_documentation_is_taken_where_that_is_set(ruled: Ruled) -> None:
    old = {
        "name": "x",
        "externalReferenceId": "x",
        "latitude": -26.1,
        "longitude": 28.1,
        "address": "Main",
    }

    site = ruled(accept_older=True).ask("POST", ALL, old).body

    assert (site["locationIdentifier"], site["latitude"]) == ("x", "-26.1")
    assert site["formattedAddress"] == "Main"


@pytest.mark.parametrize("body", [None, {}, {"installerIdentifier": "me"}])
def test_a_site_calls_without_a_subscription(
    caller: Caller, body: dict[str, object] | None
) -> None:
    caller.ask("POST", ALL, SITE)

    answer = caller.ask("POST", f"{ALL}/externalRef/site_9944/callouts", body)

    assert answer.status == 201
    assert answer.body["externalReferenceId"] == "site_9944"
    assert answer.body["installerIdentifier"] == (body or {}).get("installerIdentifier")
    assert answer.inside("callout")["latitude"] == -26.12345


def test_an_open_callout_of_a_site_is_returned(caller: Caller) -> None:
    caller.ask("POST", ALL, SITE)
    path = f"{ALL}/externalRef/site_9944/callouts"
    first = caller.ask("POST", path, {})

    second = caller.ask("POST", path, {})

    assert second.status == 200
    assert second.body["callout"] == first.body["callout"]


def test_two_sites_have_two_callouts(caller: Caller) -> None:
    caller.ask("POST", ALL, SITE)
    other = {**SITE, "externalReferenceId": "b c", "locationIdentifier": "b"}
    caller.ask("POST", ALL, other)

    answers = [
        caller.ask("POST", f"{ALL}/externalRef/{name}/callouts", {}).number("callout", "id")
        for name in ("site_9944", "b%20c")
    ]

    assert len(set(answers)) == 2


def test_an_unknown_reference_is_400_and_not_404(caller: Caller) -> None:
    answer = caller.ask("POST", f"{ALL}/externalRef/nowhere/callouts", {})

    assert answer.status == 400
    assert "externalReferenceId" in answer.message


def test_a_safe_code_cannot_be_checked_at_a_site_of_nobody(caller: Caller) -> None:
    caller.ask("POST", ALL, SITE)
    callout = caller.ask("POST", f"{ALL}/externalRef/site_9944/callouts", {}).number(
        "callout", "id"
    )

    assert caller.ask("POST", f"/callouts/{callout}/cancel", {"safeCode": "1234"}).status == 400
    assert caller.ask("POST", f"/callouts/{callout}/cancel", {}).status == 200


def _upload(caller: Caller, csv: str, **fields: str) -> Answer:
    fields = {"callbackUrl": "https://x.org/done", **fields}
    parts = [
        f'--B\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}' for k, v in fields.items()
    ]
    parts.append(
        '--B\r\nContent-Disposition: form-data; name="locations"; filename="l.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{csv}"
    )
    body = "\r\n".join([*parts, "--B--", ""]).encode()
    headers = {
        "authorization": f"Bearer {caller.token or caller.log_in()}",
        "content-type": "multipart/form-data; boundary=B",
    }
    return caller.raw("POST", "/v2/predefinedLocations/bulk", body, headers)


CSV = (
    "externalReferenceId,locationIdentifier,latitude,longitude,calloutLocationTypeId\r\n"
    "a,a,-26.1,28.1,3\r\n"
    "b,b,95,28.1,\r\n"
    "a,c,-26.1,28.1,\r\n"
    '"d, the last",d,-26.1,28.1,\r\n'
)


def test_a_bulk_upload_takes_the_good_lines_and_calls_back(caller: Caller) -> None:
    called: list[Request] = []

    def receive(request: Request) -> Response:
        called.append(request)
        return Response(200)

    caller.sandbox.house.deliver = to_handler(receive)

    answer = _upload(caller, CSV, source="test")

    assert answer.body == {"message": "Request completed successfully."}
    assert [site["externalReferenceId"] for site in caller.ask("GET", ALL).items] == [
        "a",
        "d, the last",
    ]
    assert called[0].path == "/done"
    assert b'"created":2' in called[0].body
    assert b'"line":3' in called[0].body
    assert b'"line":4' in called[0].body


def test_a_bulk_upload_takes_another_delimiter(caller: Caller) -> None:
    _upload(caller, CSV.splitlines()[0].replace(",", ";") + "\na;a;1;2;", delimiter=";")

    assert len(caller.ask("GET", ALL).items) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"callbackUrl": ""}, "callbackUrl"),
        ({"callbackUrl": "http://x.org"}, "callbackUrl"),
        ({"callbackUrl": "ftp://x"}, "callbackUrl"),
        ({"delimiter": ";;"}, "delimiter"),
    ],
)
def test_a_bad_upload_is_refused(caller: Caller, fields: dict[str, str], field: str) -> None:
    answer = _upload(caller, CSV, **fields)

    assert answer.status == 400
    assert field in answer.message
    assert caller.ask("GET", ALL).items == []


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data", "multipart/form-data; boundary=Z"]
)
def test_an_upload_that_is_no_form_is_refused(caller: Caller, content_type: str) -> None:
    headers = {"authorization": f"Bearer {caller.log_in()}", "content-type": content_type}

    answer = caller.raw("POST", "/v2/predefinedLocations/bulk", b"--B\r\n\r\nx", headers)

    assert answer.status == 400


@pytest.mark.parametrize("csv", ['a,b\r\n"x', CSV.encode().decode("latin-1") + "\x00\xff"])
def test_a_file_that_is_no_csv_is_refused_or_its_lines_are(caller: Caller, csv: str) -> None:
    answer = _upload(caller, csv)

    assert answer.status in (200, 400)


def test_a_file_that_is_not_utf8_is_refused(caller: Caller) -> None:
    headers = {
        "authorization": f"Bearer {caller.log_in()}",
        "content-type": "multipart/form-data; boundary=B",
    }
    body = (
        b'--B\r\nContent-Disposition: form-data; name="callbackUrl"\r\n\r\nhttps://x.org\r\n'
        b'--B\r\nContent-Disposition: form-data; name="locations"; filename="l"\r\n\r\n'
        b"externalReferenceId\r\n\xff\r\n--B--\r\n"
    )

    answer = caller.raw("POST", "/v2/predefinedLocations/bulk", body, headers)

    assert answer.status == 400
    assert "locations" in answer.message


def test_a_callback_carries_no_headers_of_the_webhook(caller: Caller) -> None:
    """They are the secret of another receiver."""
    called: list[Request] = []

    def receive(request: Request) -> Response:
        called.append(request)
        return Response(200)

    caller.sandbox.house.deliver = to_handler(receive)
    body = {"url": "https://me.org", "events": ["NEW_CALLOUT"], "headers": {"x-key": "k"}}
    caller.ask("POST", "/notifiers/webhooks", body)

    _upload(caller, CSV)

    assert "x-key" not in called[0].headers

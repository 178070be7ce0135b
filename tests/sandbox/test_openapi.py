"""The OpenAPI description of the sandbox."""

import re
from typing import cast

import jsonschema_rs
import pytest

from tests.sandbox.caller import API, CONTROL, Caller


def _description(caller: Caller) -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    answer = caller.raw("GET", f"{CONTROL}/openapi.json")
    return cast(dict[str, dict[str, dict[str, dict[str, object]]]], answer.body)


def test_every_route_is_described(caller: Caller) -> None:
    description = _description(caller)
    paths = description["paths"]

    for route in caller.sandbox.house.routes:
        assert route.method.lower() in paths[route.path]


@pytest.mark.parametrize(
    "path",
    [
        "/oauth/token",
        "/customers/{customerId}/delete",
        "/callouts/{calloutId}/updateLocationAndReturnCallout",
        "/callouts/{calloutId}/resolution-report",
        "/deviceEvent",
        "/predefinedLocations/externalRef/{externalReferenceId}/callouts",
        "/notifiers/webhooks",
        "/scheduled/{serviceType}",
    ],
)
def test_the_description_has_the_paths_of_the_contract(caller: Caller, path: str) -> None:
    assert API + path in _description(caller)["paths"]


def test_285_is_described(caller: Caller) -> None:
    operation = _description(caller)["paths"][f"{API}/callouts/{{calloutId}}/location"]["post"]

    assert "285" in cast(dict[str, object], operation["responses"])


def test_all_references_lead_somewhere(caller: Caller) -> None:
    text = caller.raw("GET", f"{CONTROL}/openapi.json").response.body.decode()
    known = _description(caller)["components"]["schemas"]

    assert set(re.findall(r"#/components/schemas/(\w+)", text)) <= set(known)


def test_operations_have_names_of_their_own(caller: Caller) -> None:
    names = [
        operation["operationId"]
        for methods in _description(caller)["paths"].values()
        for operation in methods.values()
    ]

    assert len(names) == len(set(cast(list[str], names)))


def test_the_schemas_are_valid(caller: Caller) -> None:
    for schema in _description(caller)["components"]["schemas"].values():
        assert jsonschema_rs.meta.is_valid(schema)

"""Response types, and where they are answered."""

from xml.etree import ElementTree as ET

import pytest

from tests.sandbox.caller import API, Caller


def test_response_types_say_which_flows_they_serve(caller: Caller) -> None:
    listed = caller.ask("GET", "/responseTypes").body["responseTypes"]

    assert isinstance(listed, list)
    assert [(kind["id"], kind["value"]) for kind in listed] == [(1, "SECURITY"), (2, "MEDICAL")]
    assert set(listed[0]["enabledLocations"]) == {"fixedLocation", "personalSafety"}


def test_coverage_is_kml_with_a_placemark_a_polygon(caller: Caller) -> None:
    headers = {"authorization": f"Bearer {caller.log_in()}"}

    response = caller.raw("GET", f"{API}/coverage/1", headers=headers).response

    assert response.headers["content-type"] == "application/vnd.google-earth.kml+xml"
    marks = ET.fromstring(response.body).iter("{http://www.opengis.net/kml/2.2}Placemark")  # noqa: S314 - our own
    assert len(list(marks)) == 2


@pytest.mark.parametrize("name", ["3", "0", "x"])
def test_coverage_of_an_unknown_type_is_not_found(caller: Caller, name: str) -> None:
    assert caller.ask("GET", f"/coverage/{name}").status == 404

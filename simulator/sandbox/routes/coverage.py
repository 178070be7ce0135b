"""Response types, and where each of them is answered."""

from msgspec import Struct

from simulator.sandbox.catalogue import RESPONSE_TYPES, ResponseType
from simulator.sandbox.polygons import COVERAGE, kml
from simulator.sandbox.refusal import missing
from simulator.sandbox.routing import DONE, PREFIX, Call, Reply, route

KML = "application/vnd.google-earth.kml+xml"


class ResponseTypes(Struct, frozen=True, kw_only=True, rename="camel"):
    """What kinds of help there are."""

    message: str = DONE
    response_types: tuple[ResponseType, ...]


def list_response_types(call: Call) -> Reply:
    """List the response types; their ids are to be read from here."""
    del call
    return Reply(200, ResponseTypes(response_types=tuple(RESPONSE_TYPES.values())))


def get_coverage(call: Call) -> Reply:
    """Return where a response type is answered, as KML."""
    response_type_id = call.id("responseTypeId")
    if response_type_id not in COVERAGE:
        raise missing("response type", response_type_id)
    return Reply(200, kml(response_type_id), KML)


ROUTES = (
    route("GET", f"{PREFIX}/responseTypes", list_response_types, answers={200: ResponseTypes}),
    route(
        "GET",
        f"{PREFIX}/coverage/{{responseTypeId}}",
        get_coverage,
        answers={200: str},
        refusals=(404,),
        content_type=KML,
    ),
)

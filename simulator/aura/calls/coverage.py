"""Which kinds of response there are, and where."""

from simulator.aura.call import Call, Repeat
from simulator.aura.http import Response
from simulator.aura.paths import segment
from simulator.aura.reading import Fields, ShapeError, many
from simulator.aura.types import ResponseType


def response_types() -> Call[list[ResponseType]]:
    """List the kinds of response; their ids are read from here. Errors: 401.

    AURA: overview/core-concepts/response-types; the path is the setting `Paths.response_types`.
    """
    read = many(_read_type, "responseTypes")
    return Call("GET", lambda paths: paths.response_types, read, repeat=Repeat.SAFE)


def polygons(response_type_id: int) -> Call[str]:
    """Read where a kind of response is available: a KML document, one Placemark a polygon.

    There is no question by point: look it up in the polygons. Errors: 401, 404.
    AURA: overview/core-concepts/coverage.
    """
    return Call("GET", f"/coverage/{segment(response_type_id)}", _document, repeat=Repeat.SAFE)


def _read_type(fields: Fields) -> ResponseType:
    return ResponseType(
        fields.identity("id"), fields.text("value"), fields.text("description"), raw=fields.raw
    )


def _document(response: Response) -> str:
    text = response.body.decode("utf-8-sig", errors="replace")
    if not text.lstrip().startswith("<"):
        message = "the body is no XML document"
        raise ShapeError(message)
    return text

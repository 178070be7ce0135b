"""A callout out of any of its shapes: flat when created, nested when read, and in webhooks."""

from collections.abc import Callable
from typing import TypeVar

from simulator.aura.http import Response
from simulator.aura.reading import Fields, ShapeError, entity, id_of
from simulator.aura.types import Callout, CalloutId, Classification, CustomerId, LocationId

T = TypeVar("T")


def read_callout(fields: Fields) -> Callout:
    """Read a callout; what the flat shape does not say is looked for in its first incident."""
    incident = fields.part("incidentInformation")
    place = incident.part("calloutCurrentLocation")
    either = _merged(fields, incident)
    return Callout(
        id=CalloutId(fields.identity("id", "calloutId")),
        status=fields.text("status"),
        customer_id=id_of(CustomerId, either.whole("customerId")),
        latitude=_first(place.number("latitude"), either.number("latitude")),
        longitude=_first(place.number("longitude"), either.number("longitude")),
        address=place.text("formattedAddress"),
        url=fields.text("url"),
        classification=_classification(either),
        response_type_id=_first(
            fields.whole("responseTypeId"), either.part("responseType").whole("id")
        ),
        predefined_location_id=id_of(LocationId, either.whole("predefinedLocationId")),
        created_s=fields.moment("createdAt"),
        responder=_guess(either.part("responder").text, "name"),
        dispatched_s=_guess(either.moment, "dispatchedAt"),
        arrived_s=_guess(either.moment, "arrivedAt"),
        completed_s=_guess(either.moment, "completedAt"),
        raw=fields.raw,
    )


def callout_of(response: Response) -> Callout:
    """Read the callout of an answer, wrapped or bare."""
    return read_callout(entity(response, "callout"))


def _merged(callout: Fields, incident: Fields) -> Fields:
    """Return a callout's own fields, and behind them those of its incident."""
    stated = {name: value for name, value in callout.raw.items() if value is not None}
    return Fields({**incident.raw, **stated})


def _classification(either: Fields) -> str | None:
    found = either.value("calloutClassification")
    if isinstance(found, str):
        return found.upper()
    named = either.part("calloutClassification").text("value")
    if named:
        return named.upper()
    number = either.whole("calloutClassificationId")
    known = {one.value: one.name for one in Classification}
    return None if number is None else known.get(number, str(number))


def _guess(read: Callable[[str], T], name: str) -> T | None:
    """Read a field whose name and form AURA has not published; a surprise there is no error."""
    try:
        return read(name)
    except ShapeError:
        return None


def _first(one: T | None, other: T | None) -> T | None:
    return other if one is None else one

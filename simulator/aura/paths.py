"""The paths AURA's documentation leaves open, as settings, and how values enter a path."""

from dataclasses import dataclass
from urllib.parse import quote

from simulator.errors import InputError


@dataclass(frozen=True, slots=True)
class Paths:
    """Where operations live whose exact path is inferred or not published; override when known.

    `bulk_locations` is the one path that does not start with the API's prefix.
    """

    prefix: str = "/panic-api/v2"
    update_and_return: str = "updateLocationAndReturnCallout"
    resolution_report: str = "resolutionReport"
    exception_reasons: str = "exceptionReasons"
    dismiss: str = "dismiss"
    rating_items: str = "/rating-items"
    response_types: str = "/responseTypes"
    fixed_locations: str = "/predefinedLocations"
    subscription_sessions: str = "/customer-subscription/sessions"
    bulk_locations: str = "/v2/predefinedLocations/bulk"


def segment(value: int | str) -> str:
    """Return a value as one segment of a path; raises InputError where that cannot be."""
    text = quote(str(value), safe="")
    if text in ("", ".", ".."):
        message = f"'{value}' cannot be part of a path. Give the id that AURA returned."
        raise InputError(message)
    return text

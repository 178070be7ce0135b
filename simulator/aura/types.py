"""What AURA knows, as values: read from its answers, and given to its operations.

Times are seconds since 1970 (`_s`). `raw` is AURA's own object, for fields that are not named here;
it does not count when values are compared, and is not shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NewType

from simulator.aura.call import Json

CustomerId = NewType("CustomerId", int)
SubscriptionId = NewType("SubscriptionId", int)
CalloutId = NewType("CalloutId", int)
LocationId = NewType("LocationId", int)

Raw = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class _Read:
    """Something read from AURA."""

    raw: Raw = field(default_factory=dict, repr=False, compare=False, kw_only=True)


class Classification(IntEnum):
    """Whether a callout is for life or for a test."""

    REAL = 1
    TEST = 2


class Sentiment(StrEnum):
    """How a rating item is meant."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Subscription(_Read):
    """A customer's right to a response, from `valid_from_s` to `valid_to_s`."""

    id: SubscriptionId
    customer_id: CustomerId | None = None
    subscription_type_id: int | None = None
    valid_from_s: float | None = None
    valid_to_s: float | None = None
    cancelled_s: float | None = None
    dependant_customer_ids: tuple[CustomerId, ...] = ()

    def is_active(self, now_s: float) -> bool:
        """Return whether a callout would be accepted; AURA has no status field for it."""
        begun = self.valid_from_s is None or self.valid_from_s <= now_s
        ended = self.valid_to_s is not None and self.valid_to_s < now_s
        return begun and not ended and self.cancelled_s is None


@dataclass(frozen=True, slots=True)
class SubscriptionType(_Read):
    """A kind of subscription; ids differ between staging and production."""

    id: int
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Customer(_Read):
    """A person who can be helped; the last four digits of `mobile` are the safe code."""

    id: CustomerId
    name: str | None = None
    surname: str | None = None
    mobile: str | None = None
    email: str | None = None
    external_reference_id: str | None = None
    customer_source_id: int | None = None
    subscription: Subscription | None = None  # where a create answer echoes it


@dataclass(frozen=True, slots=True)
class DeviceLink(_Read):
    """A device that acts for a customer; `device_id` is what its events carry."""

    id: int
    customer_id: CustomerId | None
    device_id: str
    device_serial: str | None = None
    alias: str | None = None
    device_type_id: int | None = None
    firmware_version: str | None = None
    battery_percent: float | None = None
    battery_received_s: float | None = None
    health_received_s: float | None = None
    customer_source_id: int | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place on earth, in degrees, and how far off it may be, in metres."""

    latitude: float
    longitude: float
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Callout(_Read):
    """An emergency response, read from the flat or the nested shape.

    `status` is free text of mixed casing; ask `is_closed` rather than comparing it. Responder and
    times are None until reached. `classification` is "REAL", "TEST" or what AURA wrote.
    """

    id: CalloutId
    status: str | None = None
    customer_id: CustomerId | None = None
    latitude: float | None = None
    longitude: float | None = None
    address: str | None = None
    url: str | None = None
    classification: str | None = None
    response_type_id: int | None = None
    predefined_location_id: LocationId | None = None
    created_s: float | None = None
    responder: str | None = None
    dispatched_s: float | None = None
    arrived_s: float | None = None
    completed_s: float | None = None

    @property
    def is_closed(self) -> bool:
        """Return whether AURA has closed it: location updates end, artifacts begin."""
        return (self.status or "").strip().casefold() == "closed"

    @property
    def is_test(self) -> bool:
        """Return whether it is marked as a test."""
        return self.classification == Classification.TEST.name


@dataclass(frozen=True, slots=True)
class LocationAnswer:
    """What AURA says to a location update; `callout` is there where the operation returns it.

    When `is_closed` (HTTP 285), stop streaming: the callout is over.
    """

    is_closed: bool
    message: str = ""
    callout: Callout | None = None


@dataclass(frozen=True, slots=True)
class DeviceEventAnswer(_Read):
    """What AURA made of a device's message; `event_types` has one name in all known answers."""

    message: str
    event_types: list[str]
    callout_id: CalloutId | None = None
    device_id: str | None = None
    battery_percent: float | None = None


@dataclass(frozen=True, slots=True)
class CalloutEvent(_Read):
    """One entry of a callout's event stream; `text` is the message of a chat entry."""

    id: int | None
    callout_id: CalloutId | None = None
    type_id: int | None = None
    text: str | None = None
    created_by: str | None = None
    created_s: float | None = None


@dataclass(frozen=True, slots=True)
class ExceptionReason(_Read):
    """Why a callout was cancelled, for the dispatch record."""

    id: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CalloutMap(_Read):
    """A picture of the response, after the callout is closed."""

    url: str | None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Document(_Read):
    """An answer whose fields AURA has not published: its sentence and its object."""

    message: str


@dataclass(frozen=True, slots=True)
class FixedLocation(_Read):
    """A site that can call for help without a phone."""

    id: LocationId
    external_reference_id: str | None = None
    identifier: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    customer_id: CustomerId | None = None
    description: str | None = None
    address: str | None = None
    type_id: int | None = None
    has_medical_coverage: bool | None = None
    has_security_coverage: bool | None = None


@dataclass(frozen=True, slots=True)
class FixedLocationCallout:
    """The callout of a site, and which site it is for."""

    callout: Callout
    external_reference_id: str | None = None
    installer_identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Rating(_Read):
    """A customer's opinion of a response, 1 to 5."""

    id: int
    callout_id: CalloutId | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class RatingItem(_Read):
    """One thing that was good or bad about a response."""

    id: int | None
    description: str | None = None
    sentiment: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseType(_Read):
    """A kind of response, such as SECURITY; ids are read, never assumed."""

    id: int
    value: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class SignupSession(_Read):
    """A hosted sign-up; open `hosted_url` (AURA's page, not yours) for the customer."""

    session_id: str | None
    hosted_url: str | None = None
    customer_id: CustomerId | None = None
    customer_reference_id: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook(_Read):
    """Where AURA delivers events, and which; there is one for a customer source."""

    url: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lead(_Read):
    """Somebody who may become a customer."""

    id: str
    status: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduledService(_Read):
    """A service booked ahead, such as guarding."""

    id: str
    next_occurrence_s: float | None = None
    status: str | None = None

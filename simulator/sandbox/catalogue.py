"""The lists AURA keeps for everybody: response types, subscription types, reasons, rating items."""

from collections.abc import Mapping

from msgspec import Struct


class EnabledLocations(Struct, frozen=True, rename="camel"):
    """Which flows a response type serves."""

    fixed_location: bool
    personal_safety: bool


class ResponseType(Struct, frozen=True, rename="camel"):
    """What kind of help comes."""

    id: int
    value: str
    description: str
    enabled_locations: EnabledLocations


class SubscriptionType(Struct, frozen=True):
    """What can be subscribed to."""

    id: int
    value: str
    description: str


class ExceptionReason(Struct, frozen=True):
    """Why a callout needed no response."""

    id: int
    reason: str


class LocationType(Struct, frozen=True, rename="camel"):
    """What kind of place a fixed location is."""

    id: int
    value: str
    description: str
    address_type: str


_BOTH = EnabledLocations(fixed_location=True, personal_safety=True)
RESPONSE_TYPES: Mapping[int, ResponseType] = {
    1: ResponseType(1, "SECURITY", "Security", _BOTH),
    2: ResponseType(2, "MEDICAL", "Medical", _BOTH),
}
CLASSIFICATIONS: Mapping[int, str] = {1: "REAL", 2: "TEST"}
TEST_CLASSIFICATION = 2
SUBSCRIPTION_TYPES: Mapping[int, SubscriptionType] = {
    4: SubscriptionType(4, "WEB_SIGNUP_SINGLE", "One person"),
    5: SubscriptionType(5, "WEB_SIGNUP_FAMILY", "A main member and dependants"),
}
EXCEPTION_REASONS: Mapping[int, ExceptionReason] = {
    101: ExceptionReason(101, "Customer unavailable at location"),
    102: ExceptionReason(102, "False alarm triggered"),
    103: ExceptionReason(103, "Technical malfunction detected"),
}
LOCATION_TYPES: Mapping[int, LocationType] = {
    1: LocationType(1, "RESIDENTIAL", "Home", "residential"),
    2: LocationType(2, "BUSINESS", "Business premises", "business"),
    3: LocationType(3, "SITE", "Guarded site", "business"),
}

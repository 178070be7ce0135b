"""What a tenant holds, as immutable rows. Times are seconds since 1970, or texts where only shown.

Rows that are shown as they are carry AURA's spelling as their JSON names; others have a view in the
route module that shows them.
"""

from enum import StrEnum

from msgspec import Struct, field

from simulator.frame import Value


class Row(Struct, frozen=True, kw_only=True, rename="camel"):
    """The base of all rows; each has an `id`."""


class Counter(Row, frozen=True, kw_only=True):
    """How many ids of one kind were given."""

    id: str
    last: int


class Person(Row, frozen=True, kw_only=True):
    """What AURA keeps about a customer."""

    name: str
    surname: str
    mobile: str
    email: str | None = None
    gender: str | None = None
    date_of_birth: str | None = None
    external_reference_id: str | None = None
    vehicle_make: str | None = None
    vehicle_model: str | None = None
    vehicle_colour: str | None = None
    vehicle_license_plate: str | None = None
    has_medical_aid: bool | None = None
    medical_aid_scheme: str | None = None
    medical_aid_plan: str | None = None
    medical_aid_number: str | None = None
    medical_conditions: str | None = None
    medications: str | None = None
    allergies: str | None = None
    bloodtype: str | None = None
    medical_other: str | None = None
    next_of_kin_name: str | None = None
    next_of_kin_number: str | None = None
    family_doctor_phone_number: str | None = None
    business_name: str | None = None
    duress_code: str | None = None


class Customer(Person, frozen=True, kw_only=True):
    """A person in AURA's care."""

    id: int
    customer_source_id: int
    created_at: str
    updated_at: str


class Subscription(Row, frozen=True, kw_only=True):
    """A customer's right to be answered, with those who depend on it."""

    id: int
    customer_id: int
    subscription_type_id: int
    valid_from_s: float
    valid_to_s: float
    cancelled_s: float | None = None
    dependents: tuple[int, ...] = ()
    created_at: str
    updated_at: str

    def is_active(self, at_s: float) -> bool:
        """Return whether it counts at a time: in its dates, and not cancelled."""
        return self.cancelled_s is None and self.valid_from_s <= at_s <= self.valid_to_s


class Position(Row, frozen=True, kw_only=True):
    """A place in degrees, with its stated accuracy in metres."""

    latitude: float
    longitude: float
    accuracy: float | None = None


class DeviceLink(Row, frozen=True, kw_only=True):
    """A device that acts for a customer.

    `callout_id` is the callout its last press was answered with; `last_values` what its last raw
    frame said.
    """

    id: int
    customer_id: int
    customer_source_id: int
    device_id: str
    device_serial: str
    device_supplier: str
    alias: str | None = None
    device_type_id: int
    firmware_version: str | None = None
    default_location: Position | None = None
    health_check_last_received_date: str | None = None
    battery_level: int | None = None
    battery_level_last_received_date: str | None = None
    created_at: str
    updated_at: str
    callout_id: int | None = None
    last_values: dict[str, Value] | None = None


class State(StrEnum):
    """Where a callout stands; AURA shows it as a free-form text, see `callout_views.STATUS`."""

    CREATED = "created"
    OWNED = "owned"
    DISPATCHED = "dispatched"
    MANUALLY_DISPATCHED = "manually-dispatched"
    ON_SCENE = "on-scene"
    COMPLETED = "completed"
    SOFT_CANCELLED = "soft-cancelled"
    STOOD_DOWN = "stood-down"
    CLOSED = "closed"


class Step(Row, frozen=True, kw_only=True):
    """A callout came to a state at a time."""

    state: State
    at_s: float


class Callout(Row, frozen=True, kw_only=True):
    """An emergency.

    `device_link_id` is the device it belongs to: the first whose press it answers. `is_duress`
    marks a cancel with a wrong code: it stays active and must not look so to who gave the code.
    """

    id: int
    customer_id: int | None = None
    predefined_location_id: int | None = None
    state: State = State.CREATED
    position: Position | None = None
    response_type_id: int
    classification_id: int
    internal_test: bool = False
    is_duress: bool = False
    device_link_id: int | None = None
    installer_identifier: str | None = None
    responder: str | None = None
    supplier: str | None = None
    eta_s: float | None = None
    address: str | None = None
    updated_s: float
    history: tuple[Step, ...]

    @property
    def created_s(self) -> float:
        """Return when it was opened."""
        return self.history[0].at_s

    @property
    def is_active(self) -> bool:
        """Return whether help is still wanted; a cancelled callout is not active, nor a closed."""
        return self.state not in (State.SOFT_CANCELLED, State.STOOD_DOWN, State.CLOSED)

    def reached_s(self, *states: State) -> float | None:
        """Return when it first came to one of the states."""
        return next((step.at_s for step in self.history if step.state in states), None)


class ClientRecord(Row, frozen=True, kw_only=True):
    """Who a tenant is: its id, and a digest of its secret."""

    id: str = field(default="client")
    secret_digest: str


class FixedLocation(Row, frozen=True, kw_only=True):
    """A site; its coordinates are texts, as AURA has them."""

    id: int
    customer_source_id: int
    external_reference_id: str
    location_identifier: str
    latitude: str
    longitude: str
    callout_location_type_id: int | None = None
    customer_id: int | None = None
    location_description: str | None = None
    location_additional_information: str | None = None
    formatted_address: str | None = None
    w3w: str | None = None
    duress_code: str | None = None
    created_at: str
    updated_at: str


class CalloutEvent(Row, frozen=True, kw_only=True):
    """A message in the stream of a callout."""

    id: int
    callout_id: int
    source: str
    text: str
    created_at: str


class ExceptionNote(Row, frozen=True, kw_only=True):
    """A reason from AURA's list, put to a callout."""

    id: int
    callout_id: int
    exception_reason_id: int
    notes: str | None
    created_at: str


class Rating(Row, frozen=True, kw_only=True):
    """What a customer thought of the response, 1 to 5."""

    id: int
    callout_id: int
    rating: int
    additional_details: str | None
    customer_allowed_to_be_contacted: bool | None
    created_at: str


class RatingItem(Row, frozen=True, kw_only=True):
    """One thing that was good or bad about it."""

    id: int
    callout_rating_id: int
    rating_item_description: str
    rating_item_id: int | None
    rating_item: str | None
    sentiment: str | None
    created_at: str


class SignupSession(Row, frozen=True, kw_only=True):
    """A sign-up on a page of AURA's; `outcome` is what it came to, None while it is open."""

    id: str
    return_url: str
    email: str | None
    customer_reference_id: str | None
    site_details: dict[str, Value] | None
    customer_id: int | None = None
    outcome: str | None = None
    error_code: str | None = None


class Lead(Row, frozen=True, kw_only=True):
    """Somebody who may become a customer."""

    id: str
    mobile_number: str
    first_name: str | None
    last_name: str | None
    email: str | None
    status: str = "created"


class Scheduled(Row, frozen=True, kw_only=True):
    """A service booked ahead: single, or repeated each `repeat_s` until its end."""

    id: str
    service_type: str
    customer_id: int
    first_s: float
    last_s: float
    repeat_s: float | None
    name: str
    created_at: str

    def next_s(self, now_s: float) -> float | None:
        """Return the next occurrence from now on, None when there is none any more."""
        if now_s <= self.first_s:
            return self.first_s
        if self.repeat_s is None:
            return None
        rounds = -(-(now_s - self.first_s) // self.repeat_s)
        upcoming = self.first_s + rounds * self.repeat_s
        return upcoming if upcoming <= self.last_s else None


class Snapshot(Row, frozen=True, kw_only=True):
    """All rows of a tenant, packed, as they were at a time of its clock."""

    id: str
    taken_at: str
    tables: dict[str, bytes]

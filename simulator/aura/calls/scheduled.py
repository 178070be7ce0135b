"""Services booked ahead, such as guarding (AURA: overview/core-concepts/scheduled-services)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.aura.call import Call, Json, encode
from simulator.aura.paths import segment
from simulator.aura.reading import Fields, ShapeError, message_of, one
from simulator.aura.types import CustomerId, ScheduledService
from simulator.clock import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A service to be, at least five minutes ahead.

    `details` and `repeats` are AURA's `details` and `repeatsConfig` objects as they are, because
    they differ by service and are published by example only. Give coordinates, an address or both.
    """

    customer_id: CustomerId
    name: str
    from_s: float
    to_s: float
    details: Mapping[str, Json] = field(default_factory=dict)
    repeats: Mapping[str, Json] = field(default_factory=dict)
    special_instructions: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    address: str | None = None

    def json(self) -> dict[str, Json]:
        """Return it as AURA wants it."""
        config: dict[str, Json] = {
            "name": self.name,
            "details": dict(self.details),
            "dateFrom": iso(self.from_s),
            "dateTo": iso(self.to_s),
            "repeatsConfig": dict(self.repeats),
        }
        if self.special_instructions is not None:
            config["specialInstructions"] = self.special_instructions
        place = {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "formattedAddress": self.address,
        }
        return {
            "customerId": self.customer_id,
            "scheduledRequestConfig": config,
            "initialLocation": {name: at for name, at in place.items() if at is not None},
        }


def create(service_type: str, booking: Booking) -> Call[ScheduledService]:
    """Book a service such as `guarding`. Errors: 400 (also under five minutes ahead), 401.

    AURA: api-reference/panic-api-reference/scheduled-services/create-scheduled-service.
    """
    return Call("POST", f"/scheduled/{segment(service_type)}", _service, encode(booking.json()))


def cancel(scheduled_id: str) -> Call[str]:
    """Take a booking back; returns AURA's message. Errors: 401, 404.

    AURA: overview/core-concepts/scheduled-services.
    """
    return Call("DELETE", f"/scheduled/{segment(scheduled_id)}", message_of)


def _read_service(fields: Fields) -> ScheduledService:
    scheduled_id = fields.text("id")
    if not scheduled_id:
        message = "'id' is not there"
        raise ShapeError(message)
    return ScheduledService(
        scheduled_id, fields.moment("nextOccurrence"), fields.text("status"), raw=fields.raw
    )


_service = one(_read_service, "scheduledRequest")

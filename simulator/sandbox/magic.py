"""Magic values: what to send to meet a rare outcome without setting a fault first."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.sandbox.refusal import RefusedError, malformed


@dataclass(frozen=True, slots=True)
class MagicValue:
    """A value, where it works, and what it does."""

    field: str
    value: str
    effect: str


UNPROVISIONED = "40400000"
TAKEN = "40900000"
DUPLICATE_MOBILE = "+27000000409"
FAILING_MOBILE = "+27000000500"
UNPAID_MOBILE = "+27000000403"
REFUSED_CLIENT = "refused-client"
BRIEF_CLIENT = "brief-tokens"
BRIEF_S = 5

TABLE = (
    MagicValue("deviceSerial", f"...{UNPROVISIONED}", "is never provisioned: linking answers 400"),
    MagicValue("deviceSerial", f"...{TAKEN}", "belongs to somebody else: linking answers 409"),
    MagicValue("customer.mobile", DUPLICATE_MOBILE, "is always a duplicate: 409"),
    MagicValue("customer.mobile", FAILING_MOBILE, "makes the server fail: 500"),
    MagicValue("customer.mobile", UNPAID_MOBILE, "has no active subscription, whatever it buys"),
    MagicValue("clientId", REFUSED_CLIENT, "never gets a token: 401"),
    MagicValue("clientId", f"{BRIEF_CLIENT}...", f"gets tokens that last {BRIEF_S} s"),
)

_MOBILES: Mapping[str, RefusedError] = {
    DUPLICATE_MOBILE: RefusedError(
        409, "customer.mobile: a customer with this number exists already."
    ),
    FAILING_MOBILE: RefusedError(500, "Internal server error"),
}


def check_serial(serial: str) -> None:
    """Refuse a serial that is there to be refused."""
    if serial.endswith(UNPROVISIONED):
        raise malformed("deviceSerial", "is not provisioned.")
    if serial.endswith(TAKEN):
        raise RefusedError(409, "deviceSerial: this device is linked to another customer.")


def check_mobile(mobile: str) -> None:
    """Refuse a number that is there to be refused."""
    refused = _MOBILES.get(mobile)
    if refused is not None:
        raise RefusedError(refused.status, refused.message)


def check_client(client_id: str) -> None:
    """Refuse a client that is there to be refused."""
    if client_id == REFUSED_CLIENT:
        raise RefusedError(401, "Invalid clientId or clientSecret.")


def life_s(client_id: str, usual_s: int) -> int:
    """Return how long a client's tokens last."""
    return BRIEF_S if client_id.startswith(BRIEF_CLIENT) else usual_s

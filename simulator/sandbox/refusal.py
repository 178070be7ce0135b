"""The one way a handler says no: a status and a message in AURA's error shape."""

from msgspec import Struct

from simulator.errors import InputError


class Failure(Struct, frozen=True):
    """AURA's error body."""

    message: str


class RefusedError(InputError):
    """A request cannot be done: `status` and what to tell the caller."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def malformed(field: str, reason: str) -> RefusedError:
    """Return the refusal of a bad value, naming its field."""
    return RefusedError(400, f"{field}: {reason}")


def missing(what: str, row_id: int | str) -> RefusedError:
    """Return the refusal of something that does not exist, or not for this customer source."""
    return RefusedError(404, f"There is no {what} {row_id}.")

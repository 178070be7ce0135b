"""Leads: people who may become customers (AURA: api-reference/panic-api-reference/leads)."""

from simulator.aura.call import Call, Json, Repeat, encode
from simulator.aura.paths import segment
from simulator.aura.reading import Fields, ShapeError, one
from simulator.aura.types import Lead


def create(
    mobile: str,
    *,
    first_name: str | None = None,
    last_name: str | None = None,
    email: str | None = None,
) -> Call[Lead]:
    """Hand over somebody's number (E.164). Errors: 400, 401.

    AURA: api-reference/panic-api-reference/leads/create-lead.
    """
    given = {
        "mobileNumber": mobile,
        "firstName": first_name,
        "lastName": last_name,
        "email": email,
    }
    body: dict[str, Json] = {name: value for name, value in given.items() if value is not None}
    return Call("POST", "/leads", _lead, encode(body))


def get(lead_id: str) -> Call[Lead]:
    """Read what became of a lead. Errors: 401, 404.

    AURA: api-reference/panic-api-reference/leads/get-lead.
    """
    return Call("GET", f"/leads/{segment(lead_id)}", _lead, repeat=Repeat.SAFE)


def _read_lead(fields: Fields) -> Lead:
    lead_id = fields.text("id")
    if not lead_id:
        message = "'id' is not there"
        raise ShapeError(message)
    return Lead(lead_id, fields.text("status"), raw=fields.raw)


_lead = one(_read_lead, "lead")

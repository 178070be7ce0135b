"""Which callout the answer to a press is about: the one thing that is read of ten thousand."""

import msgspec
from msgspec import Struct

from simulator.aura import Response
from simulator.aura.calls import devices


class _Outcome(Struct):
    calloutId: int  # noqa: N815 - as AURA writes it


class _Resolved(Struct):
    eventResponse: _Outcome  # noqa: N815 - as AURA writes it


class _Answer(Struct):
    resolvedAuraEvent: _Resolved  # noqa: N815 - as AURA writes it


_decode = msgspec.json.Decoder(_Answer, strict=True).decode


def callout_in(response: Response) -> int | None:
    """Return the callout that an answer names; what is unusual is read as the client reads it.

    Raises ValueError for what is no answer of AURA's.
    """
    try:
        return _decode(response.body).resolvedAuraEvent.eventResponse.calloutId
    except msgspec.MsgspecError:
        return devices.read_event_answer(response).callout_id

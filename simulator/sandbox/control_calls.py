"""The control surface as calls of the AURA client, for a run that plays the control room."""

import msgspec
from msgspec import Struct

from simulator.aura.call import Call
from simulator.aura.http import Response
from simulator.sandbox.routing import CONTROL


def close_callout(callout_id: int) -> Call[str]:
    """Close a callout as AURA's control room would; the result is its logical state."""
    return Call(
        method="POST",
        path=f"{CONTROL}/callouts/{callout_id}/advance",
        read=_state,
        body=b'{"to":"closed"}',
        has_prefix=False,
    )


class _Advanced(Struct):
    state: str


def _state(response: Response) -> str:
    return msgspec.json.decode(response.body, type=_Advanced).state

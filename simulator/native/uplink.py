"""One message as a network hands it over, and the HTTP request that carries it.

The same two values stand between fleet and envelope on the way out, and between envelope and
gateway on the way in, so that what is written can be read back.
"""

from dataclasses import dataclass

from simulator.errors import InputError
from simulator.link import CoarsePosition

USUAL_RSSI_DBM = -110.0
USUAL_SNR_DB = 8.0


class EnvelopeError(InputError):
    """A request carries no message of this envelope; `envelope` names it, `reason` says why."""

    def __init__(self, envelope: str, reason: str) -> None:
        super().__init__(f"{envelope}: {reason}")
        self.envelope = envelope
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplink:
    """What a network says of one message.

    `address` is what the network calls the device (empty where only the frame says it),
    `received_s` counts from 1970, `port` is the LoRaWAN FPort, `model` the name under which the
    network knows the device model, `position` the network's own estimate.
    """

    address: str
    payload: bytes
    sequence: int
    received_s: float
    port: int | None = None
    model: str = ""
    position: CoarsePosition | None = None
    rssi_dbm: float = USUAL_RSSI_DBM
    snr_db: float = USUAL_SNR_DB
    asks_reply: bool = False  # Sigfox: the device listens for a downlink


@dataclass(frozen=True, slots=True)
class Posted:
    """An HTTP request without its host: `query` has no question mark."""

    body: bytes = b""
    method: str = "POST"
    query: str = ""
    content_type: str = "application/json"

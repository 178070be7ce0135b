"""LoRaWAN uplinks as network servers hand them over: The Things Stack v3 and ChirpStack v4.

Both are JSON with the payload in base64, by webhook or by MQTT. Reading takes what our own writing
leaves out: servers add fields with every version, and leave out those that are zero.
"""

from typing import TypeVar

import msgspec
from msgspec import Struct

from simulator.clock import ClockError, epoch_s, iso
from simulator.link import CoarsePosition
from simulator.native.uplink import USUAL_RSSI_DBM, EnvelopeError, Posted, Uplink

_T = TypeVar("_T")
_APPLICATION = "aurasim"
_GATEWAY = "aurasim-gateway"
_GATEWAY_EUI = "a84041ffff000001"
_UNKNOWN_UUID = "00000000-0000-0000-0000-000000000000"


class _Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A JSON object of The Things Stack, which leaves out what is zero or empty."""


class _ApplicationIds(_Part, frozen=True):
    application_id: str = ""


class _DeviceIds(_Part, frozen=True):
    device_id: str = ""
    application_ids: _ApplicationIds = _ApplicationIds()
    dev_eui: str = ""


class _GatewayIds(_Part, frozen=True):
    gateway_id: str = ""
    eui: str = ""


class _Heard(_Part, frozen=True):
    gateway_ids: _GatewayIds = _GatewayIds()
    rssi: float = 0.0
    channel_rssi: float = 0.0
    snr: float = 0.0


class _VersionIds(_Part, frozen=True):
    model_id: str = ""


class _Location(_Part, frozen=True):
    latitude: float = 0.0
    longitude: float = 0.0
    accuracy: float = 0.0
    source: str = ""


class _Message(_Part, frozen=True):
    f_port: int = 0
    f_cnt: int = 0
    frm_payload: bytes = b""
    rx_metadata: tuple[_Heard, ...] = ()
    received_at: str = ""
    version_ids: _VersionIds = _VersionIds()
    locations: dict[str, _Location] = {}


class _Stack(_Part, frozen=True):
    end_device_ids: _DeviceIds
    received_at: str = ""
    uplink_message: _Message | None = None


class TtsEnvelope:
    """The Things Stack v3: the webhook's uplink message, and its MQTT topic."""

    name = "tts"

    def write(self, uplink: Uplink) -> Posted:
        """Return the webhook of an uplink."""
        received = iso(uplink.received_s, digits=6)
        heard = _Heard(
            gateway_ids=_GatewayIds(gateway_id=_GATEWAY, eui=_GATEWAY_EUI.upper()),
            rssi=uplink.rssi_dbm,
            channel_rssi=uplink.rssi_dbm,
            snr=uplink.snr_db,
        )
        message = _Message(
            f_port=uplink.port or 0,
            f_cnt=uplink.sequence,
            frm_payload=uplink.payload,
            rx_metadata=(heard,),
            received_at=received,
            version_ids=_VersionIds(model_id=uplink.model),
            locations=_locations(uplink.position),
        )
        ids = _DeviceIds(
            device_id=f"eui-{uplink.address.lower()}",
            application_ids=_ApplicationIds(application_id=_APPLICATION),
            dev_eui=uplink.address.upper(),
        )
        whole = _Stack(end_device_ids=ids, received_at=received, uplink_message=message)
        return Posted(msgspec.json.encode(whole))

    def read(self, posted: Posted) -> Uplink:
        """Return the uplink of a webhook; raise `EnvelopeError` if it carries none."""
        whole = _decoded(self.name, posted.body, _Stack)
        message = whole.uplink_message
        address = whole.end_device_ids.dev_eui or whole.end_device_ids.device_id
        if message is None or not address:
            raise EnvelopeError(self.name, "is no uplink of a device with a dev_eui")
        heard = message.rx_metadata[0] if message.rx_metadata else _Heard(rssi=USUAL_RSSI_DBM)
        return Uplink(
            address=address.removeprefix("eui-").lower(),
            payload=message.frm_payload,
            sequence=message.f_cnt,
            received_s=_moment(self.name, message.received_at or whole.received_at),
            port=message.f_port or None,
            model=message.version_ids.model_id,
            position=_position(message.locations),
            rssi_dbm=heard.rssi,
            snr_db=heard.snr,
        )

    def topic(self, uplink: Uplink) -> str:
        """Return the MQTT topic on which the stack publishes this uplink."""
        return f"v3/{_APPLICATION}@ttn/devices/eui-{uplink.address.lower()}/up"


class _Camel(Struct, frozen=True, kw_only=True, rename="camel"):
    """A JSON object of ChirpStack."""


class _DeviceInfo(_Camel, frozen=True):
    tenant_id: str = _UNKNOWN_UUID
    tenant_name: str = _APPLICATION
    application_id: str = _UNKNOWN_UUID
    application_name: str = _APPLICATION
    device_profile_id: str = _UNKNOWN_UUID
    device_profile_name: str = ""
    device_name: str = ""
    dev_eui: str = ""
    tags: dict[str, str] = {}


class _RxInfo(_Camel, frozen=True):
    gateway_id: str = _GATEWAY_EUI
    rssi: float = USUAL_RSSI_DBM
    snr: float = 0.0


class _UpEvent(_Camel, frozen=True):
    device_info: _DeviceInfo
    deduplication_id: str = _UNKNOWN_UUID
    time: str = ""
    dev_addr: str = "00000000"
    adr: bool = True
    dr: int = 0
    f_cnt: int = 0
    f_port: int = 0
    confirmed: bool = False
    data: bytes = b""
    rx_info: tuple[_RxInfo, ...] = ()


class ChirpstackEnvelope:
    """ChirpStack v4: the event `up` of its HTTP integration, and its MQTT topic."""

    name = "chirpstack"

    def write(self, uplink: Uplink) -> Posted:
        """Return the event of an uplink."""
        info = _DeviceInfo(
            device_profile_name=uplink.model,
            device_name=uplink.address.lower(),
            dev_eui=uplink.address.lower(),
        )
        event = _UpEvent(
            device_info=info,
            time=iso(uplink.received_s, digits=6),
            f_cnt=uplink.sequence,
            f_port=uplink.port or 0,
            data=uplink.payload,
            rx_info=(_RxInfo(rssi=uplink.rssi_dbm, snr=uplink.snr_db),),
        )
        return Posted(msgspec.json.encode(event), query="event=up")

    def read(self, posted: Posted) -> Uplink:
        """Return the uplink of an event; raise `EnvelopeError` if it is another event."""
        if posted.query and "event=up" not in posted.query.split("&"):
            raise EnvelopeError(self.name, f"is no uplink but {posted.query[:60]}")
        event = _decoded(self.name, posted.body, _UpEvent)
        if not event.device_info.dev_eui:
            raise EnvelopeError(self.name, "has no devEui")
        heard = event.rx_info[0] if event.rx_info else _RxInfo()
        return Uplink(
            address=event.device_info.dev_eui.lower(),
            payload=event.data,
            sequence=event.f_cnt,
            received_s=_moment(self.name, event.time),
            port=event.f_port or None,
            model=event.device_info.device_profile_name,
            rssi_dbm=heard.rssi,
            snr_db=heard.snr,
        )

    def topic(self, uplink: Uplink) -> str:
        """Return the MQTT topic on which the server publishes this uplink."""
        return f"application/{_UNKNOWN_UUID}/device/{uplink.address.lower()}/event/up"


def _locations(position: CoarsePosition | None) -> dict[str, _Location]:
    if position is None:
        return {}
    return {
        "frm-payload": _Location(
            latitude=position.latitude,
            longitude=position.longitude,
            accuracy=position.radius_m,
            source="SOURCE_LORA_RSSI_GEOLOCATION",
        )
    }


def _position(locations: dict[str, _Location]) -> CoarsePosition | None:
    for place in locations.values():
        return CoarsePosition(place.latitude, place.longitude, place.accuracy)
    return None


def _decoded(envelope: str, body: bytes, shape: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EnvelopeError(envelope, f"{error}"[:200]) from error


def _moment(envelope: str, text: str) -> float:
    try:
        return epoch_s(text) if text else 0.0
    except ClockError as error:
        raise EnvelopeError(envelope, str(error)) from error

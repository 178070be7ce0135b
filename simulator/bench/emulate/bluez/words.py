"""The names and errors of BlueZ, as its documentation and its source have them."""

from bumble.core import ProtocolError
from dbus_fast.errors import DBusError

BLUEZ = "org.bluez"
ADAPTER = "org.bluez.Adapter1"
AGENT_MANAGER = "org.bluez.AgentManager1"
DEVICE = "org.bluez.Device1"
SERVICE = "org.bluez.GattService1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
DESCRIPTOR = "org.bluez.GattDescriptor1"

_OF_ATT = {
    0x02: ("NotPermitted", "Read not permitted"),
    0x03: ("NotPermitted", "Write not permitted"),
    0x05: ("NotPermitted", "Not paired"),
    0x06: ("NotSupported", "Operation is not supported"),
    0x07: ("InvalidArguments", "Invalid offset"),
    0x08: ("NotAuthorized", "Not Authorized"),
    0x0D: ("InvalidValueLength", "Invalid Length"),
    0x0F: ("NotPermitted", "Not paired"),
}
"""What BlueZ makes of the error of a device; from these words bleak tells them apart."""


def failed(text: str, name: str = "Failed") -> DBusError:
    """Return an error of BlueZ."""
    return DBusError(f"org.bluez.Error.{name}", text)


def att_failed(error: ProtocolError) -> DBusError:
    """Return what BlueZ says when a device refuses a request."""
    code = error.error_code or 0
    name, text = _OF_ATT.get(code, ("Failed", f"Operation failed with ATT error: 0x{code:02x}"))
    return failed(text, name)

"""What networks and frames call a device, and the serial that stands behind it.

Sigfox knows a unit by up to eight hex digits, LoRaWAN by its DevEUI, a tracker names itself in its
frames. Profiles number their units by a pattern, so that the serial can be told from either.
"""

import re
from collections.abc import Iterator, Mapping

from simulator.frame import Value
from simulator.profile import LorawanLink, Profile, SigfoxLink

_HEX_TAIL = re.compile(r"[0-9A-Fa-f]*$")
_SIGFOX_DIGITS = 8
_EUI_DIGITS = 16
_IDENTITIES = ("imei", "device_id", "account", "serial")


def address_of(profile: Profile, serial: str) -> str:
    """Return what the network calls the unit with this serial; the serial itself without one."""
    found = _HEX_TAIL.search(serial)
    digits = found[0] if found else ""
    match profile.link:
        case SigfoxLink():
            return digits[-_SIGFOX_DIGITS:].upper()
        case LorawanLink():
            return digits[-_EUI_DIGITS:].rjust(_EUI_DIGITS, "0").lower()
    return serial


def serial_of(profile: Profile, address: str) -> str | None:
    """Return the serial of the unit that a network or a frame calls so; None if it is no such."""
    return next((s for s in _candidates(profile, address) if profile.matches(s)), None)


def identity_in(values: Mapping[str, Value]) -> str | None:
    """Return what a frame calls its own device, if it says so."""
    said = (values.get(name) for name in _IDENTITIES)
    return next((str(one) for one in said if isinstance(one, str | int) and one != ""), None)


def _candidates(profile: Profile, address: str) -> Iterator[str]:
    """Yield the address as it is, with the letters that serials begin with, and its tails."""
    head = profile.identity.units.partition("{")[0]
    for text in dict.fromkeys((address, address.lower(), address.upper())):
        yield text
        yield head + text
        yield from (text[start:] for start in range(1, len(text)))
        yield from (head + text[start:] for start in range(1, len(text)))

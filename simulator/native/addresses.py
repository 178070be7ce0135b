"""What networks and frames call a device, and what AURA calls it.

Sigfox knows a unit by up to eight hex digits, LoRaWAN by its DevEUI, a tracker names itself in its
frames, some with the very part of the IMEI that AURA knows it by. Middleware has a table of its
devices; the profile's own rules do instead.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from simulator.frame import Value
from simulator.profile import LorawanLink, Profile, SigfoxLink

_HEX_TAIL = re.compile(r"[0-9A-Fa-f]*$")
_SIGFOX_DIGITS = 8
_EUI_DIGITS = 16
_IDENTITIES = ("imei", "device_id", "account", "serial")


class Unit(NamedTuple):
    """A unit as the middleware knows it: by its serial, or by its device id if that is all."""

    name: str
    device_id: str
    key: bytes | None = None


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


def unit_of(profile: Profile, address: str) -> Unit | None:
    """Return the unit that a network or a frame calls so; None if it is none of this model."""
    rule = profile.identity.device_id
    serial = next((s for s in _candidates(profile, address) if _is(profile, s, address)), None)
    if serial is not None:
        return Unit(serial, rule.derive(serial), key_of(profile, serial))
    return Unit(address, address) if len(address) == rule.length else None


def key_of(profile: Profile, serial: str) -> bytes | None:
    """Return what a simulated unit encrypts with; None where frames are plain, or it is no such."""
    number = _number(profile, serial)
    return None if number is None else profile.identity.key_of(number)


def identity_in(values: Mapping[str, Value]) -> str | None:
    """Return what a frame calls its own device, if it says so."""
    said = (values.get(name) for name in _IDENTITIES)
    return next((str(one) for one in said if isinstance(one, str | int) and one != ""), None)


def _is(profile: Profile, serial: str, address: str) -> bool:
    """Return whether a serial is one of this model, and is what the address speaks of."""
    names = (serial, address_of(profile, serial), profile.identity.device_id.derive(serial))
    return profile.matches(serial) and address.lower() in (name.lower() for name in names)


def _candidates(profile: Profile, address: str) -> Iterator[str]:
    """Yield the address, its tails, and both behind the letters that serials begin with."""
    head, start = _head(profile), profile.identity.device_id.start
    for text in dict.fromkeys((address, address.lower(), address.upper())):
        for tail in (text, *(text[skipped:] for skipped in range(1, len(text)))):
            yield tail
            yield head + tail
        if start > 0:
            number = _number(profile, head[:start] + text)
            yield head[:start] + text if number is None else profile.identity.serial_of(number)


def _number(profile: Profile, serial: str) -> int | None:
    """Return which simulated unit has this serial, with or without the check digit of an IMEI."""
    head, identity = _head(profile), profile.identity
    digits = serial.removeprefix(head)
    for text in (digits[:-1], digits) if identity.imei else (digits,):
        for base in (10, 16):
            try:
                number = int(text, base)
            except ValueError:
                continue
            if identity.serial_of(number).startswith(serial):
                return number
    return None


def _head(profile: Profile) -> str:
    """Return the letters that all serials of simulated units begin with."""
    return profile.identity.units.partition("{")[0]

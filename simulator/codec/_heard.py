"""Lists of what a device heard around it: access points and beacons, each with its strength."""

from simulator.codec._contract import FrameError
from simulator.codec._fields import Fields
from simulator.frame import Value


def read_heard(
    codec: str, frame: bytes, at: int, *, key: str = "mac", size: int = 6, separator: str = ":"
) -> list[Value]:
    """Return every address (and its `rssi_dbm`) from byte `at` to the end of the frame."""
    stride = size + 1
    if (len(frame) - at) % stride:
        reason = f"the list from byte {at} on has {len(frame) - at} bytes, entries have {stride}"
        raise FrameError(codec, reason)
    entries: list[Value] = []
    for start in range(at, len(frame), stride):
        end = start + size
        address = frame[start:end]
        shown = address.hex(separator) if separator else address.hex()
        rssi = frame[end]
        entries.append({key: shown, "rssi_dbm": rssi - 256 if rssi > 127 else rssi})
    return entries


def write_heard(
    fields: Fields, name: str, *, key: str = "mac", size: int = 6, most: int = 36
) -> bytes:
    """Return the entries of a list that may be missing."""
    if name not in fields:
        return b""
    parts = fields.parts(name)
    if len(parts) > most:
        fields.refuse(name, f"has {len(parts)} entries, there is room for {most}")
    return b"".join(address_of(part, key, size) + strength_of(part) for part in parts)


def address_of(part: Fields, key: str, size: int) -> bytes:
    """Return an address; colons or dashes between its bytes do not matter."""
    digits = part.text(key, most=3 * size).replace(b"-", b"").replace(b":", b"")
    try:
        address = bytes.fromhex(digits.decode())
    except ValueError:
        part.refuse(key, "is not hex")
    if len(address) != size:
        part.refuse(key, f"must be {size} bytes in hex, not {len(address)}")
    return address


def strength_of(part: Fields) -> bytes:
    """Return the signal strength as one signed byte."""
    return part.integer("rssi_dbm", -128, 127).to_bytes(1, "big", signed=True)

"""Cuts what comes over a link into frames: as the codec does, or as the profile's [wire] says.

Frames of a codec that cuts no stream need a framing of the gateway that prints them: lines, COBS,
SLIP, a length in front, or lines of hex digits.
"""

import re
from typing import Protocol

from simulator.codec import (
    ByteOrder,
    FrameError,
    Framer,
    Framing,
    FramingKind,
    FramingTable,
)
from simulator.errors import InputError
from simulator.profile import Profile, codec_of

FRAMINGS = "line, cobs, slip, hex, length:1, length:2, length:4, length:2le or length:4le"
_LENGTH = re.compile(r"length:([124])(le)?")


class Cutter(Protocol):
    """Takes bytes in any portions and gives frames as the codec reads them."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and return the frames that are now complete."""
        ...

    @property
    def discarded(self) -> int:
        """Return how many bytes so far belonged to no frame."""
        ...

    @property
    def pending(self) -> int:
        """Return how many bytes wait for the rest of their frame."""
        ...


class WholeCutter:
    """For links that bring messages whole, such as advertisements and notifications."""

    discarded = 0
    pending = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the message."""
        return [data] if data else []


class WrappedCutter:
    """Cuts a stream by its framing and unwraps each frame; a broken one is discarded."""

    def __init__(self, framing: Framing, *, is_hex: bool = False) -> None:
        self._framing = framing
        self._framer: Framer = framing.framer(())
        self._is_hex = is_hex
        self._broken = 0

    @property
    def discarded(self) -> int:
        """Return how many bytes so far belonged to no frame."""
        return self._framer.discarded + self._broken

    @property
    def pending(self) -> int:
        """Return how many bytes wait for the rest of their frame."""
        return self._framer.pending

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and return the frames that are now complete."""
        frames = []
        for wrapped in self._framer.feed(data):
            try:
                body = self._unwrapped(wrapped)
            except (FrameError, ValueError):
                self._broken += len(wrapped)
                continue
            if body:
                frames.append(body)
        return frames

    def _unwrapped(self, wrapped: bytes) -> bytes:
        body = self._framing.unwrap(wrapped)
        return bytes.fromhex(body.decode("ascii").strip()) if self._is_hex else body


def cutter_for(profile: Profile, *, framing: str = "", is_whole: bool = False) -> Cutter:
    """Return what cuts the stream of a device; `framing` wins over the profile and its codec."""
    if is_whole:
        return WholeCutter()
    wanted = framing or profile.wire.framing
    if not wanted:
        return codec_of(profile).framer() or WholeCutter()
    return WrappedCutter(framing_named(wanted), is_hex=wanted == "hex")


def wrap(profile: Profile, payload: bytes, *, framing: str = "") -> bytes:
    """Return a frame as a device of this model puts it on a serial line."""
    wanted = framing or profile.wire.framing
    if not wanted:
        return closed(profile, payload)
    return framing_named(wanted).wrap(payload.hex().encode() if wanted == "hex" else payload)


def closed(profile: Profile, payload: bytes) -> bytes:
    """Return a frame with the delimiter that published frames are often without."""
    framer = codec_of(profile).framer()
    if framer is None:
        return payload
    for end in (b"", b"\r\n", b"\n", b"\0"):
        if framer.feed(end or payload):
            return payload + end
    return payload


def framing_named(text: str) -> Framing:
    """Read `line`, `cobs`, `slip`, `hex` or `length:N[le]`."""
    if text in ("line", "hex"):
        return Framing(text, FramingTable(kind=FramingKind.LINE, end="\n"))
    if text in ("cobs", "slip"):
        return Framing(text, FramingTable(kind=FramingKind(text)))
    found = _LENGTH.fullmatch(text)
    if not found:
        message = f"'{text}' is no framing. Say {FRAMINGS}."
        raise InputError(message)
    order = ByteOrder.LITTLE if found[2] else ByteOrder.BIG
    return Framing(text, FramingTable(kind=FramingKind.LENGTH, size=int(found[1]), order=order))

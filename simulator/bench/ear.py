"""Hears a device: chunks of a link in, frames with their meaning out, and everything counted.

The same reader as the gateway's reads here, so that what the bench shows is what AURA would be
told. What is no frame is kept apart by its kind: garbage between frames, half frames at a loss,
frames that the codec cannot read, repetitions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.bench.framing import Cutter, cutter_for
from simulator.bench.links import Chunk
from simulator.clock import monotonic_s, wall_s
from simulator.frame import Frame, Kind, Value
from simulator.gateway import Known, Reader
from simulator.profile import Profile

_REPETITION = "repetition"
_IDENTITIES = ("serial", "imei", "device_id", "account", "mac")


@dataclass(frozen=True, slots=True)
class HeardFrame:
    """One frame: when it was complete, its bytes, its values, and what it means.

    `dropped` says why it means nothing; `address` is the radio address it came from.
    """

    number: int
    at_s: float
    payload: bytes
    kinds: tuple[Kind, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    dropped: str = ""
    address: str | None = None
    reply: bytes | None = None

    @property
    def is_repetition(self) -> bool:
        """Return whether it says again what was said a moment ago."""
        return self.dropped == _REPETITION

    @property
    def is_readable(self) -> bool:
        """Return whether it is a frame of the profile's protocol."""
        return not self.dropped.startswith("not readable")


@dataclass(slots=True)
class EarCounts:
    """What was heard. Mutable: it is counted up."""

    frames: int = 0
    unreadable: int = 0
    repetitions: int = 0
    garbage_bytes: int = 0
    half_frames: int = 0


class Ear:
    """Hears one device of a model; `key` is what its frames are encrypted with."""

    def __init__(self, profile: Profile, *, framing: str = "", key: bytes | None = None) -> None:
        self.profile = profile
        self.counts = EarCounts()
        self.serial: str | None = None  # as its frames say
        self.known = Known(key=key)
        self._framing = framing
        self._reader = Reader(profile, wall_s() - monotonic_s())
        self._cutters: dict[str, Cutter] = {}
        self._discarded = 0

    def hear(self, chunk: Chunk) -> list[HeardFrame]:
        """Return the frames that are now complete."""
        cutter = self._cutter(chunk)
        before = cutter.discarded
        payloads = cutter.feed(chunk.data)
        self.counts.garbage_bytes += cutter.discarded - before
        return [self._read(payload, chunk) for payload in payloads]

    def lose(self) -> None:
        """Forget what is half said: the device is gone, and begins anew when it comes back."""
        self.counts.half_frames += sum(cutter.pending > 0 for cutter in self._cutters.values())
        self._cutters.clear()

    @property
    def pending_bytes(self) -> int:
        """Return how many bytes wait for the rest of their frame."""
        return sum(cutter.pending for cutter in self._cutters.values())

    def _cutter(self, chunk: Chunk) -> Cutter:
        if chunk.channel not in self._cutters:
            self._cutters[chunk.channel] = cutter_for(
                self.profile, framing=self._framing, is_whole=chunk.is_whole
            )
        return self._cutters[chunk.channel]

    def _read(self, payload: bytes, chunk: Chunk) -> HeardFrame:
        counts = self.counts
        counts.frames += 1
        address = chunk.address.replace(":", "") if chunk.address else None
        device = address or "heard"  # one radio hears many
        frame = Frame(device, counts.frames, Kind.OTHER, payload, chunk.at_s, address=address)
        reading = self._reader.read(chunk.at_s, frame, self.known)
        heard = HeardFrame(
            counts.frames,
            chunk.at_s,
            payload,
            tuple(message.kind for message in reading.messages),
            reading.values,
            reading.dropped or "",
            address,
            reading.reply,
        )
        counts.repetitions += heard.is_repetition
        counts.unreadable += not heard.is_readable
        if heard.is_readable and self.serial is None:
            self.serial = self._serial_in(heard)
        return heard

    def _serial_in(self, heard: HeardFrame) -> str | None:
        said = (heard.values.get(name) for name in _IDENTITIES)
        found = next((str(one) for one in said if isinstance(one, str | int) and one != ""), None)
        if found is None:
            return heard.address
        return found.replace(":", "")

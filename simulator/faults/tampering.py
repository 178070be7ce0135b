"""A share of a fleet's frames is mutated on its way from the device to its radio."""

from simulator.device import Firmware
from simulator.errors import InputError
from simulator.faults.frames import Mutant, Mutator
from simulator.frame import Frame
from simulator.rng import Rng, Stream

_MOST_BYTES = 200  # a mutant that grows still goes through a LoRaWAN radio


class Tampering:
    """Decides for each frame, by the stream of its device, whether it is mutated and how."""

    def __init__(self, rng: Rng, share: float) -> None:
        if not 0 <= share <= 1:
            message = f"A share of {share:g} of all frames is none; say 0 to 1, such as 0.01."
            raise InputError(message)
        self._rng = rng
        self._share = share
        self._streams: dict[int, Stream] = {}
        self._mutators: dict[str, Mutator] = {}

    def mutant(self, unit: Firmware, frame: Frame) -> Mutant | None:
        """Return what is sent in place of a frame, or after it; None where it is left alone."""
        stream = self._streams.get(unit.key)
        if stream is None:
            stream = self._streams[unit.key] = self._rng.stream(unit.key, "mutation")
        if not stream.chance(self._share):
            return None
        mutator = self._mutators.get(unit.profile.name)
        if mutator is None:
            mutator = Mutator(unit.profile, most_bytes=_MOST_BYTES)
            self._mutators[unit.profile.name] = mutator
        return mutator.mutate(frame, stream, key=unit.radio.key)

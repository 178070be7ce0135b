"""Frames in words: the bytes of a journal decoded with the codec of the device's profile."""

import re
from functools import lru_cache

from simulator.clock import ClockError, epoch_s
from simulator.codec import Codec, Context, FrameError, UnknownCodecError
from simulator.journal import DeviceLinked, FrameSent
from simulator.profile import ProfileError, codec_of, load

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # a journal must not make us open other files


class Decoder:
    """Decodes frames for display; one that cannot be decoded is told with its reason."""

    def __init__(self, started: str | None) -> None:
        self._began_s = _began_s(started)
        self._profiles: dict[str, str] = {}

    def meet(self, record: DeviceLinked) -> None:
        """Remember the model of a device that is not named after it."""
        if record.profile != _model(record.device):
            self._profiles[record.device] = record.profile

    def values(self, record: FrameSent) -> str:
        """Return the values of a frame as text, or why there are none."""
        profile = self._profiles.get(record.device, _model(record.device))
        protocol = _protocol(profile)
        if protocol is None:
            return f"not decoded: there is no profile '{profile}'"
        context = Context(port=record.port, received_s=self._began_s + record.t)
        try:
            values = protocol.decode(bytes.fromhex(record.hex), context)
        except (FrameError, ValueError) as error:
            return f"not decoded: {error}"
        return "  ".join(f"{name} {value}" for name, value in values.items())


def _model(device: str) -> str:
    return device.rsplit("/", 1)[0]


def _began_s(started: str | None) -> float:
    try:
        return epoch_s(started) if started else 0.0
    except ClockError:
        return 0.0


@lru_cache(maxsize=256)
def _protocol(profile: str) -> Codec | None:
    if not _NAME.fullmatch(profile):
        return None
    try:
        return codec_of(load(profile))
    except (ProfileError, UnknownCodecError):
        return None

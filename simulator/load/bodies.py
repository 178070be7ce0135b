"""Device events by the thousand: what the profile's template writes, made ready once and filled.

The pipeline of a run builds an event as a dictionary and encodes it; at a hundred thousand a second
that is too slow. Here the same function is asked once for each kind of message with marks for what
varies, and the marks are filled afterwards: a position near the device, its battery. A test
compares the two. A template that takes a network's raw callback is filled with frames of the model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from simulator.aura.call import encode
from simulator.errors import InputError
from simulator.frame import Frame, Kind
from simulator.gateway.events import device_event, sigfox_event
from simulator.load.schedule import BATTERY, CANCEL, KINDS, MOVE, PRESS
from simulator.profile import CancelSource, Profile
from simulator.rng import mix

_DEVICE, _LATITUDE, _LONGITUDE, _BATTERY = "@device@", 11.5, 12.5, 13
_SPREAD_DEG = 0.05
_UNIT = 2.0**-64
_STEP_DEG = 1e-5  # about a metre a message


@dataclass(frozen=True, slots=True)
class Speaker:
    """A device of the load: what is constant in all that it says. Positions in degrees."""

    name: str
    model: "Model"
    device_id: bytes
    latitude: float
    longitude: float


class Model:
    """What the devices of one profile say."""

    __slots__ = ("_fill", "_frames", "codes", "profile")

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._frames: dict[int, Frame] = {}
        known = _known(profile)
        usual = next(code for code in (BATTERY, MOVE, PRESS) if code in known)
        self.codes = [code if code in known else usual for code in range(len(KINDS))]
        if profile.aura.payload == "sigfox":
            self._frames = _frames(profile, known)
            self.codes = [code if code in self._frames else PRESS for code in self.codes]
            self._fill = {code: _sigfox(profile, frame) for code, frame in self._frames.items()}
        else:
            self._fill = {code: _structured(profile, KINDS[code]) for code in known}

    def body(self, speaker: Speaker, code: int, number: int, now_s: Callable[[], float]) -> bytes:
        """Return the event of a device's message `number`; `now_s` tells seconds since 1970."""
        text, takes = self._fill[code]
        if takes == 3:
            moved = (number % 1000) * _STEP_DEG
            return text % (speaker.device_id, speaker.latitude + moved, speaker.longitude)
        if takes == 2:
            return text % (speaker.device_id, 100 - number % 60)
        if takes == 1:
            return text % speaker.device_id
        return text % (speaker.device_id, int(now_s()), number & 0xFFF)


def speakers(
    profiles: Sequence[tuple[Profile, int]], device_ids: Sequence[str], place: tuple[float, float]
) -> list[Speaker]:
    """Return the devices of a mix, in the order of the mix, spread around a place."""
    made: list[Speaker] = []
    for profile, count in profiles:
        model = Model(profile)
        for number in range(1, count + 1):
            spread = mix(len(made) + 1)
            device_id = device_ids[len(made)]
            made.append(
                Speaker(
                    f"{profile.name}/{number}",
                    model,
                    msgspec.json.encode(device_id)[1:-1],
                    place[0] + (spread * _UNIT - 0.5) * _SPREAD_DEG,
                    place[1] + (mix(spread) * _UNIT - 0.5) * _SPREAD_DEG,
                )
            )
    return made


def _known(profile: Profile) -> set[int]:
    """Return the codes of what devices of this profile say by themselves."""
    known = {PRESS}
    if Kind.MOVE in profile.frames:
        known.add(MOVE)
    if Kind.CANCEL in profile.frames and profile.behaviour.cancel_source is CancelSource.NATIVE:
        known.add(CANCEL)
    if Kind.BATTERY in profile.frames or Kind.HEARTBEAT in profile.frames:
        known.add(BATTERY)
    return known


def _structured(profile: Profile, kind: Kind) -> tuple[bytes, int]:
    """Return the text of an event with places to fill, and how many there are."""
    values = {
        "latitude": _LATITUDE,
        "longitude": _LONGITUDE,
        "accuracy_m": 10,
        "battery_percent": _BATTERY,
    }
    made = device_event(profile, _DEVICE, kind, values)
    text = encode(made).replace(b"%", b"%%").replace(_DEVICE.encode(), b"%b")
    if b"11.5" in text:
        return text.replace(b"11.5", b"%.6f").replace(b"12.5", b"%.6f"), 3
    battery = b'"battery":%d' % _BATTERY
    if battery in text:
        return text.replace(battery, b'"battery":%d'), 2
    return text, 1


def _sigfox(profile: Profile, frame: Frame) -> tuple[bytes, int]:
    stamped = Frame(frame.device, 4093, frame.kind, frame.payload, 0.0)
    text = encode(sigfox_event(profile, _DEVICE, stamped, 1234567890.0, None))
    text = text.replace(b"%", b"%%").replace(_DEVICE.encode(), b"%b")
    return text.replace(b"1234567890", b"%d").replace(b"4093", b"%d"), 4


def _frames(profile: Profile, known: set[int]) -> dict[int, Frame]:
    """Return a frame of the model for each kind: what one unit of it says in a day."""
    from simulator.load.sampling import frames_of  # brings the whole fleet

    found = {CODE: frame for CODE, frame in frames_of(profile).items() if CODE in known}
    if PRESS not in found:
        message = f"A {profile.name} never says a press, so there is nothing to test with it."
        raise InputError(message)
    return found

"""What a frame means: decoded with the profile's codec, judged by the profile's rules.

The reader remembers of each device what its rules ask for: the values of the last frame, and the
events it has seen of late, because real devices say everything more than once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.clock import epoch_s
from simulator.codec import Context, FrameError
from simulator.frame import Frame, Kind, Value
from simulator.profile import Profile, codec_of, meanings

_TIME_STEP_S = 1.0  # native times are whole seconds


@dataclass(frozen=True, slots=True)
class Message:
    """One message for AURA: its kind, and the values of the frame that said it."""

    kind: Kind
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a frame comes to: messages, or the reason why it is dropped; and the server's reply."""

    messages: tuple[Message, ...] = ()
    dropped: str | None = None
    reply: bytes | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a device before its frame is read.

    `is_open`: it has a callout open; `ended_s`: when its latest one ended; `key`: what its frames
    are encrypted with.
    """

    is_open: bool = False
    ended_s: float | None = None
    key: bytes | None = None


NOTHING_KNOWN = Known()


def looks_back(profile: Profile) -> bool:
    """Return whether a rule of a profile compares a frame with the one before it."""
    wanted = (value for rule in profile.meaning for value in rule.when.values())
    return any(value in ("rises", "falls") for value in wanted if isinstance(value, str))


class Reader:
    """Reads the frames of one device model."""

    def __init__(self, profile: Profile, epoch_s: float = 0.0) -> None:
        self.profile = profile
        self._epoch_s = epoch_s
        self._codec = codec_of(profile)
        self._looks_back = looks_back(profile)
        self._last: dict[str, tuple[float, dict[str, Value]]] = {}
        self._seen: dict[tuple[str, str], float] = {}

    def read(self, now: float, frame: Frame, known: Known = NOTHING_KNOWN) -> Reading:
        """Read a frame that arrived at run time `now`."""
        received_s = self._epoch_s + now
        context = Context(
            port=frame.port, received_s=received_s, address=frame.address, key=known.key
        )
        try:
            values = self._codec.decode(frame.payload, context)
        except FrameError as error:
            return Reading(dropped=f"not readable: {error}")
        reply = self._codec.reply(frame.payload, context)
        if self._is_repetition(now, frame.device, values):
            return Reading(dropped="repetition", reply=reply)
        previous = self._previous(now, frame.device)
        kinds = meanings(self.profile, values, previous, known.is_open)
        if self._looks_back:
            self._last[frame.device] = now, values
        if Kind.PRESS in kinds and self._is_history(values, known.ended_s):
            return Reading(dropped="of a callout that is over", reply=reply, values=values)
        return Reading(tuple(Message(kind, values) for kind in kinds), reply=reply, values=values)

    def _is_history(self, values: Mapping[str, Value], ended_s: float | None) -> bool:
        """Return whether a frame that was kept tells of an emergency that has ended since."""
        time = values.get("time")
        if ended_s is None or not isinstance(time, str):
            return False
        return epoch_s(time) + _TIME_STEP_S < self._epoch_s + ended_s

    def _previous(self, now: float, device: str) -> Mapping[str, Value] | None:
        """Return the values of the device's last frame, unless it has been silent for long."""
        heard_s, values = self._last.get(device, (now, None))
        forget_s = self.profile.forget_s
        return None if forget_s and now - heard_s > forget_s else values

    def _is_repetition(self, now: float, device: str, values: Mapping[str, Value]) -> bool:
        """Return whether an event of this name was read a short while ago."""
        names = self.profile.dedup
        if not names:
            return False
        event = (device, repr([values.get(name) for name in names]))
        seen_s = self._seen.get(event)
        self._seen[event] = now
        if len(self._seen) > 4096:
            self._forget(now)
        return seen_s is not None and now - seen_s <= self.profile.dedup_s

    def _forget(self, now: float) -> None:
        oldest = now - self.profile.dedup_s
        self._seen = {event: at for event, at in self._seen.items() if at >= oldest}

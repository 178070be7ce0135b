"""What a device model can say: the frame templates of its profile, made ready once for a fleet."""

from collections.abc import Mapping

from simulator.codec import Codec, Context, codec
from simulator.frame import Kind, Value
from simulator.profile import FrameTemplate, Profile, facts_named, filled


class Line:
    """One frame of a device model, ready to be filled with the facts of a moment."""

    __slots__ = ("_codec", "_constant", "_context", "_varying", "facts", "port")

    def __init__(self, speaker: Codec, template: FrameTemplate) -> None:
        values = template.values
        self._codec = speaker
        self._context = Context(port=template.port)
        self._varying = {key: v for key, v in values.items() if facts_named({key: v})}
        self._constant = {key: v for key, v in values.items() if key not in self._varying}
        self.facts = facts_named(values)
        self.port = template.port

    def values(self, facts: Mapping[str, Value]) -> dict[str, Value]:
        """Return what the frame says when these are the facts."""
        return self._constant | {key: filled(v, facts) for key, v in self._varying.items()}

    def payload(self, facts: Mapping[str, Value]) -> bytes:
        """Return the native bytes that say these facts; raise `FrameError` if none can."""
        return self._codec.encode(self.values(facts), self._context)


class Speech:
    """All that a device model can say; one object serves every unit of the model."""

    __slots__ = ("_lines", "profile")

    def __init__(self, profile: Profile) -> None:
        speaker = codec(profile.codec)
        self.profile = profile
        self._lines = {kind: Line(speaker, made) for kind, made in profile.frames.items()}

    def line(self, kind: Kind) -> Line | None:
        """Return the frame for an occasion; a heartbeat stands in for a missing battery frame."""
        line = self._lines.get(kind)
        return self._lines.get(Kind.HEARTBEAT) if line is None and kind is Kind.BATTERY else line

"""What a device model can say: the frame templates of its profile, made ready once for a fleet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.codec import Context, FrameError
from simulator.frame import Direction, Kind, Value
from simulator.profile import (
    COUNTS,
    Command,
    CommandTemplate,
    FrameTemplate,
    LorawanLink,
    Profile,
    codec_of,
    facts_named,
    filled,
)


@dataclass(frozen=True, slots=True)
class Radio:
    """What goes with the frames of one unit, beside their bytes."""

    address: str | None = None
    key: bytes | None = None


NO_RADIO = Radio()


class Line:
    """One frame of a device model, ready to be filled with the facts of a moment."""

    __slots__ = (
        "_codec",
        "_constant",
        "_plain",
        "_stored",
        "_stored_port",
        "_varying",
        "asks_reply",
        "counts",
        "facts",
        "kind",
        "port",
        "words",
    )

    def __init__(self, profile: Profile, kind: Kind, template: FrameTemplate) -> None:
        values = template.values
        named = facts_named(values) | facts_named(template.stored)
        self._codec = codec_of(profile)
        self._varying = {key: v for key, v in values.items() if facts_named({key: v})}
        self._constant = {key: v for key, v in values.items() if key not in self._varying}
        self._stored = template.stored
        self._stored_port = template.stored_port or template.port
        self.words = {name: profile.words[name] for name in sorted(named & set(profile.words))}
        self.facts = (named - set(self.words)) | {word.of for word in self.words.values()}
        self.counts = self.facts & COUNTS
        self.kind = kind
        self.port = template.port
        self._plain = Context(port=template.port)
        self.asks_reply = template.asks_reply

    def port_of(self, *, is_stored: bool) -> int | None:
        """Return the LoRaWAN port of the frame."""
        return self._stored_port if is_stored else self.port

    def values(self, facts: Mapping[str, Value], *, is_stored: bool = False) -> dict[str, Value]:
        """Return what the frame says when these are the facts."""
        known = facts
        if self.words:
            put = {name: word.put(facts[word.of]) for name, word in self.words.items()}
            known = {**facts, **put}
        said = self._constant | {key: filled(v, known) for key, v in self._varying.items()}
        if is_stored:
            said |= {key: filled(v, known) for key, v in self._stored.items()}
        return said

    def payload(
        self, facts: Mapping[str, Value], radio: Radio = NO_RADIO, *, is_stored: bool = False
    ) -> bytes:
        """Return the native bytes that say these facts; raise `FrameError` if none can."""
        context = self._plain
        if is_stored or radio is not NO_RADIO:
            port = self.port_of(is_stored=is_stored)
            context = Context(port=port, address=radio.address, key=radio.key)
        return self._codec.encode(self.values(facts, is_stored=is_stored), context)

    def payloads(
        self, facts: Mapping[str, Sequence[Value]], radios: Sequence[Radio]
    ) -> list[bytes]:
        """Return what `payload` returns for each of many units: facts are columns, a row a unit."""
        count = len(radios)
        put = {n: [word.put(one) for one in facts[word.of]] for n, word in self.words.items()}
        known = {**facts, **put}
        said: dict[str, Sequence[Value]] = {k: [v] * count for k, v in self._constant.items()}
        said |= {key: _filled(value, known, count) for key, value in self._varying.items()}
        contexts = [
            self._plain
            if radio is NO_RADIO
            else Context(port=self.port, address=radio.address, key=radio.key)
            for radio in radios
        ]
        return self._codec.encode_many(said, contexts)


def _filled(value: Value, known: Mapping[str, Sequence[Value]], count: int) -> Sequence[Value]:
    """Return what a value of a template comes to in each of many frames."""
    if isinstance(value, str) and value.startswith("$") and value[1:] in known:
        return known[value[1:]]
    rows = ({name: column[row] for name, column in known.items()} for row in range(count))
    return [filled(value, row) for row in rows]


class Speech:
    """All that a device model can say and obey; one object serves every unit of the model."""

    __slots__ = ("_codec", "_commands", "_lines", "is_network_acked", "profile")

    def __init__(self, profile: Profile) -> None:
        link = profile.link
        self.profile = profile
        self.is_network_acked = isinstance(link, LorawanLink) and link.confirmed
        self._codec = codec_of(profile)
        self._lines = {kind: Line(profile, kind, made) for kind, made in profile.frames.items()}
        self._commands = tuple(profile.commands.items())

    def line(self, kind: Kind) -> Line | None:
        """Return the frame for an occasion; a heartbeat stands in for a missing battery frame."""
        line = self._lines.get(kind)
        return self._lines.get(Kind.HEARTBEAT) if line is None and kind is Kind.BATTERY else line

    def radio(self, serial: str, number: int) -> Radio:
        """Return what goes with the frames of a unit; most have nothing, and share it."""
        identity = self.profile.identity
        key = identity.key_of(number)
        if key is None and not identity.is_address:
            return NO_RADIO
        return Radio(serial if identity.is_address else None, key)

    def expected_reply(
        self, payload: bytes, at_s: float, port: int | None, radio: Radio
    ) -> bytes | None:
        """Return what the server answers to a frame (`at_s` since 1970); None where nothing."""
        context = Context(port=port, received_s=at_s, address=radio.address, key=radio.key)
        return self._codec.reply(payload, context)

    def command(self, payload: bytes) -> Command | None:
        """Return what a downlink tells the device to do; None when it is no command it obeys."""
        for command, template in self._commands:
            if self._says(payload, template):
                return command
        return None

    def _says(self, payload: bytes, template: CommandTemplate) -> bool:
        context = Context(direction=Direction.DOWNLINK, port=template.port)
        try:
            said = self._codec.decode(payload, context)
        except FrameError:
            return False
        return all(said.get(key) == value for key, value in template.values.items())

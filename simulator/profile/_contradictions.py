"""What the types of a profile cannot see: names that mean nothing, keys that exclude another."""

import re
import string
from collections.abc import Iterator, Mapping

import msgspec

from simulator.codec import Context, FrameError, LayoutError, UnknownCodecError
from simulator.frame import Direction, Kind, Value
from simulator.profile._codec import codec_of
from simulator.profile._facts import COUNTS, FACTS, facts_named
from simulator.profile._model import (
    LAYOUT,
    Behaviour,
    CancelSource,
    CommandTemplate,
    Origin,
    Profile,
    Words,
)

_NEEDED = {
    "login": (Kind.LOGIN,),
    "service_gesture": (Kind.OTHER,),
    "report_s": (Kind.BATTERY, Kind.HEARTBEAT),
    "report_at_start": (Kind.BATTERY, Kind.HEARTBEAT),
    "heartbeat_s": (Kind.HEARTBEAT,),
    "position_s": (Kind.MOVE,),
    "position_moving_s": (Kind.MOVE,),
    "sos_position_s": (Kind.MOVE,),
}
"""The frames that a key of `behaviour` needs, one of them."""
_EXPLAINED = ("behaviour", "battery", "motion", "link", "acceptance")


def contradictions(profile: Profile, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield what the types cannot see: (key, reason)."""
    yield from _unknown_names(profile)
    yield from _bad_identity(profile)
    yield from _bad_behaviour(profile)
    yield from _unexplained(profile, table)


def _unknown_names(profile: Profile) -> Iterator[tuple[str, str]]:
    yield from _bad_codec(profile)
    if Kind.PRESS not in profile.frames:
        yield "frames", "A profile needs [frames.press]: what the device sends for help."
    for kind, template in profile.frames.items():
        for part in ("values", "stored"):
            yield from _unknown_facts(profile, f"frames.{kind}.{part}", getattr(template, part))
    for name, word in profile.words.items():
        yield from _bad_words(profile, f"words.{name}", word)
    for command, order in profile.commands.items():
        yield from _bad_command(profile, f"commands.{command}.values", order)


def _bad_codec(profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield why there is no codec; nothing that is asked after this one can do without."""
    if (profile.codec == LAYOUT) != (profile.layout is not None):
        yield "codec", f"{LAYOUT!r} and the tables of [layout] belong together"
    try:
        codec_of(profile)
    except UnknownCodecError as error:
        yield "codec", str(error)
    except LayoutError as error:
        yield f"layout.{error.key}", error.reason


def _unknown_facts(
    profile: Profile, key: str, values: Mapping[str, Value]
) -> Iterator[tuple[str, str]]:
    known = {*FACTS, *profile.words}
    for name in sorted(facts_named(values) - known):
        yield key, f"names ${name}, which is no fact. Known: {', '.join([*FACTS, *profile.words])}"


def _bad_words(profile: Profile, key: str, word: Words) -> Iterator[tuple[str, str]]:
    if key.removeprefix("words.") in FACTS:
        yield key, "has the name of a fact"
    if word.of not in set(FACTS) - COUNTS:
        yield f"{key}.of", f"is {word.of!r}, which is no fact that can be put into other words"
    gestures = set(profile.behaviour.gestures) if word.of == "gesture" else set()
    if word.otherwise is None and gestures - set(word.says):
        missing = ", ".join(sorted(gestures - set(word.says)))
        yield f"{key}.says", f"leaves out {missing}, and there is no otherwise"


def _bad_command(profile: Profile, key: str, order: CommandTemplate) -> Iterator[tuple[str, str]]:
    """Yield why a downlink cannot be given, or would not be understood."""
    context = Context(direction=Direction.DOWNLINK, port=order.port)
    try:
        speaker = codec_of(profile)
        said = speaker.decode(speaker.encode(order.values, context), context)
    except FrameError as error:
        yield key, f"cannot be said: {error}"
        return
    if any(said.get(name) != value for name, value in order.values.items()):
        yield key, f"is understood as {said}: write the values as the codec decodes them"


def _bad_identity(profile: Profile) -> Iterator[tuple[str, str]]:
    identity = profile.identity
    patterns = {"serial": identity.serial, "device_id.pattern": identity.device_id.pattern or ""}
    for key, pattern in patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"identity.{key}", f"is not a regular expression: {error}"
            return
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(identity.units) if name == ""]
        serial = identity.serial_of(1)
    except (ValueError, LookupError) as error:
        yield "identity.units", f"cannot be filled with a unit number: {error}"
        return
    if len(fields) != 1:
        yield "identity.units", "needs exactly one {} for the unit number, such as AB{:08d}"
    elif not profile.matches(serial):
        yield "identity.units", f"makes {serial!r}, which identity.serial does not match"
    elif not identity.device_id.derive(serial):
        yield "identity.device_id", f"derives nothing from {serial!r}"


def _bad_behaviour(profile: Profile) -> Iterator[tuple[str, str]]:
    behaviour = profile.behaviour
    if not behaviour.gestures:
        yield "behaviour.gestures", "needs at least one gesture that calls for help"
    if behaviour.cancel_source is CancelSource.NATIVE and Kind.CANCEL not in profile.frames:
        yield "behaviour.cancel_source", "is native, but there is no [frames.cancel]"
    yield from _missing_frames(profile)
    yield from _bad_waiting(behaviour)
    battery = profile.battery
    if battery.full_mv <= battery.empty_mv:
        yield "battery.full_mv", "must be above battery.empty_mv"
    if battery.initial_percent[0] > battery.initial_percent[1]:
        yield "battery.initial_percent", "is [lowest, highest], in that order"
    yield from _bad_limits(profile)
    low, high = profile.link.delay_s
    if low > high:
        yield "link.delay_s", "is [shortest, longest], in that order"


def _bad_limits(profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield limits that are written the wrong way round."""
    for field in msgspec.structs.fields(profile.acceptance):
        limit = getattr(profile.acceptance, field.name)
        if isinstance(limit, tuple) and limit[0] > limit[1]:
            yield f"acceptance.{field.name}", "is [good, bearable], the smaller one first"


def _missing_frames(profile: Profile) -> Iterator[tuple[str, str]]:
    for key, kinds in _NEEDED.items():
        if getattr(profile.behaviour, key) and not any(kind in profile.frames for kind in kinds):
            tables = " or ".join(f"[frames.{kind}]" for kind in kinds)
            yield f"behaviour.{key}", f"needs {tables}, which the profile does not have"


def _bad_waiting(behaviour: Behaviour) -> Iterator[tuple[str, str]]:
    """Yield what would let a device wait for ever, or forget what people asked for."""
    first_s, longest_s = behaviour.reconnect_s
    if first_s > longest_s:
        yield "behaviour.reconnect_s", "is [first pause, longest pause], in that order"
    if behaviour.join_s and behaviour.login_reply_s:
        yield "behaviour.join_s", "is for radios, login_reply_s for connections: say one of them"
    if behaviour.login_reply_s and not behaviour.login:
        yield "behaviour.login_reply_s", "needs login = true"
    for key in ("join_s", "login_reply_s"):
        if getattr(behaviour, key) and not behaviour.store:
            yield f"behaviour.{key}", "needs a store: a press made meanwhile would be lost"


def _unexplained(profile: Profile, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    origins = tuple(origin.value for origin in Origin)
    for part in _EXPLAINED:
        stated = table.get(part, {})
        keys = set(stated) if isinstance(stated, dict) else set()
        explained = profile.provenance.get(part, {})
        for key in sorted(keys - set(explained) - {"network"}):
            yield f"{part}.{key}", f"has no origin: say it under [provenance.{part}]"
        for key, text in explained.items():
            if key not in keys:
                yield f"provenance.{part}.{key}", f"explains nothing: [{part}] has no {key}"
            elif not text.startswith(origins):
                yield f"provenance.{part}.{key}", f"must start with one of {', '.join(origins)}"

"""A binary layout proposed from labelled frames: a field for each byte, and how sure it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cobs import cobs

from simulator.codec import FrameError, codec
from simulator.frame import Value
from simulator.profile.making.capture import Sample, by_label
from simulator.profile.making.evidence import (
    Certainty,
    Checksum,
    Number,
    checksum,
    counter,
    number,
    text_place,
    words_at,
)
from simulator.profile.making.template import quoted

ONE_MESSAGE = "frame"


@dataclass(frozen=True, slots=True)
class Found:
    """One field of a message: where it is, how a layout writes it, and how sure that is."""

    at: int
    size: int
    written: str
    certainty: Certainty
    why: str
    name: str = ""

    @property
    def line(self) -> str:
        """Return the field as a line of TOML with its comment."""
        return f"  {{ {self.written} }},  # {self.certainty}: {self.why}"


@dataclass(slots=True)
class Proposal:
    """A layout in the making."""

    framing: str = ""
    messages: dict[str, list[Found]] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    kind_field: bool = False  # one message, whose field `kind` says the label

    @property
    def text(self) -> str:
        """Return the tables of the layout."""
        framing = f"framing = {self.framing}\n" if self.framing else ""
        parts = [f'[layout]\nform = "binary"\norder = "big"\n{framing}']
        for name, fields in self.messages.items():
            lines = "\n".join(one.line for one in fields)
            parts.append(f"[layout.messages.{name}]\nfields = [\n{lines}\n]")
        return "\n".join(parts)

    @property
    def names(self) -> set[str]:
        """Return the names of all fields."""
        return {one.name for fields in self.messages.values() for one in fields if one.name}


def propose_binary(samples: Sequence[Sample]) -> Proposal:
    """Return the layout that explains most of the frames, with its doubts."""
    made = Proposal()
    bodies, made.framing = _unframed([sample.frame for sample in samples])
    inner = [Sample(body, one.label, one.known) for body, one in zip(bodies, samples, strict=True)]
    ends_with = checksum(bodies)
    _doubt_checksum(made, ends_with, len(set(bodies)))
    counted = _length(bodies)
    groups = by_label(inner)
    if len(groups) > 1 and not _told_apart(groups):
        made.doubts.append("No byte is the same in every frame of a label and tells labels apart.")
        groups = {ONE_MESSAGE: inner}
        made.kind_field = True
    for label, group in groups.items():
        made.messages[label] = list(_fields(made, label, group, ends_with, counted))
    if not made.framing and _begins_alike(made, groups, counted):
        made.framing = '{ kind = "start" }  # likely: every frame begins with the same byte'
    return made


def _begins_alike(made: Proposal, groups: dict[str, list[Sample]], counted: Number | None) -> bool:
    """Return whether a stream of these frames could be cut at their first byte."""
    frames = [one.frame for group in groups.values() for one in group]
    is_sized = counted is not None or all(
        len({len(one.frame) for one in group}) == 1 for group in groups.values()
    )
    is_constant = all(fields[0].written.startswith("constant") for fields in made.messages.values())
    return is_sized and is_constant and len({frame[0] for frame in frames}) == 1


def _unframed(frames: list[bytes]) -> tuple[list[bytes], str]:
    """Return the bodies of frames, and the framing that is taken off."""
    if all(frame.startswith(b"\xc0") and frame.endswith(b"\xc0") for frame in frames):
        slip = codec("serial_slip")
        try:
            bodies = [bytes.fromhex(str(slip.decode(frame)["decoded_hex"])) for frame in frames]
        except FrameError:
            return frames, ""
        return bodies, '{ kind = "slip" }  # sure: every frame stands between C0 bytes'
    if all(frame.endswith(b"\0") and b"\0" not in frame[:-1] for frame in frames):
        try:
            bodies = [cobs.decode(frame[:-1]) for frame in frames]
        except cobs.DecodeError:
            return frames, ""
        return bodies, '{ kind = "cobs" }  # likely: the only zero of each frame is its last byte'
    return frames, ""


def _doubt_checksum(made: Proposal, found: Checksum | None, distinct: int) -> None:
    if found is None:
        reason = "one frame shows none" if distinct < 2 else "no known sum fits all frames"
        made.doubts.append(f"No checksum was found: {reason}.")
    elif found.rivals:
        made.doubts.append(f"Checksums that fit as well: {'; '.join(found.rivals)}.")


def _length(bodies: Sequence[bytes]) -> Number | None:
    """Return the number that goes with the length of a frame; `offset` is what it is short of."""
    if len(set(map(len, bodies))) < 2:
        return None
    shortest = min(map(len, bodies))
    for at in range(min(5, shortest)):
        for size, order in ((1, "big"), (2, "big"), (2, "little")):
            place = Number(at, size, "little" if order == "little" else "big", signed=False)
            short = {len(body) - place.raw(body) for body in bodies}
            if at + size <= shortest and len(short) == 1 and 0 <= min(short) <= 16:
                return Number(at, size, place.order, signed=False, offset=-float(short.pop()))
    return None


def _told_apart(groups: dict[str, list[Sample]]) -> bool:
    """Return whether constants in the same place tell each two labels apart."""
    marks = [_constants([one.frame for one in group]) for group in groups.values()]
    return all(
        any(one[at] != other[at] for at in one.keys() & other.keys())
        for number, one in enumerate(marks)
        for other in marks[:number]
    )


def _constants(frames: Sequence[bytes]) -> dict[int, int]:
    shortest = min(map(len, frames))
    return {
        at: frames[0][at] for at in range(shortest) if len({frame[at] for frame in frames}) == 1
    }


def _fields(
    made: Proposal,
    label: str,
    group: Sequence[Sample],
    ends_with: Checksum | None,
    counted: Number | None,
) -> Iterator[Found]:
    frames = [one.frame for one in group]
    tail = (ends_with.size + ends_with.behind) if ends_with else 0
    head = min(map(len, frames)) - tail
    found = _taken(group, range(head), counted, made.kind_field)
    yield from _filled(found, frames, head)
    if len(set(map(len, frames))) > 1:
        made.doubts.append(f"Frames of {label} differ in length; bytes from {head} on are hex.")
        yield _rest(frames, head, tail)
    if ends_with:
        yield from _ending(ends_with, frames)


def _rest(frames: Sequence[bytes], head: int, tail: int) -> Found:
    most = max(map(len, frames)) - head - tail
    written = f'name = "rest_hex", as = "hex", maximum = {max(64, 2 * most)}'
    return Found(head, 0, written, Certainty.DOUBTFUL, "of any length", "rest_hex")


def _ending(found: Checksum, frames: Sequence[bytes]) -> Iterator[Found]:
    order = f', order = "{found.order}"' if found.size > 1 else ""
    start = f", from = {found.start}" if found.start else ""
    written = f'checksum = "{found.name}", bytes = {found.size}{start}{order}'
    why = f"fits all of {len(set(frames))} different frames"
    yield Found(-1, found.size, written, found.certainty, why)
    for back in range(found.behind, 0, -1):
        byte = {frame[-back] for frame in frames}
        written = f'constant = "{min(byte):02x}"'
        sure = Certainty.LIKELY if len(byte) == 1 else Certainty.DOUBTFUL
        yield Found(-back, 1, written, sure, "behind the checksum")


def _taken(
    group: Sequence[Sample], head: range, counted: Number | None, has_kind: bool
) -> list[Found]:
    """Return the fields that stand for something: length, label, known values, a counter."""
    frames = [one.frame for one in group]
    found: list[Found] = []
    if counted is not None:
        found.append(_length_field(counted))
    if has_kind:
        labels = words_at(frames, [one.label for one in group], _free(head, found))
        found += [_words("kind", *labels)] if labels else []
    for name in dict.fromkeys(name for one in group for name in one.known):
        held = [one for one in group if name in one.known]
        one_found = _known(name, held, _free(head, found))
        found += [one_found] if one_found else []
    count = counter(frames, _varying(frames, _free(head, found)))
    if count and "sequence" not in {one.name for one in found}:
        found.append(_number("sequence", count, "goes up from frame to frame"))
    battery = _battery_byte(frames, _varying(frames, _free(head, found)))
    if battery is not None and "battery_percent" not in {one.name for one in found}:
        why = "never above 100 and changing; it may be anything else"
        written = 'name = "battery_percent", bytes = 1, maximum = 100'
        found.append(Found(battery, 1, written, Certainty.DOUBTFUL, why, "battery_percent"))
    return found


def _length_field(found: Number) -> Found:
    order = f', order = "{found.order}"' if found.size > 1 else ""
    offset = f", offset = {int(found.offset)}" if found.offset else ""
    written = f'length = "frame", bytes = {found.size}{offset}{order}'
    return Found(found.at, found.size, written, Certainty.LIKELY, "goes with the length")


def _free(head: range, found: Sequence[Found]) -> list[int]:
    taken = {at for one in found for at in range(one.at, one.at + one.size)}
    return [at for at in head if at not in taken]


def _varying(frames: Sequence[bytes], free: Sequence[int]) -> list[int]:
    """Return free bytes that vary, and those before them: the high bytes of small counters."""
    varied = {at for at in free if len({frame[at] for frame in frames}) > 1}
    return [at for at in free if {at, at + 1, at - 1} & varied]


def _battery_byte(frames: Sequence[bytes], free: Sequence[int]) -> int | None:
    for at in free:
        seen = {frame[at] for frame in frames}
        if len(seen) > 1 and max(seen) <= 100 and min(seen) > 0 and len(frames) >= 3:
            return at
    return None


def _known(name: str, held: Sequence[Sample], free: Sequence[int]) -> Found | None:
    """Return where a known value stands."""
    frames, values = [one.frame for one in held], [one.known[name] for one in held]
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        numbers = [float(v) for v in values if isinstance(v, int | float)]
        place = number(name, frames, numbers, free)
        why = f"agrees with {len(set(numbers))} known values"
        if place and place.rivals:
            why += f"; {place.rivals} other places agree as well"
        return _number(name, place, why) if place else None
    texts = [str(value) for value in values]
    at = text_place(frames, texts)
    if at is not None and set(range(at[0], at[0] + at[1])) <= set(free):
        written = f'name = {quoted(name)}, as = "{at[2]}", bytes = {at[1]}'
        if at[2] == "digits" and len(texts[0]) % 2:
            written += f", width = {len(texts[0])}"
        sure = Certainty.SURE if len(set(texts)) > 1 else Certainty.LIKELY
        return Found(at[0], at[1], written, sure, f"stands there as {at[2]}", name)
    words = words_at(frames, values, free)
    return _words(name, *words) if words else None


def _words(name: str, at: int, codes: dict[str, int]) -> Found:
    told = ", ".join(f"{quoted(word)} = {code}" for word, code in codes.items())
    written = f"name = {quoted(name)}, bytes = 1, enum = {{ {told} }}"
    why = f"tells {len(codes)} words apart; other words may exist"
    return Found(at, 1, written, Certainty.LIKELY, why, name)


def _number(name: str, found: Number, why: str) -> Found:
    parts = [f"name = {quoted(name)}", f"bytes = {found.size}"]
    parts += ["signed = true"] if found.signed else []
    parts += [f"scale = {found.scale!r}"] if found.scale != 1 else []
    parts += [f"offset = {found.offset:g}"] if found.offset else []
    parts += [f'order = "{found.order}"'] if found.size > 1 else []
    return Found(found.at, found.size, ", ".join(parts), found.certainty, why, name)


def _filled(found: Sequence[Found], frames: Sequence[bytes], head: int) -> Iterator[Found]:
    """Yield the fields in their order; what lies between them is constant or unknown."""
    places = {one.at: one for one in found}
    constants = _constants(frames)
    free = set(_free(range(head), found))
    at = 0
    while at < head:
        if at in places:
            yield places[at]
            at += places[at].size
            continue
        end, is_constant = at, at in constants
        while end in free and end < head and (end in constants) == is_constant:
            end += 1
        yield _constant(frames, at, end) if is_constant else _unknown(at, end)
        at = end


def _constant(frames: Sequence[bytes], at: int, end: int) -> Found:
    many = len(set(frames))
    sure = Certainty.LIKELY if many >= 4 else Certainty.DOUBTFUL
    written = f'constant = "{frames[0][at:end].hex()}"'
    return Found(at, end - at, written, sure, f"the same in {many} different frames")


def _unknown(at: int, end: int) -> Found:
    name = f"unknown_{at}_hex"
    written = f'name = "{name}", as = "hex", bytes = {end - at}'
    return Found(at, end - at, written, Certainty.DOUBTFUL, "changes, and no reason is seen", name)


def shown(value: Value) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return quoted(value) if isinstance(value, str) else repr(value)

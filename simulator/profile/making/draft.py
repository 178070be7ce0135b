"""A draft of a profile from a capture, and how much of the capture it can write again."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from simulator.codec import FrameError, LayoutCodec, LayoutError, LayoutTable, layout_codec
from simulator.frame import Kind, Value
from simulator.profile._facts import FACTS
from simulator.profile.making.binary import ONE_MESSAGE, Proposal, propose_binary, shown
from simulator.profile.making.capture import Sample, by_label
from simulator.profile.making.template import NewProfile, Speech, profile_text, quoted
from simulator.profile.making.textual import TextProposal, propose_text

_FACTS = {*FACTS} - {"gesture", "time", "press_count", "sos_active"}


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a profile; of `frames` it writes `repeated` again byte by byte."""

    text: str
    frames: int
    repeated: int
    doubts: tuple[str, ...]


def draft_of(samples: Sequence[Sample], name: str) -> Draft:
    """Return a draft; raise `LayoutError` where the frames cannot be put into a layout."""
    made = propose_text(samples) if samples[0].is_text else propose_binary(samples)
    codec = _codec(name, made.text)
    repeated = [sample for sample in samples if _repeats(codec, sample)]
    doubts = list(made.doubts)
    if len(repeated) < len(samples):
        left = len(samples) - len(repeated)
        doubts.append(f"{left} of {len(samples)} frames are not written again as they are.")
    new = _new(name, samples, made, codec, doubts)
    speech = _speech(made, codec, samples)
    return Draft(profile_text(new, speech), len(samples), len(repeated), tuple(doubts))


def _codec(name: str, layout: str) -> LayoutCodec:
    table = tomllib.loads(layout)["layout"]
    try:
        return layout_codec(name, msgspec.convert(table, LayoutTable))
    except msgspec.ValidationError as error:
        raise LayoutError("layout", str(error)) from error


def _repeats(codec: LayoutCodec, sample: Sample) -> bool:
    """Return whether a frame is read and written again; text may lack its line end."""
    try:
        again = codec.encode(codec.decode(sample.frame))
    except FrameError:
        return False
    return (
        again.rstrip(b"\r\n") == sample.frame.rstrip(b"\r\n")
        if sample.is_text
        else (again == sample.frame)
    )


def _new(
    name: str,
    samples: Sequence[Sample],
    made: Proposal | TextProposal,
    codec: LayoutCodec,
    doubts: Sequence[str],
) -> NewProfile:
    labels = ", ".join(f"{len(group)} {label}" for label, group in by_label(samples).items())
    notes = (
        f"DRAFT from {len(samples)} captured frames ({labels}). Read every line: what is marked",
        "DOUBTFUL is a guess, and what is likely may still be wrong. More frames make it better.",
        *(f"DOUBT: {doubt}" for doubt in doubts),
    )
    serial, units = _identity(samples, made, codec)
    return NewProfile(name=name, title=f"{name} (draft)", serial=serial, units=units, notes=notes)


def _identity(
    samples: Sequence[Sample], made: Proposal | TextProposal, codec: LayoutCodec
) -> tuple[str, str]:
    """Return which serials the frames can say."""
    first = _values(codec, samples[0]) if "serial" in made.names else {}
    serial = str(first.get("serial", "00000000"))
    size = len(serial)
    if serial.isdigit():
        return rf"\d{{{size}}}", f"{{:0{size}d}}"
    if all(letter in "0123456789abcdefABCDEF" for letter in serial):
        return f"[0-9a-fA-F]{{{size}}}", f"{{:0{size}X}}"
    head = serial.rstrip("0123456789")
    left = max(1, size - len(head))
    return f"{head}\\d{{{left}}}", f"{head}{{:0{left}d}}"


def _values(codec: LayoutCodec, sample: Sample) -> Mapping[str, Value]:
    try:
        return codec.decode(sample.frame)
    except FrameError:
        return {}


def _speech(made: Proposal | TextProposal, codec: LayoutCodec, samples: Sequence[Sample]) -> Speech:
    groups = by_label(samples)
    kinds = _kinds(list(groups))
    frames = [_frame(kind, codec, groups[label][0]) for label, kind in kinds.items()]
    rules = [_rule(made, label, kind, len(groups)) for label, kind in kinds.items()]
    return Speech(
        made.text,
        "\n\n".join(frames),
        "\n\n".join(rules),
        has_cancel=Kind.CANCEL in kinds.values(),
        has_report=bool({Kind.BATTERY, Kind.HEARTBEAT} & set(kinds.values())),
    )


def _kinds(labels: Sequence[str]) -> dict[str, Kind]:
    """Return what each label means; a profile needs a press, so the first may have to be one."""
    known = {label: Kind(label) for label in labels if label in {kind.value for kind in Kind}}
    for label in labels:
        if label not in known and Kind.OTHER not in known.values():
            known[label] = Kind.OTHER
    if Kind.PRESS not in known.values():
        known[labels[0]] = Kind.PRESS
    return known


def _frame(kind: Kind, codec: LayoutCodec, sample: Sample) -> str:
    values = {
        name: _fact(name, codec) if name in _FACTS else value
        for name, value in _values(codec, sample).items()
    }
    said = ", ".join(f"{name} = {shown(value)}" for name, value in values.items())
    return f"[frames.{kind}]\nvalues = {{ {said} }}"


def _fact(name: str, codec: LayoutCodec) -> str:
    """Return the fact of a name; a counter of one byte takes the fact that fits into it."""
    sizes = {row.size for row in codec.rows if row.field == name}
    return "$packet_id" if name == "sequence" and "8 bits" in sizes else f"${name}"


def _rule(made: Proposal | TextProposal, label: str, kind: Kind, many: int) -> str:
    if many == 1:
        when = ""
    elif ONE_MESSAGE in made.messages:
        when = f"when = {{ kind = {quoted(label)} }}" if "kind" in made.names else ""
    else:
        when = f"when = {{ message = {quoted(label)} }}"
    return f"[[meaning]]\nkind = {quoted(kind.value)}\n{when}".rstrip()

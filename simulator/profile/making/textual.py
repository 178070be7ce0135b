"""A text or JSON layout proposed from labelled frames."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from simulator.codec import sums
from simulator.frame import Value
from simulator.profile.making.binary import ONE_MESSAGE
from simulator.profile.making.capture import Sample, by_label
from simulator.profile.making.evidence import Certainty
from simulator.profile.making.template import quoted

_SEPARATORS = ",;|\t "


class TextProposal:
    """A layout of columns or paths in the making."""

    def __init__(self, head: str) -> None:
        self.head = head
        self.messages: dict[str, list[str]] = {}
        self.doubts: list[str] = []
        self.names: set[str] = set()
        self.kind_field = False

    @property
    def text(self) -> str:
        """Return the tables of the layout."""
        parts = [self.head]
        for name, lines in self.messages.items():
            told = "\n".join(lines)
            parts.append(f"[layout.messages.{name}]\nfields = [\n{told}\n]")
        return "\n".join(parts)


def propose_text(samples: Sequence[Sample]) -> TextProposal:
    """Return a layout of JSON where all frames are objects, else of columns."""
    texts = [sample.frame.decode().rstrip("\r\n") for sample in samples]
    end = "\\r\\n" if any(b"\r\n" in sample.frame for sample in samples) else "\\n"
    framing = f'framing = {{ kind = "line", end = "{end}" }}\n'
    try:
        objects = [json.loads(text) for text in texts]
    except ValueError:
        objects = []
    if objects and all(isinstance(one, dict) for one in objects):
        made = TextProposal(f'[layout]\nform = "json"\n{framing}')
        rows = [dict(_paths(one)) for one in objects]
        _describe(made, samples, rows, is_json=True)
        return made
    return _columns(samples, texts, framing)


def _columns(samples: Sequence[Sample], texts: list[str], framing: str) -> TextProposal:
    prefix = "$" if all(text.startswith("$") for text in texts) else ""
    bodies = [text.removeprefix(prefix) for text in texts]
    name, bodies = _checked(bodies)
    separator = max(_SEPARATORS, key=lambda one: min(body.count(one) for body in bodies))
    around = [f"separator = {quoted(separator)}"]
    around += [f"prefix = {quoted(prefix)}"] if prefix else []
    around += [f"checksum = {quoted(name)}"] if name else []
    head = f'[layout]\nform = "text"\n{framing}text = {{ {", ".join(around)} }}\n'
    made = TextProposal(head)
    if not name:
        made.doubts.append("No checksum was found behind a '*'.")
    rows: list[dict[str, Value]] = [
        {str(at): text for at, text in enumerate(body.split(separator))} for body in bodies
    ]
    _describe(made, samples, rows, is_json=False)
    return made


def _checked(bodies: list[str]) -> tuple[str, list[str]]:
    """Return the sum behind the last star of all texts, and the texts without it."""
    parts = [body.rpartition("*") for body in bodies]
    for one in sums().values():
        if all(
            mark and told.upper() == f"{one.of(body.encode()):0{2 * one.size}X}"
            for body, mark, told in parts
        ):
            return one.name, [body for body, _, _ in parts]
    return "", bodies


def _paths(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, f"{path}.{key}" if path else key)
    elif not isinstance(value, list):
        yield path, value


def _describe(
    made: TextProposal, samples: Sequence[Sample], rows: list[dict[str, Value]], *, is_json: bool
) -> None:
    groups = by_label(samples)
    labels = [sample.label for sample in samples]
    told = {
        label: [row for row, one in zip(rows, labels, strict=True) if one == label]
        for label in groups
    }
    if len(told) > 1 and not _told_apart(list(told.values())):
        made.doubts.append("No constant tells the labels apart.")
        groups, told = {ONE_MESSAGE: list(samples)}, {ONE_MESSAGE: rows}
    for label, group in groups.items():
        lengths = Counter(tuple(row) for row in told[label])
        if len(lengths) > 1:
            made.doubts.append(f"Frames of {label} differ in their fields.")
        made.messages[label] = [
            _line(made, at, [row.get(at) for row in told[label]], group, is_json=is_json)
            for at in dict.fromkeys(key for row in told[label] for key in row)
        ]


def _told_apart(groups: Sequence[Sequence[dict[str, Value]]]) -> bool:
    marks = [
        {at: group[0][at] for at in group[0] if len({str(row.get(at)) for row in group}) == 1}
        for group in groups
    ]
    return all(
        any(one[at] != other[at] for at in one.keys() & other.keys())
        for number, one in enumerate(marks)
        for other in marks[:number]
    )


def _line(
    made: TextProposal, at: str, values: list[Value], group: Sequence[Sample], *, is_json: bool
) -> str:
    path = f"path = {quoted(at)}, " if is_json else ""
    optional = ", optional = true" if any(v is None or v == "" for v in values) else ""
    said = [value for value in values if value not in (None, "")]
    name = _known_name(at, values, group)
    if name is None and len({str(value) for value in values}) == 1 and said:
        sure = Certainty.LIKELY if len(group) >= 4 else Certainty.DOUBTFUL
        why = f"the same in {len(group)} frames"
        return f"  {{ {path}constant = {quoted(str(said[0]))} }},  # {sure}: {why}"
    sure = Certainty.SURE if name else Certainty.DOUBTFUL
    name = name or f"unknown_{at.replace('.', '_').lower()}"
    made.names.add(name)
    why = "agrees with the known values" if sure is Certainty.SURE else "no reason is seen"
    return f"  {{ {path}name = {quoted(name)}{_sort(said)}{optional} }},  # {sure}: {why}"


def _known_name(at: str, values: list[Value], group: Sequence[Sample]) -> str | None:
    """Return the known value that stands in a column of every frame."""
    for name in dict.fromkeys(name for one in group for name in one.known):
        pairs = [
            (value, one.known[name])
            for value, one in zip(values, group, strict=True)
            if name in one.known
        ]
        if pairs and all(_same(value, known) for value, known in pairs):
            return name
    return None


def _same(value: Value, known: Value) -> bool:
    try:
        return float(str(value)) == float(str(known))
    except ValueError:
        return str(value) == str(known)


def _sort(values: Sequence[Value]) -> str:
    if values and all(isinstance(value, bool) for value in values):
        return ', as = "flag"'
    texts = [str(value) for value in values]
    numbers = all(_is_number(text) for text in texts)
    if not numbers or not texts:
        return ', as = "text"'
    digits = {len(text.partition(".")[2]) for text in texts}
    widths = {len(text) for text in texts if text.startswith("0") and "." not in text}
    width = f", width = {widths.pop()}" if len(widths) == 1 else ""
    return (f", digits = {max(digits)}" if max(digits) else "") + width


def _is_number(text: str) -> bool:
    whole, _, part = text.removeprefix("-").partition(".")
    return whole.isdigit() and (not part or part.isdigit()) and len(text) < 15

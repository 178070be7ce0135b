"""Where in the text of a run file a key is written."""

import re
from collections.abc import Mapping

from simulator.profile import line_of


def line_in(text: str, key: str) -> int | None:
    """Return the line of a dotted key, such as `faults[1].area.radius_m`; None if it is nowhere.

    An index counts the tables `[[faults]]`; a key that is not written is where its table begins.
    """
    found = re.match(r"(\w+)\[(\d+)\]\.?(.*)", key)
    if not found:
        return line_of(text, key)
    name, index, rest = found[1], int(found[2]), found[3]
    lines = text.splitlines()
    heads = [n for n, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{name}\s*\]\]", line)]
    if index >= len(heads):
        return line_of(text, name)
    start = heads[index]
    ends = (
        n
        for n in range(start + 1, len(lines))
        if re.match(rf"\s*\[\[?(?!\[?\s*{name}\.)", lines[n])
    )
    own = lines[start : next(ends, len(lines))]
    wanted = re.split(r"[.\[]", rest)[0]
    settings = (
        n for n, line in enumerate(own) if re.match(rf"\s*{re.escape(wanted)}\s*[.=]", line)
    )
    return start + 1 + (next(settings, 0) if wanted else 0)


def named(table: Mapping[str, object], key: str) -> str:
    """Return a key in which `mix[...]`, which stands for any entry, names the one that is wrong."""
    mix = table.get("mix")
    if not key.startswith("mix[...]") or not isinstance(mix, dict):
        return key
    wrong = (n for n, count in mix.items() if not isinstance(count, int) or count < 1)
    return f"mix.{next(wrong, '')}".rstrip(".")

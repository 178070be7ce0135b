"""What tables of a run file say in short, written out in full before it is read into types."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from simulator.errors import InputError


class ShortcutError(InputError):
    """A table names something that does not exist; `key` is where."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


@cache
def shipped_personas() -> Mapping[str, Mapping[str, object]]:
    """Return the personas that ship, by name."""
    text = files("simulator.device").joinpath("personas.toml").read_text("utf-8")
    return tomllib.loads(text)


def written_out(table: dict[str, object]) -> dict[str, object]:
    """Return the table of a run file with every persona in full; raise `ShortcutError`."""
    personas = table.get("personas")
    if not isinstance(personas, list):
        return table
    return {**table, "personas": [_persona(one, at) for at, one in enumerate(personas)]}


def _persona(table: object, at: int) -> object:
    if not isinstance(table, dict) or "like" not in table:
        return table
    like = table["like"]
    shipped = shipped_personas()
    if like not in shipped:
        near = get_close_matches(str(like), list(shipped), n=1, cutoff=0.3)
        hint = f"the nearest is {near[0]}; " if near else ""
        reason = f"there is no persona '{like}'; {hint}there are {', '.join(shipped)}"
        raise ShortcutError(f"personas[{at}].like", reason)
    rest = {name: value for name, value in table.items() if name != "like"}
    return {"name": like, **shipped[like], **rest}

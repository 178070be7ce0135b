"""Load files that ship: loads from life, each with its purpose and with thresholds."""

from collections.abc import Iterator
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from simulator.errors import InputError


class NoSuchLoadFileError(InputError):
    """Neither a file nor a load file that ships has this name: `name`."""

    def __init__(self, name: str) -> None:
        near = get_close_matches(name, [path.stem for path in plans()], n=1, cutoff=0.4)
        hint = f" Do you mean {near[0]}?" if near else ""
        super().__init__(
            f"There is no load file {name}, and none of this name ships.{hint} "
            "`aurasim load --list` names those that do."
        )
        self.name = name


def plans() -> Iterator[Path]:
    """Yield the load files that ship, in the order of their names."""
    yield from sorted(Path(str(files(__name__))).glob("*.toml"))


def load_file(name: str) -> Path:
    """Return the load file of a path, or one that ships by its name."""
    path = Path(name)
    if path.exists() or path.suffix == ".toml" or len(path.parts) > 1:
        return path
    found = next((plan for plan in plans() if plan.stem == name), None)
    if found is None:
        raise NoSuchLoadFileError(name)
    return found

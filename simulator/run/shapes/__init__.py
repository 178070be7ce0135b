"""Run files that ship: shapes from life, each with its purpose in the comment it begins with."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from simulator.errors import InputError


class NoSuchRunFileError(InputError):
    """Neither a file nor a shape that ships has this name: `name`."""

    def __init__(self, name: str) -> None:
        known = [shape.name for shape in shapes()]
        near = get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f" Do you mean {near[0]}?" if near else ""
        super().__init__(
            f"There is no run file {name}, and no shape of this name.{hint} "
            "`aurasim run --list` names the shapes."
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class Shape:
    """A run file that ships: what it is about, and what it asks."""

    name: str
    path: Path
    purpose: str
    asks: str


def shapes() -> Iterator[Shape]:
    """Yield the run files that ship, in the order of their names."""
    folder = Path(str(files(__name__)))
    for path in sorted(folder.glob("*.toml")):
        yield _shape(path)


def run_file(name: str) -> Path:
    """Return the run file of a path, or of a shape that ships; raise `NoSuchRunFileError`."""
    path = Path(name)
    if path.exists() or path.suffix == ".toml" or len(path.parts) > 1:
        return path
    for shape in shapes():
        if shape.name == name:
            return shape.path
    raise NoSuchRunFileError(name)


def _shape(path: Path) -> Shape:
    lines = path.read_text("utf-8").splitlines()
    comment = [line.lstrip("# ") for line in lines if line.startswith("#")]
    purpose = comment[0] if comment else ""
    asked = " ".join(line for line in comment[1:] if line)
    return Shape(path.stem, path, purpose, asked.removeprefix("Asks: "))

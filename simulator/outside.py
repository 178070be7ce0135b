"""Files that others wrote, read within bounds: no size, depth or number of theirs hurts us."""

import errno
import os
import tomllib
from pathlib import Path

MOST_BYTES = 4 * 1024 * 1024
_LONGEST_LINE = 20_000  # characters; a key of a hundred thousand parts takes minutes to read


def text_of(path: Path, most_bytes: int = MOST_BYTES) -> str:
    """Return a text file; raise OSError for one that is too large, UnicodeDecodeError for none."""
    with path.open("rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content.decode("utf-8")


def toml_of(text: str) -> dict[str, object]:
    """Read TOML; raise tomllib.TOMLDecodeError for all that is none, or that is made to hurt."""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > _LONGEST_LINE:
            raise tomllib.TOMLDecodeError(f"A line is too long (at line {number}, column 1)")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError as error:
        raise tomllib.TOMLDecodeError("It is nested too deeply") from error
    except ValueError as error:  # Python reads no number of thousands of digits
        raise tomllib.TOMLDecodeError(f"A number is too long: {error}") from error

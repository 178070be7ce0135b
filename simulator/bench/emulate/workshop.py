"""Builds our C programs where they are needed, once for each state of their source.

What is built stays in the user's cache folder. Two builders at a time do no harm: each makes a file
of its own and moves it to its place.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from simulator.errors import UnavailableError

FIRMWARE = Path(__file__).parent / "firmware"
_LONGEST_S = 120.0


class BuildError(UnavailableError):
    """A program of ours does not build on this machine: its `source` and what the compiler said."""

    def __init__(self, source: str, said: str) -> None:
        super().__init__(
            f"{source} does not build here: {said} Run scripts/install-bench, and try again."
        )
        self.source = source
        self.said = said


def cache() -> Path:
    """Return the folder of what is built or fetched for the bench, made if it was not there."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "aurasim"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = (
            f"{folder} cannot be made: {error.strerror}. Set XDG_CACHE_HOME to a folder of yours."
        )
        raise UnavailableError(message) from error
    return folder


async def built(source: str, compiler: Sequence[str], libraries: Sequence[str] = ()) -> Path:
    """Return the program made of a source in `firmware/`, built now if it is new."""
    path = FIRMWARE / source
    recipe = "\0".join((*compiler, *libraries)).encode()
    digest = hashlib.sha256(recipe + path.read_bytes()).hexdigest()[:16]
    program = cache() / f"{path.stem}-{digest}"
    if not program.exists():
        await _build(path, program, compiler, libraries)
    return program


async def _build(
    source: Path, program: Path, compiler: Sequence[str], libraries: Sequence[str]
) -> None:
    with tempfile.TemporaryDirectory(dir=program.parent) as folder:
        made = Path(folder) / program.name
        command = [*compiler, "-o", str(made), str(source), *libraries]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(_LONGEST_S):
                said, _ = await process.communicate()
        except TimeoutError as error:
            process.kill()
            await process.wait()
            raise BuildError(source.name, f"{command[0]} took over {_LONGEST_S:g} s.") from error
        if process.returncode:
            raise BuildError(source.name, said.decode(errors="replace").strip()[-500:])
        made.replace(program)

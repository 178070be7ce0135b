"""One writer at a time for the folder of a run; a process that is killed lets go."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.journal.errors import JournalUnwritableError


@contextmanager
def written_alone(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to the folder of a run; raise JournalUnwritableError."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks; there, two writers are the user's to avoid
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY)
    except OSError as error:
        message = (
            f"The run cannot be written to {folder}: {error.strerror}. "
            "Name a folder that you may write with --out."
        )
        raise JournalUnwritableError(message) from error
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = (
                f"The run in {folder} is still being written by another process. "
                "Wait for it, stop it, or name another folder with --out."
            )
            raise JournalUnwritableError(message) from error
        yield
    finally:
        os.close(held)

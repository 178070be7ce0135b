"""Where things live on this machine that outlast a run: open lists, ceilings, comparisons."""

import os
from collections.abc import Mapping
from pathlib import Path

from simulator.errors import UnavailableError


class StateError(UnavailableError):
    """The folder that outlasts a run cannot be used: `path` and `reason`."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} cannot be used: {reason}. What a run opens outside the sandbox has to be "
            "written down first. Make the folder writable, or name another with AURASIM_STATE."
        )
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type["StateError"], tuple[Path, str]]:
        return type(self), (self.path, self.reason)


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return AURASIM_STATE, or `aurasim` in XDG_STATE_HOME, or in ~/.local/state."""
    named = environment.get("AURASIM_STATE")
    if named:
        return Path(named)
    home = environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "aurasim"


def made(folder: Path) -> Path:
    """Return a folder that is there and is ours alone; raise StateError where it cannot be."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(folder, error.strerror or str(error)) from error
    return folder

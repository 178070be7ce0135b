"""A run: fleet, gateway and target put together on one clock, with one journal."""

from simulator.run.planned import Planned
from simulator.run.runner import Progress, Run, RunResult
from simulator.run.settings import RunFileError, RunSettings, read_run_file
from simulator.run.workers import check_shared, run_shared
from simulator.run.world import World
from simulator.run.writing import settings_in, table_of, toml_of

__all__ = [
    "Planned",
    "Progress",
    "Run",
    "RunFileError",
    "RunResult",
    "RunSettings",
    "World",
    "check_shared",
    "read_run_file",
    "run_shared",
    "settings_in",
    "table_of",
    "toml_of",
]

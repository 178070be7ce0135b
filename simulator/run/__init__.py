"""A run: fleet, gateway and target put together on one clock, with one journal."""

from simulator.run.runner import Progress, Run, RunResult
from simulator.run.settings import RunFileError, RunSettings, read_run_file
from simulator.run.world import World

__all__ = ["Progress", "Run", "RunFileError", "RunResult", "RunSettings", "World", "read_run_file"]

"""The root of every error we raise, and the exit code each family leads to.

A concrete error lives in the room that raises it, inherits one of the families below and, through
it, the fitting builtin, and carries the fields a program would ask for. Its message says what
happened, to what, and the next step.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What `aurasim` ends with."""

    PASS = 0
    FAILED = 1  # a test, a threshold or the ledger failed
    USAGE = 2
    ENVIRONMENT = 3  # port, token, network, disk
    VOID = 4  # the run cannot be judged
    BUG = 70  # ours


class SimulatorError(Exception):
    """Any error of ours; catch this to catch them all."""

    exit_code = ExitCode.BUG


class InputError(SimulatorError, ValueError):
    """Something a person or a file said cannot be accepted."""

    exit_code = ExitCode.USAGE


class UnavailableError(SimulatorError, OSError):
    """The world around the run is not as needed: a port, a network, a disk, a credential."""

    exit_code = ExitCode.ENVIRONMENT

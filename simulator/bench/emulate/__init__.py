"""Real firmware in an emulator, offered to the bench as if it were plugged in."""

from simulator.bench.emulate.contract import (
    KINDS,
    Emulated,
    EmulatedActError,
    EmulatorMissingError,
    emulated,
)

__all__ = ["KINDS", "Emulated", "EmulatedActError", "EmulatorMissingError", "emulated"]

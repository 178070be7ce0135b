"""What the bench asks of an emulated unit; how it is made is the matter of one module a kind.

The bench reaches the unit only as it reaches a real one, by `port` or `ble`. The methods stand for
the hands and the mains plug of a person.
"""

import importlib
import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol, cast

from simulator.errors import InputError, UnavailableError
from simulator.profile import load

KINDS = ("avr", "microbit", "ble-avr", "ble-button")
"""The kinds of emulated units; `ble-button` lives in the module `ble_button`."""


class EmulatorMissingError(UnavailableError):
    """This machine cannot run an emulated unit: `kind`, what is `missing`, and the `remedy`."""

    def __init__(self, kind: str, missing: str, remedy: str) -> None:
        super().__init__(f"The emulated unit {kind} needs {missing}. {remedy}")
        self.kind = kind
        self.missing = missing
        self.remedy = remedy


class EmulatedActError(InputError):
    """An emulated unit has no such part: a machine without a battery model, for example."""


class Emulated(Protocol):
    """One running unit, until its context manager is left."""

    @property
    def profile(self) -> str:
        """The profile of its firmware, a name or a path."""
        ...

    @property
    def serial(self) -> str:
        """The serial number that its frames carry, or its radio address without colons."""
        ...

    @property
    def firmware(self) -> str:
        """Which firmware runs on what, for the report."""
        ...

    @property
    def port(self) -> str | None:
        """The pyserial URL of a unit on a wire. It stays the same over unplug and plug."""
        ...

    @property
    def ble(self) -> str | None:
        """The address or the name of a unit on the radio."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """What bleak's backend needs in the environment, as DBUS_SYSTEM_BUS_ADDRESS."""
        ...

    async def press(self, hold_s: float) -> None:
        """Hold the button so long, in the time of the device; return when the finger is off."""
        ...

    async def battery(self, millivolts: int) -> None:
        """Set the voltage of the battery; raise EmulatedActError where there is none."""
        ...

    async def unplug(self) -> None:
        """Pull the plug, or leave the range of the radio."""
        ...

    async def plug(self) -> None:
        """Put it back."""
        ...

    async def watch(self) -> None:
        """Wait for ever; raise UnavailableError when the emulator ends by itself."""
        ...


class _Kind(Protocol):
    PROFILE: str
    SERIAL: str

    def emulated(self, serial: str) -> AbstractAsyncContextManager[Emulated]: ...


def emulated(kind: str, serial: str | None = None) -> AbstractAsyncContextManager[Emulated]:
    """Run an emulated unit; entering raises EmulatorMissingError where it cannot run here.

    Each kind is a module of this package with a function `emulated()` of its own. Units that run
    at a time need serials of their own; raises InputError for one that the profile does not know.
    """
    if kind not in KINDS:
        message = f"'{kind}' is no emulated unit. Say one of {', '.join(KINDS)}."
        raise InputError(message)
    module = importlib.import_module(f"simulator.bench.emulate.{kind.replace('-', '_')}")
    known = cast("_Kind", module)
    wanted = known.SERIAL if serial is None else serial
    pattern = load(known.PROFILE).identity.serial
    if not re.fullmatch(pattern, wanted):
        message = f"'{wanted}' is no serial of {known.PROFILE}: these are like {pattern}."
        raise InputError(message)
    return known.emulated(wanted)

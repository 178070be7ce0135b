"""The D-Bus service `org.bluez`, as bleak's own BlueZ backend wants it, on a virtual radio.

bleak talks to it over a private bus and is none the wiser: what the bench runs is the code that it
runs on a Linux machine with Bluetooth. Behind it is bumble's host instead of a kernel.
"""

from simulator.bench.emulate.bluez.bus import private_bus
from simulator.bench.emulate.bluez.service import bluez_on

__all__ = ["bluez_on", "private_bus"]

"""Firmware state machines, with the battery, the motion and the person that go with them.

Nothing here does I/O, reads a clock or draws an unnamed random number. The contract of a device is
`wake(now, inbox) -> (frames, next_wake)`: it lets one model run in virtual time by the million, in
real time under load, as a twin beside a real unit, and be shrunk to the smallest failing case.
"""

from simulator.device.battery import BatteryState
from simulator.device.firmware import Firmware
from simulator.device.motion import Place, Position, Wander, moved
from simulator.device.person import Act, ActKind, Code, People, acts
from simulator.device.speech import Line, Radio, Speech
from simulator.device.stimuli import (
    NEVER,
    CancelGesture,
    PowerOn,
    Press,
    Reply,
    ServiceGesture,
    Silenced,
    Stimulus,
    Woken,
)

__all__ = [
    "NEVER",
    "Act",
    "ActKind",
    "BatteryState",
    "CancelGesture",
    "Code",
    "Firmware",
    "Line",
    "People",
    "Place",
    "Position",
    "PowerOn",
    "Press",
    "Radio",
    "Reply",
    "ServiceGesture",
    "Silenced",
    "Speech",
    "Stimulus",
    "Wander",
    "Woken",
    "acts",
    "moved",
]

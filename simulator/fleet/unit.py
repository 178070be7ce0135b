"""One unit of a fleet: its firmware, its radio, and when it is to be woken."""

from simulator.device import NEVER, Firmware
from simulator.link import Link


class Unit:
    """Slotted and mutable: a fleet has one for each device."""

    __slots__ = ("firmware", "index", "link", "next_wake", "presses")

    def __init__(self, index: int, firmware: Firmware, link: Link) -> None:
        self.index = index
        self.firmware = firmware
        self.link = link
        self.next_wake = NEVER
        self.presses = 0

    @property
    def name(self) -> str:
        """Return the name of the device: its model and its number."""
        return self.firmware.name

    def press_name(self) -> str:
        """Return the name of the latest press of this unit."""
        return f"{self.name}#{self.presses}"

"""What is left of a radio between two frames: a few numbers."""

from dataclasses import dataclass

from simulator.link._contract import Link
from simulator.link.ble import Ble
from simulator.link.cellular import Cellular
from simulator.link.direct import Direct
from simulator.link.lorawan import Lorawan
from simulator.link.sigfox import Sigfox

Plain = Ble | Cellular | Direct | Lorawan | Sigfox
"""The radios that there are; a fault or a coverage stands around one of them."""


@dataclass(slots=True)
class Resting:
    """A radio beside its model. Mutable: whoever holds it moves it on."""

    drawn: int  # from the stream of the air
    first_s: float = 0.0  # LoRaWAN: until when it must be silent
    second_s: float = 0.0  # LoRaWAN: when the latest transmission ended
    day: int = 0  # Sigfox: the day that is counted
    sent: int = 0  # Sigfox: frames of that day
    heard: int = 0  # Sigfox: downlinks of that day


def resting(link: Link) -> Resting | None:
    """Return a radio as numbers; None for one that waits for an answer, or is no plain radio."""
    match link:
        case Lorawan():
            if link._is_acked:
                return None
            return Resting(link._air.count, link._silent_until_s, link._ends_s)
        case Sigfox():
            if link._asked_s is not None:
                return None
            counts = link._day, link._sent_today, link._heard_today
            return Resting(link._air.count, 0.0, 0.0, *counts)
        case Ble() | Cellular() | Direct():
            return Resting(link._air.count)
        case _:
            return None


def rouse(link: Plain, numbers: Resting) -> None:
    """Let a radio go on from where a resting one was."""
    link._air.count = numbers.drawn
    if isinstance(link, Lorawan):
        link._silent_until_s, link._ends_s = numbers.first_s, numbers.second_s
        link._is_acked = False
    elif isinstance(link, Sigfox):
        link._day, link._sent_today = numbers.day, numbers.sent
        link._heard_today, link._asked_s = numbers.heard, None

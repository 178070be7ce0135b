"""How faults are told to the journal, and what they know of the time of the run."""

from collections.abc import Callable

from simulator.faults.fault import Fault
from simulator.journal import FaultApplied, Pressed, Record


class Teller:
    """Writes what faults do. Mutable: a run says when it began, and faults count from there."""

    def __init__(self, write: Callable[[Record], None]) -> None:
        self._write = write
        self.began_s = float("inf")  # in run time: when the fleet was switched on

    def since_began_s(self, now: float) -> float:
        """Return how long the fleet has been on; negative as long as it is not."""
        return now - self.began_s

    def tell(
        self,
        fault: Fault,
        device: str,
        now: float,
        what: str,
        *,
        press: str | None = None,
        seq: int | None = None,
    ) -> None:
        """Write that a fault did something to a device."""
        self._write(
            FaultApplied(
                t=now,
                device=device,
                fault=fault.title,
                kind=fault.kind,
                what=what,
                press=press,
                seq=seq,
            )
        )

    def pressed(self, device: str, press: str, gesture: str, now: float, fault: str) -> None:
        """Write that a button was pressed by a fault."""
        self._write(Pressed(t=now, press=press, device=device, gesture=gesture, cause=fault))

"""Acts that are named one by one, where a run does not draw them from how people behave."""

from dataclasses import dataclass

from simulator.device import Act, ActKind


@dataclass(frozen=True, slots=True)
class Planned:
    """One act of the person of one device; `at_s` counts from the moment the fleet is switched on.

    A cancel takes back the latest press before it.
    """

    device: str
    at_s: float
    kind: ActKind
    gesture: str = ""

    @property
    def act(self) -> Act:
        """Return it without its device."""
        return Act(self.at_s, self.kind, self.gesture)

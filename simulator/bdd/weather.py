"""What a scenario lets go wrong on the air, around the radio of one device."""

from dataclasses import dataclass

from simulator.device import Position
from simulator.frame import Frame
from simulator.link import Link, Passage


@dataclass(slots=True)
class Weather:
    """A link with trouble. Mutable: steps change it while the scenario runs."""

    link: Link
    covered_from_s: float = 0.0
    lose_next: int = 0
    late_s: float = 0.0
    copies: int = 1

    def send(self, now: float, frame: Frame, position: Position) -> Passage:
        """Take a frame, and lose, delay or repeat it as told."""
        if now < self.covered_from_s:
            return Passage(lost="no coverage")
        if self.lose_next > 0:
            self.lose_next -= 1
            return Passage(lost="air")
        passage = self.link.send(now, frame, position)
        arrivals = sorted(at_s + self.late_s for at_s in passage.arrivals_s * self.copies)
        return Passage(
            tuple(arrivals), passage.lost, passage.waits_s, passage.air_s, passage.position
        )

    def reply(self, now: float) -> float | None:
        """Carry the server's reply back, where there is coverage."""
        return None if now < self.covered_from_s else self.link.reply(now)

"""An emergency at the device: from the gesture that begins it to whatever ends it there."""

from simulator.device.agenda import Agenda, Due, Task
from simulator.frame import Kind
from simulator.profile import Behaviour


class Emergency:
    """What a device does while it calls for help. Mutable; made when a press is said.

    Positions follow and, where the device is of that kind, the press itself is said anew; both by
    their own period and number. `said` are the numbers of the frames that said the press.
    """

    __slots__ = (
        "_behaviour",
        "_follow_due",
        "_positions_left",
        "_repeat_due",
        "_repeats_left",
        "gesture",
        "press",
        "said",
    )

    def __init__(self, behaviour: Behaviour, press: str | None, gesture: str) -> None:
        self._behaviour = behaviour
        self._positions_left = behaviour.sos_positions if behaviour.sos_position_s else 0
        self._repeats_left = behaviour.sos_repeats if behaviour.sos_repeat_s else 0
        self._follow_due = self._repeat_due = 0  # the items of the agenda that belong to this one
        self.press = press
        self.gesture = gesture
        self.said: list[int] = []

    @property
    def is_spent(self) -> bool:
        """Return whether the device has said all that it says on its own."""
        return self._positions_left <= 0 and self._repeats_left <= 0

    def begin(self, now: float, agenda: Agenda) -> None:
        """Plan what follows the press."""
        behaviour = self._behaviour
        first_s = behaviour.sos_first_position_s or behaviour.sos_position_s
        self._plan_position(now, first_s, agenda)
        self._plan_repeat(now, agenda)

    def go_on(self, now: float, due: Due, agenda: Agenda) -> Kind | None:
        """Return what to say now, and plan the next; None for what an older emergency planned."""
        if due.order == self._follow_due:
            self._positions_left -= 1
            self._plan_position(now, self._behaviour.sos_position_s, agenda)
            return Kind.MOVE
        if due.order == self._repeat_due:
            self._repeats_left -= 1
            self._plan_repeat(now, agenda)
            return Kind.PRESS
        return None

    def _plan_position(self, now: float, period: float | None, agenda: Agenda) -> None:
        if period and self._positions_left > 0:
            self._follow_due = agenda.plan(now + period, Task.GO_ON)

    def _plan_repeat(self, now: float, agenda: Agenda) -> None:
        period = self._behaviour.sos_repeat_s
        if period and self._repeats_left > 0:
            self._repeat_due = agenda.plan(now + period, Task.GO_ON)

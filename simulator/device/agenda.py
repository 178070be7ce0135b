"""What a device has to do, and when: a small heap, in the order of time and of making."""

from enum import IntEnum
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from simulator.device.stimuli import NEVER
from simulator.frame import Kind


class Task(IntEnum):
    """What is to be done."""

    SAY = 0  # what a person caused: a press, a cancel, a service message
    REPORT = 1  # a periodic report
    GO_ON = 2  # the next position or repetition of an emergency
    RESEND = 3  # a frame that was not acknowledged in time
    CONNECT = 4  # the next step of a join or a login
    FLUSH = 5  # records kept while nothing could be sent


class Due(NamedTuple):
    """One item; `order` names it, and keeps equal times in the order of their making."""

    at_s: float
    order: int
    task: Task
    kind: Kind = Kind.OTHER
    press: str | None = None
    gesture: str = ""
    sequence: int = -1  # the frame to send again


class Agenda:
    """The agenda of one unit. Slotted and mutable: a fleet has one for each device."""

    __slots__ = ("_heap", "_order")

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._order = 0

    def plan(
        self,
        at_s: float,
        task: Task,
        kind: Kind = Kind.OTHER,
        *,
        press: str | None = None,
        gesture: str = "",
        sequence: int = -1,
    ) -> int:
        """Put something on the agenda; return the name by which it can be known again."""
        self._order += 1
        heappush(self._heap, Due(at_s, self._order, task, kind, press, gesture, sequence))
        return self._order

    def take(self, now: float) -> Due | None:
        """Take the next thing that is due; None when nothing is."""
        heap = self._heap
        return heappop(heap) if heap and heap[0].at_s <= now else None

    def drop(self, task: Task, kind: Kind) -> None:
        """Take what is of this task and kind off the agenda."""
        self._heap = [due for due in self._heap if (due.task, due.kind) != (task, kind)]
        heapify(self._heap)

    @property
    def next_s(self) -> float:
        """Return when the next thing is due."""
        return self._heap[0].at_s if self._heap else NEVER

    @property
    def unsaid(self) -> list[str]:
        """Return the presses of which something is planned to be said for the first time."""
        return [due.press for due in self._heap if due.press and due.task is Task.SAY]

    @property
    def unpressed(self) -> list[str]:
        """Return the presses that are planned to be said for the first time."""
        says = (due for due in self._heap if due.task is Task.SAY and due.kind is Kind.PRESS)
        return [due.press for due in says if due.press]

    def clear(self) -> None:
        """Have nothing to do any more."""
        self._heap.clear()

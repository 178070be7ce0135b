"""How a device comes to be heard: a join of its radio, or a login that its server answers.

A try that fails is followed by a pause, and each pause is longer than the one before. While a
device connects it says nothing else.
"""

from enum import Enum, auto

from simulator.profile import Behaviour
from simulator.rng import Stream


class Step(Enum):
    """What a device that connects does next."""

    LOG_IN = auto()
    PAUSE = auto()
    ONLINE = auto()


class Connecting:
    """One unit on its way to a connection. Mutable; it is dropped when the unit is online."""

    __slots__ = ("_behaviour", "_is_joining", "_login", "_pause_s", "_reply", "_tries", "due")

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._is_joining = behaviour.join_s is not None
        self._tries = 0
        self._pause_s = behaviour.reconnect_s[0]
        self._login = -1  # the number of the login that waits for its reply
        self._reply: bytes | None = None
        self.due = 0  # the item of the agenda that is the next step

    @property
    def takes_s(self) -> float:
        """Return how long one try takes before it is known to have failed."""
        behaviour = self._behaviour
        return behaviour.join_s or behaviour.login_reply_s or 0.0

    def step(self, chance: Stream) -> Step:
        """Return what to do now that a join is over, or that a login is due."""
        if self._is_joining:
            return Step.PAUSE if chance.chance(self._behaviour.join_loss) else Step.ONLINE
        if self._tries < self._behaviour.login_tries:
            self._tries += 1
            return Step.LOG_IN
        self._tries = 0
        return Step.PAUSE

    def take_pause(self) -> float:
        """Return how long to pause now; the next pause is twice as long, up to the longest."""
        pause_s = self._pause_s
        self._pause_s = min(2 * pause_s, self._behaviour.reconnect_s[1])
        return pause_s + (self.takes_s if self._is_joining else 0.0)

    def expect(self, sequence: int, reply: bytes | None) -> None:
        """Wait for the reply to a login."""
        self._login = sequence
        self._reply = reply

    def accepts(self, sequence: int, payload: bytes) -> bool:
        """Return whether an answer is the one that the login waits for."""
        if sequence != self._login:
            return False
        return not self._behaviour.checks_reply or payload == self._reply

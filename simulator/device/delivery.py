"""What becomes of a frame: it waits for a connection, is sent, sent again, and kept for later."""

from collections.abc import Callable

from simulator.device.agenda import Agenda, Task
from simulator.device.battery import BatteryState
from simulator.device.connecting import Connecting, Step
from simulator.device.outbox import Letter, Outbox
from simulator.device.speech import Radio, Speech
from simulator.frame import Frame, Kind
from simulator.profile import Behaviour
from simulator.rng import Stream


class Delivery:
    """The way out of one unit. Slotted and mutable: a fleet has one for each device."""

    __slots__ = (
        "_agenda",
        "_battery",
        "_connecting",
        "_flush_due",
        "_pause_s",
        "_radio",
        "_speech",
        "dropped",
        "outbox",
    )

    def __init__(
        self, outbox: Outbox, speech: Speech, radio: Radio, agenda: Agenda, battery: BatteryState
    ) -> None:
        self._speech = speech
        self._radio = radio
        self._agenda = agenda
        self._battery = battery
        self._connecting: Connecting | None = None
        self._flush_due = 0  # the one item of the agenda that may flush
        self._pause_s = 0.0
        self.outbox = outbox
        self.dropped: list[str] | None = None  # presses that fell out of the full store

    @property
    def _behaviour(self) -> Behaviour:
        return self._speech.profile.behaviour

    def say(self, now: float, letter: Letter) -> list[Frame]:
        """Send a letter, or keep it until the unit is connected."""
        if self._connecting and letter.record.line.kind is not Kind.LOGIN:
            self._keep(letter)
            return []
        return [self._transmit(now, letter)]

    def overdue(self, now: float, sequence: int) -> list[Frame]:
        """Send a letter again that was not acknowledged in time; give up after the last try."""
        letter = self.outbox.overdue(sequence)
        if letter is None:
            return []
        if letter.attempts <= self._behaviour.resends:
            return [self._transmit(now, letter)]
        self._give_up(now, letter)
        return []

    def flush(self, now: float, order: int) -> list[Frame]:
        """Send the oldest letter that was kept; its acknowledgement lets the next one follow."""
        letter = self.outbox.oldest() if order == self._flush_due else None
        if letter is None:
            return []
        frame = self._transmit(now, letter)
        if not self.outbox.is_waiting_for(frame.sequence):  # nobody answers it: the next follows
            self._plan_flush(now)
        return [frame]

    def start(self, now: float) -> None:
        """Begin as a unit that has just been switched on: connect, or say who it is."""
        behaviour = self._behaviour
        if behaviour.join_s or behaviour.login_reply_s:
            self.connect_after(now, behaviour.join_s or 0.0)
        else:
            self._introduce(now)

    def connect_after(self, now: float, pause_s: float) -> None:
        """Begin to connect; what is said meanwhile is kept."""
        self._connecting = connecting = Connecting(self._behaviour)
        connecting.due = self._agenda.plan(now + pause_s, Task.CONNECT)

    def connect(
        self, now: float, order: int, chance: Stream, introduce: Callable[[], Letter | None]
    ) -> list[Frame]:
        """Take the next step of a join or a login; `introduce` writes the login."""
        connecting = self._connecting
        if connecting is None or connecting.due != order:
            return []
        step = connecting.step(chance)
        if step is Step.ONLINE:
            self._go_online(now)
            return []
        if step is Step.PAUSE:
            self._battery.spend_frame()
            connecting.due = self._agenda.plan(now + connecting.take_pause(), Task.CONNECT)
            return []
        connecting.due = self._agenda.plan(now + connecting.takes_s, Task.CONNECT)
        return self._log_in(now, connecting, introduce())

    def hear(self, now: float, sequence: int, payload: bytes) -> None:
        """Take an answer: it may complete a login, and settle a letter so that others follow."""
        if self._connecting and self._connecting.accepts(sequence, payload):
            self._go_online(now)
        if self.outbox.settle(sequence, payload):
            self._pause_s = 0.0
            self._plan_flush(now)

    def clear(self) -> None:
        """Stop: the device is dead."""
        self.outbox.clear()

    def restart(self, now: float, *, keeps_count: bool) -> None:
        """Forget the connection and what waits for an answer; the store is kept."""
        self.outbox.restart(keeps_count=keeps_count)
        self._connecting = None
        self._flush_due = 0
        self._pause_s = 0.0
        if self.outbox.has_kept:
            self._plan_flush(now)

    def _log_in(self, now: float, connecting: Connecting, letter: Letter | None) -> list[Frame]:
        if letter is None:
            return []
        frame = self.outbox.send(now, letter)
        self._battery.spend_frame()
        connecting.expect(frame.sequence, self._expected(now, letter))
        return [frame]

    def _go_online(self, now: float) -> None:
        self._connecting = None
        self._pause_s = 0.0
        self._introduce(now)
        self._plan_flush(now)

    def _introduce(self, now: float) -> None:
        """Say who the unit is, where that was not said to log in."""
        behaviour = self._behaviour
        if behaviour.login and not behaviour.login_reply_s:
            self._agenda.plan(now, Task.SAY, Kind.LOGIN)
        if behaviour.report_at_start:
            self._agenda.plan(now, Task.SAY, Kind.BATTERY)

    def _transmit(self, now: float, letter: Letter) -> Frame:
        """Account for a transmission and, where it is answered, expect the answer."""
        frame = self.outbox.send(now, letter)
        self._battery.spend_frame()
        timeout_s = self._behaviour.ack_timeout_s
        if timeout_s and self._is_answered(now, letter):
            self.outbox.wait_for(letter)
            self._agenda.plan(now + timeout_s, Task.RESEND, sequence=letter.sequence)
        return frame

    def _is_answered(self, now: float, letter: Letter) -> bool:
        """Return whether anybody answers a letter; take note of the answer that counts."""
        if self._speech.is_network_acked:
            return True
        expected = self._expected(now, letter)
        letter.reply = expected if self._behaviour.checks_reply else None
        return expected is not None

    def _expected(self, now: float, letter: Letter) -> bytes | None:
        at_s = self.outbox.epoch_s + now
        return self._speech.expected_reply(letter.payload, at_s, letter.port, self._radio)

    def _give_up(self, now: float, letter: Letter) -> None:
        """Keep what nobody acknowledges, and try again later: over a new login where there is one.

        Without a store the letter is gone.
        """
        behaviour = self._behaviour
        if behaviour.store:
            self._keep(letter)
        if self._connecting:
            return
        first_s, longest_s = behaviour.reconnect_s
        self._pause_s = min(2 * self._pause_s or first_s, longest_s)
        if behaviour.login_reply_s:
            self.connect_after(now, self._pause_s)
        else:
            self._plan_flush(now + self._pause_s)

    def _keep(self, letter: Letter) -> None:
        dropped = self.outbox.keep(letter, self._behaviour.store)
        if dropped and dropped.record.press and dropped.record.line.kind is Kind.PRESS:
            self.dropped = [*(self.dropped or ()), dropped.record.press]

    def _plan_flush(self, at_s: float) -> None:
        """Let the store be emptied from a time on, and from no other."""
        kept = self.outbox.has_kept
        self._flush_due = self._agenda.plan(at_s, Task.FLUSH) if kept else 0

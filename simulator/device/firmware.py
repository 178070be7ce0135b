"""The firmware of a device, made from its profile.

A stimulus (a gesture, a reply of the server) adds to the agenda; waking does what is due and says
when to be woken next. How it is done is told in the rooms beside this one: `reports` is when the
unit speaks of its own accord, `emergency` what follows a call for help, `delivery` what becomes of
a frame.
"""

from collections.abc import Sequence

from simulator.device.agenda import Agenda, Due, Task
from simulator.device.battery import BatteryState
from simulator.device.defects import Defects, Trouble
from simulator.device.delivery import Delivery
from simulator.device.emergency import Emergency
from simulator.device.facts import counted, facts_of, told_level_pct
from simulator.device.gnss import Receiver
from simulator.device.motion import Mover, Place, Position, Wander
from simulator.device.outbox import Letter, Outbox, Record
from simulator.device.reports import first_reports, next_report_s, notices_s
from simulator.device.speech import Speech
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
from simulator.frame import Frame, Kind, Value
from simulator.profile import CancelSource, Command
from simulator.rng import Rng, Stream, device_key

_WAKES_UP_S = 600.0  # on the charger, before a dead unit starts again
_ASKED_FOR = {
    Command.LOCATE: Kind.MOVE,
    Command.REPORT: Kind.BATTERY,
    Command.START_SOS: Kind.PRESS,
}


class Firmware:
    """One unit. Slotted and mutable: a fleet has one for each device."""

    __slots__ = (
        "_agenda",
        "_delivery",
        "_emergency",
        "_is_dead",
        "_is_on",
        "_jitter",
        "_rest",
        "_silenced",
        "_speech",
        "_told_last",
        "_told_low",
        "battery",
        "device_id",
        "epoch_s",
        "home",
        "key",
        "name",
        "noise",
        "number",
        "press_count",
        "profile",
        "radio",
        "receiver",
        "serial",
        "trouble",
        "wander",
    )

    def __init__(
        self, speech: Speech, number: int, rng: Rng, *, place: Place, epoch_s: float
    ) -> None:
        self._speech = speech
        self.profile = profile = speech.profile
        self.number = number
        self.name = f"{profile.name}/{number}"
        self.key = device_key(profile.name, number)
        self.serial = profile.identity.serial_of(number)
        self.device_id = profile.identity.device_id.derive(self.serial)
        self.radio = speech.radio(self.serial, number)
        self.home = place.home(rng.stream(self.key, "home"))
        self.wander: Mover = Wander(profile.motion, self.home, rng.stream(self.key, "walk"))
        level = rng.stream(self.key, "battery").uniform(*profile.battery.initial_percent)
        self.battery = BatteryState(profile.battery, level, 0.0)
        self.epoch_s = epoch_s
        self.noise: Stream = rng.stream(self.key, "gps")
        self.receiver: Receiver | None = None  # one that hears as it would outdoors, if not set
        self.press_count = 0
        self._jitter: Stream = rng.stream(self.key, "schedule")
        self._agenda = Agenda()
        outbox = Outbox(self.name, self.radio, epoch_s)
        self._delivery = Delivery(outbox, speech, self.radio, self._agenda, self.battery)
        self._emergency: Emergency | None = None
        self._silenced: list[Silenced] | None = None
        self._told_low = self.battery.is_low
        self._told_last = self.battery.level_pct < profile.battery.last_percent
        self._is_dead = False
        self._is_on = False
        self._rest = False
        self.trouble: Trouble | None = None  # what goes wrong with it on purpose

    @property
    def unsaid(self) -> list[str]:
        """Return the presses whose press or cancel is still to be said, or said again."""
        held = self.trouble.unsaid if self.trouble else []
        return self._agenda.unsaid + self._delivery.outbox.unsaid + held

    @property
    def is_dead(self) -> bool:
        """Return whether the battery is empty, or was and has not been charged since."""
        return self._is_dead or self.battery.is_empty

    @property
    def is_in_emergency(self) -> bool:
        """Return whether the device takes itself to be in an emergency."""
        return self._emergency is not None

    @property
    def is_network_acked(self) -> bool:
        """Return whether the network itself acknowledges what the device sends."""
        return self._speech.is_network_acked

    @property
    def defects(self) -> Defects:
        """Return what is wrong with the unit at the moment."""
        return self._delivery.outbox.defects

    @defects.setter
    def defects(self, defects: Defects) -> None:
        self._delivery.outbox.defects = defects

    @property
    def is_on(self) -> bool:
        """Return whether the unit has been switched on."""
        return self._is_on

    @property
    def is_resting(self) -> bool:
        """Return whether the unit only finishes what people began."""
        return self._rest

    def count_on(self, sequence: int) -> None:
        """Number the next frame so, where frames were sent before this firmware was made."""
        self._delivery.outbox.sequence = sequence

    def rest(self) -> None:
        """Make no more reports of the device's own accord; finish what people began."""
        self._rest = True

    def position(self, now: float) -> Position:
        """Return where the unit truly is."""
        return self.wander.at(now)

    def carry(self, mover: Mover, now: float | None = None) -> None:
        """Let the unit be carried another way: from now on, and as far as it looks back.

        With `now` a unit that tells of its motion notices that it begins; wake it then.
        """
        self.wander = mover
        if self.receiver:
            self.receiver.follow(mover)
        if now is not None and self._is_on and self.profile.behaviour.position_moving_s:
            self._agenda.drop(Task.REPORT, Kind.MOVE)
            at_s = notices_s(self.profile.behaviour, mover, now)
            self._agenda.plan(at_s, Task.REPORT, Kind.MOVE)

    def wake(self, now: float, inbox: Sequence[Stimulus] = ()) -> Woken:
        """Take what came in, do what is due, and say when to be woken next.

        A dead device takes part in nothing: no frames, and never woken again.
        """
        if self.trouble is None:
            return self._wake(now, inbox)
        return self.trouble.wake(now, inbox, self._wake)

    def _wake(self, now: float, inbox: Sequence[Stimulus]) -> Woken:
        self.battery.rest_until(now)
        for stimulus in inbox:
            self._take(now, stimulus)
        if self.battery.is_empty:
            return self._die(now)
        power = self._revive(now) if self._is_dead else None
        frames: list[Frame] = []
        while due := self._agenda.take(now):
            frames += self._do(now, due)
        if not self._told_low and self.battery.is_low_at(told_level_pct(self)):
            self._told_low = True
            frames += self._say(now, Kind.BATTERY)
        if not self._told_last and told_level_pct(self) < self.profile.battery.last_percent:
            self._told_last = True
            frames += self._say(now, Kind.BATTERY)
        return Woken(frames, self._agenda.next_s, self._take_silenced(), power)

    def restart(self, now: float, *, keeps_count: bool = False) -> None:
        """Lose what is in memory and begin anew, as a reboot does; what was stored is kept."""
        lost = dict.fromkeys([*self._agenda.unpressed, *self._delivery.outbox.unheard])
        silenced = [Silenced(press, "the device restarted") for press in lost]
        self._silenced = [*(self._silenced or ()), *silenced]
        self._agenda.clear()
        self._delivery.restart(now, keeps_count=keeps_count)
        self._emergency = None
        self._is_on = False
        if not keeps_count:
            self.press_count = 0
        self._switch_on(now, cold=True)

    def would_say(self, now: float, kind: Kind) -> dict[str, Value]:
        """Return what the frame of this unit would say on an occasion; nothing without one."""
        line = self._speech.line(kind)
        if line is None:
            return {}
        facts = facts_of(self, now, line.facts, "")
        sequence = self._delivery.outbox.sequence
        sent_s = self.epoch_s + self.defects.clock_error_s + now
        return line.values(facts | counted(sequence, sent_s, line.counts))

    def _take_silenced(self) -> Sequence[Silenced]:
        """Return the presses that came to nothing since the last wake."""
        dropped = self._delivery.dropped
        if self._silenced is None and dropped is None:
            return ()
        full = [Silenced(press, "the store is full") for press in dropped or ()]
        silenced = [*(self._silenced or ()), *full]
        self._silenced = self._delivery.dropped = None
        return silenced

    def _die(self, now: float) -> Woken:
        """Be dead, until a charger has given enough to start again."""
        presses = dict.fromkeys([*self._agenda.unpressed, *self._delivery.outbox.unpressed])
        self._agenda.clear()
        self._delivery.clear()
        self._emergency = None
        charger = self.battery.charger if self.profile.battery.charge_ma else None
        next_wake = charger.next_on_s(now) + _WAKES_UP_S if charger else NEVER
        power = None if self._is_dead else "empty"
        self._is_dead = True
        return Woken([], next_wake, [Silenced(press, "battery empty") for press in presses], power)

    def _revive(self, now: float) -> str:
        """Start again on a charger."""
        self._is_dead = self._is_on = False
        self._told_low = self._told_last = False
        self._switch_on(now, cold=True)
        return "charged"

    def _take(self, now: float, stimulus: Stimulus) -> None:
        says_s = now + self.profile.behaviour.press_to_frame_s
        match stimulus:
            case PowerOn(cold):
                self._switch_on(now, cold=cold)
            case Press(press, gesture):
                self._agenda.plan(says_s, Task.SAY, Kind.PRESS, press=press, gesture=gesture)
            case CancelGesture(press):
                if self._has_cancel_gesture:
                    self._agenda.plan(says_s, Task.SAY, Kind.CANCEL, press=press)
            case ServiceGesture():
                self._agenda.plan(says_s, Task.SAY, Kind.OTHER)
            case Reply(sequence, payload):
                self._hear(now, sequence, payload)

    @property
    def _has_cancel_gesture(self) -> bool:
        behaviour = self.profile.behaviour
        return behaviour.cancel_source is CancelSource.NATIVE or bool(behaviour.cancel_gesture)

    def _switch_on(self, now: float, *, cold: bool) -> None:
        if self._is_on:
            return
        self._is_on = True
        if cold and self.receiver:
            self.receiver.start(now)
        if cold:
            self._delivery.start(now)
        reports = first_reports(self.profile.behaviour, self.wander, now, self._jitter)
        for at_s, kind in reports:
            self._agenda.plan(at_s, Task.REPORT, kind)

    def _do(self, now: float, due: Due) -> list[Frame]:
        match due.task:
            case Task.SAY:
                return self._act(now, due)
            case Task.REPORT:
                return self._report(now, due.kind)
            case Task.GO_ON:
                return self._go_on(now, due)
            case Task.RESEND:
                return self._delivery.overdue(now, due.sequence)
            case Task.FLUSH:
                return self._delivery.flush(now, due.order)
            case Task.CONNECT:
                return self._delivery.connect(
                    now, due.order, self._jitter, lambda: self._letter(now, Kind.LOGIN)
                )

    def _act(self, now: float, due: Due) -> list[Frame]:
        if due.kind is Kind.PRESS:
            return self._press(now, due)
        if due.kind is Kind.CANCEL:
            return self._cancel(now, due.press)
        return self._say(now, due.kind)

    def _press(self, now: float, due: Due) -> list[Frame]:
        behaviour = self.profile.behaviour
        if behaviour.sos_toggle and self._emergency:
            if due.press:
                came_to = Silenced(due.press, "the gesture ended the emergency")
                self._silenced = [*(self._silenced or ()), came_to]
            return self._cancel(now, self._emergency.press)
        self.press_count += 1
        self.battery.spend_signal()
        self._emergency = emergency = Emergency(behaviour, due.press, due.gesture)
        emergency.begin(now, self._agenda)
        return self._call_for_help(now, emergency, Kind.PRESS)

    def _cancel(self, now: float, press: str | None) -> list[Frame]:
        if self.profile.behaviour.sos_toggle and not self._emergency:
            return []  # the gesture would begin an emergency: nobody makes it
        self._emergency = None
        return self._say(now, Kind.CANCEL, press=press)

    def _go_on(self, now: float, due: Due) -> list[Frame]:
        emergency = None if self._rest else self._emergency
        kind = emergency.go_on(now, due, self._agenda) if emergency else None
        if emergency is None or kind is None:
            return []
        return self._call_for_help(now, emergency, kind)

    def _call_for_help(self, now: float, emergency: Emergency, kind: Kind) -> list[Frame]:
        is_last = emergency.is_spent and kind is Kind.MOVE
        if is_last and self.profile.behaviour.sos_ends_with_position:
            self._emergency = None
        frames = self._say(now, kind, press=emergency.press, gesture=emergency.gesture)
        if kind is Kind.PRESS:
            emergency.said += [frame.sequence for frame in frames]
        if emergency.is_spent:
            self._emergency = None
        return frames

    def _report(self, now: float, kind: Kind) -> list[Frame]:
        if self._rest:
            return []
        behaviour = self.profile.behaviour
        if kind is Kind.HEARTBEAT and behaviour.heartbeat_when_idle:
            quiet_until_s = self._delivery.outbox.last_s + (behaviour.heartbeat_s or 0.0)
            if now < quiet_until_s:
                self._agenda.plan(quiet_until_s, Task.REPORT, kind)
                return []
        at_s = next_report_s(behaviour, self.wander, now, kind, self._jitter)
        self._agenda.plan(at_s, Task.REPORT, kind)
        return self._say(now, kind)

    def _say(
        self, now: float, kind: Kind, *, press: str | None = None, gesture: str = ""
    ) -> list[Frame]:
        letter = self._letter(now, kind, press, gesture)
        return self._delivery.say(now, letter) if letter else []

    def _letter(
        self, now: float, kind: Kind, press: str | None = None, gesture: str = ""
    ) -> Letter | None:
        line = self._speech.line(kind)
        if line is None:
            return None
        return Letter(Record(now, line, facts_of(self, now, line.facts, gesture), press))

    def _hear(self, now: float, sequence: int, payload: bytes) -> None:
        self._delivery.hear(now, sequence, payload)
        emergency = self._emergency
        if emergency and self.profile.behaviour.sos_ended_by_reply and sequence in emergency.said:
            self._emergency = None
        if payload and self.profile.commands:
            self._obey(now, self._speech.command(payload))

    def _obey(self, now: float, command: Command | None) -> None:
        if command is Command.STOP_SOS and self._emergency:
            self._agenda.plan(now, Task.SAY, Kind.CANCEL, press=self._emergency.press)
        elif command in _ASKED_FOR:
            self._agenda.plan(now, Task.SAY, _ASKED_FOR[command])

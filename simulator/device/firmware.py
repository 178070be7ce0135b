"""The firmware of a device, made from its profile: reports, calls for help, resends.

It is a small agenda of things to do at a time. A stimulus (a gesture, a reply of the server) adds
to the agenda; waking does what is due and says when to be woken next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple

from simulator.clock import iso
from simulator.device.battery import BatteryState
from simulator.device.motion import Place, Position, Wander, moved
from simulator.device.speech import Speech
from simulator.frame import Frame, Kind, Value
from simulator.profile import POSITION, CancelSource
from simulator.rng import Rng, Stream, device_key

NEVER = float("inf")
_WHEREABOUTS = POSITION | {"motion", "speed_kmh"}


@dataclass(frozen=True, slots=True)
class PowerOn:
    """The unit is switched on; one that is not `cold` has joined and logged in long ago."""

    cold: bool = True


@dataclass(frozen=True, slots=True)
class Press:
    """A person calls for help; `press` is the name under which the harness accounts for it."""

    press: str
    gesture: str


@dataclass(frozen=True, slots=True)
class CancelGesture:
    """A person takes a press back with the device's own gesture."""

    press: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The server's answer to frame `sequence` arrived."""

    sequence: int
    payload: bytes


Stimulus = PowerOn | Press | CancelGesture | Reply


class Woken(NamedTuple):
    """What a device does when woken: frames to send now, and when to wake it next.

    `silenced` names the presses that it will never speak of, because it is dead.
    """

    frames: list[Frame]
    next_wake: float
    silenced: Sequence[str] = ()


class _Due(NamedTuple):
    """One item of the agenda; `order` keeps equal times in the order of their making."""

    at_s: float
    order: int
    kind: Kind
    press: str | None = None
    gesture: str = ""
    resend: int | None = None  # the sequence number of a frame to send again
    repeats: int = 0  # how many more positions follow this one


class Firmware:
    """One unit. Slotted and mutable: a fleet has one for each device."""

    __slots__ = (
        "_agenda",
        "_epoch_s",
        "_is_on",
        "_jitter",
        "_noise",
        "_order",
        "_rest",
        "_speech",
        "_told_low",
        "battery",
        "device_id",
        "home",
        "key",
        "name",
        "number",
        "profile",
        "sequence",
        "serial",
        "unacknowledged",
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
        self.home = place.home(rng.stream(self.key, "home"))
        self.wander = Wander(profile.motion, self.home, rng.stream(self.key, "walk"))
        level = rng.stream(self.key, "battery").uniform(*profile.battery.initial_percent)
        self.battery = BatteryState(profile.battery, level, 0.0)
        self.sequence = 0
        self.unacknowledged: dict[int, Frame] = {}
        self._epoch_s = epoch_s
        self._agenda: list[_Due] = []
        self._order = 0
        self._jitter: Stream = rng.stream(self.key, "schedule")
        self._noise: Stream = rng.stream(self.key, "gps")
        self._told_low = self.battery.is_low
        self._is_on = False
        self._rest = False

    @property
    def unsaid(self) -> list[str]:
        """Return the presses whose press or cancel is still to be said, or said again."""
        planned = [due.press for due in self._agenda if due.press and due.kind is not Kind.MOVE]
        return planned + [frame.press for frame in self.unacknowledged.values() if frame.press]

    @property
    def is_dead(self) -> bool:
        """Return whether the battery is empty."""
        return self.battery.is_empty

    def rest(self) -> None:
        """Make no more reports of the device's own accord; finish what people began."""
        self._rest = True

    def position(self, now: float) -> Position:
        """Return where the unit truly is."""
        return self.wander.at(now)

    def wake(self, now: float, inbox: Sequence[Stimulus] = ()) -> Woken:
        """Take what came in, do what is due, and say when to be woken next.

        A dead device takes part in nothing: no frames, and never woken again.
        """
        self.battery.rest_until(now)
        for stimulus in inbox:
            self._take(now, stimulus)
        if self.battery.is_empty:
            return self._die()
        frames: list[Frame] = []
        while self._agenda and self._agenda[0].at_s <= now:
            frames += self._do(now, heappop(self._agenda))
        if self.battery.is_low and not self._told_low:
            self._told_low = True
            frames += self._say(now, Kind.BATTERY)
        return Woken(frames, self._agenda[0].at_s if self._agenda else NEVER)

    def would_say(self, now: float, kind: Kind) -> dict[str, Value]:
        """Return what the frame of this unit would say on an occasion; nothing without one."""
        line = self._speech.line(kind)
        return line.values(self._facts(now, line.facts, "")) if line else {}

    def _die(self) -> Woken:
        silenced = [due.press for due in self._agenda if due.press and due.kind is Kind.PRESS]
        self._agenda.clear()
        self.unacknowledged.clear()
        return Woken([], NEVER, silenced)

    def _plan(self, at_s: float, kind: Kind, **details: object) -> None:
        self._order += 1
        heappush(self._agenda, _Due(at_s, self._order, kind, **details))  # type: ignore[arg-type]

    def _take(self, now: float, stimulus: Stimulus) -> None:
        behaviour = self.profile.behaviour
        match stimulus:
            case PowerOn(cold):
                self._switch_on(now, cold=cold)
            case Press(press, gesture):
                at_s = now + behaviour.press_to_frame_s
                self._plan(at_s, Kind.PRESS, press=press, gesture=gesture)
            case CancelGesture(press):
                if behaviour.cancel_source is CancelSource.NATIVE:
                    self._plan(now + behaviour.press_to_frame_s, Kind.CANCEL, press=press)
            case Reply(sequence):
                self.unacknowledged.pop(sequence, None)

    def _switch_on(self, now: float, *, cold: bool) -> None:
        behaviour = self.profile.behaviour
        if self._is_on:
            return
        self._is_on = True
        if behaviour.login and cold:
            self._plan(now, Kind.LOGIN)
        if behaviour.report_s:  # the first one tells that the unit is there; a fleet is out of step
            self._plan(now + behaviour.report_s * self._jitter.random(), Kind.BATTERY)
        if behaviour.position_s:
            self._plan(now + behaviour.position_s * self._jitter.random(), Kind.MOVE)

    def _do(self, now: float, due: _Due) -> list[Frame]:
        if due.resend is not None:
            return self._resend(now, due.resend)
        if due.kind is Kind.PRESS:
            self._follow(now, due.press, self.profile.behaviour.sos_positions)
        elif due.kind is Kind.CANCEL:
            self._agenda = sorted(item for item in self._agenda if not item.repeats)
        elif due.kind is Kind.MOVE and due.press:
            if self._rest:
                return []
            self._follow(now, due.press, due.repeats - 1)
        elif not self._again(now, due.kind):
            return []
        return self._say(now, due.kind, press=due.press, gesture=due.gesture)

    def _follow(self, now: float, press: str | None, repeats: int) -> None:
        """Plan the next position of an emergency."""
        period = self.profile.behaviour.sos_position_s
        if period and repeats > 0:
            self._plan(now + period, Kind.MOVE, press=press, repeats=repeats)

    def _again(self, now: float, kind: Kind) -> bool:
        """Plan the next report of a periodic kind; return whether this one is still wanted."""
        if self._rest:
            return False
        behaviour = self.profile.behaviour
        periods = {Kind.BATTERY: behaviour.report_s, Kind.MOVE: behaviour.position_s}
        period = periods.get(kind)
        if period:
            self._plan(now + self._jitter.jittered(period, behaviour.report_jitter), kind)
        return True

    def _say(
        self, now: float, kind: Kind, *, press: str | None = None, gesture: str = ""
    ) -> list[Frame]:
        line = self._speech.line(kind)
        if line is None:
            return []
        payload = line.payload(self._facts(now, line.facts, gesture))
        frame = Frame(self.name, self.sequence, kind, payload, now, press, line.port)
        self.sequence += 1
        return [self._sent(now, frame)]

    def _sent(self, now: float, frame: Frame) -> Frame:
        """Account for a transmission and, where the protocol has acks, expect one."""
        self.battery.spend_frame()
        behaviour = self.profile.behaviour
        if behaviour.ack_timeout_s and frame.attempt <= behaviour.resends:
            self.unacknowledged[frame.sequence] = frame
            self._plan(now + behaviour.ack_timeout_s, frame.kind, resend=frame.sequence)
        return frame

    def _resend(self, now: float, sequence: int) -> list[Frame]:
        frame = self.unacknowledged.pop(sequence, None)
        if frame is None:
            return []
        again = Frame(
            frame.device,
            sequence,
            frame.kind,
            frame.payload,
            now,
            frame.press,
            frame.port,
            frame.attempt + 1,
        )
        return [self._sent(now, again)]

    def _facts(self, now: float, needed: frozenset[str], gesture: str) -> dict[str, Value]:
        """Return the facts of this moment; those that cost something only where they are needed."""
        facts: dict[str, Value] = {
            "serial": self.serial,
            "device_id": self.device_id,
            "gesture": gesture or self.profile.behaviour.gestures[0],
            "sequence": self.sequence & 0xFFFF,
            "packet_id": self.sequence & 0xFF,
            "time": iso(self._epoch_s + now) if "time" in needed else None,
            "battery_percent": round(self.battery.level_pct),
            "battery_mv": self.battery.level_mv,
            "low_battery": self.battery.is_low,
        }
        if needed & _WHEREABOUTS:
            facts |= self._whereabouts(now, has_fix=bool(needed & POSITION))
        return facts

    def _whereabouts(self, now: float, *, has_fix: bool) -> dict[str, Value]:
        """Return motion and, where a fix is taken, the position with the receiver's error."""
        true = self.wander.at(now)
        moving = self.wander.is_moving(now)
        speed = round(self.profile.motion.speed_kmh) if moving else 0
        facts: dict[str, Value] = {"motion": moving, "speed_kmh": speed}
        if has_fix:
            self.battery.spend_fix()
            error = self.profile.behaviour.fix_error_m
            found = moved(true, self._noise.normal(0, error), self._noise.normal(0, error))
            facts["latitude"] = round(found.latitude, 6)
            facts["longitude"] = round(found.longitude, 6)
            facts["accuracy_m"] = round(error)
        return facts

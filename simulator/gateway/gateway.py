"""The gateway: takes frames, tells AURA, and remembers which callout a device has open.

Messages of one device go to AURA one after the other, so that a cancel never overtakes its press.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

import simpy

from simulator.aura import AuraError
from simulator.aura.calls import callouts, devices
from simulator.aura.types import CalloutId, CustomerId, DeviceEventAnswer
from simulator.clock import epoch_s
from simulator.device import Code, Position
from simulator.frame import Frame, Kind, Value
from simulator.gateway.codes import safe_code_of
from simulator.gateway.courier import Courier, Delivered
from simulator.gateway.downlinks import downlink
from simulator.gateway.events import device_event, sigfox_event
from simulator.gateway.hearing import Hear, hearing
from simulator.gateway.reader import Known, Message, Reader, Reading
from simulator.journal import Answered, CalloutClosed, EventSent, Failed, Journal, Received
from simulator.link import CoarsePosition
from simulator.profile import Command, Profile

_Conversation: TypeAlias = Generator[simpy.Event, object, tuple[object, Delivered]]
_FRESH_S = {Kind.PRESS: 60.0, Kind.CANCEL: 120.0, Kind.MOVE: 20.0}
_OTHER_FRESH_S = 20.0
_LOCATED = (Kind.PRESS, Kind.MOVE)
_WHERE = ("latitude", "longitude", "accuracy_m", "time")


@dataclass(frozen=True, slots=True)
class Located:
    """A position that AURA was told, and when the device was there, in run time."""

    at_s: float
    values: Mapping[str, Value]


@dataclass(slots=True)
class LinkedDevice:
    """What the gateway knows of a device. Mutable: the open callout comes and goes."""

    name: str
    profile: Profile
    device_id: str
    customer: CustomerId
    fixed: Position  # where it is taken to be when its frames do not say
    callout: CalloutId | None = None
    answered: str | None = None  # the latest press that AURA answered
    operator_calls: int = 0  # of its person, so far
    key: bytes | None = None  # what its frames are encrypted with
    is_over: bool = False  # its latest callout has ended, and it has not called since
    ended_s: float | None = None  # when that was, in run time
    mobile: str = ""  # of the customer: its last four digits are the safe code
    newest: Located | None = None  # the newest position that AURA was told


@dataclass(frozen=True, slots=True)
class _Errand:
    """One message on its way to AURA."""

    name: str
    kind: Kind
    press: str | None
    converse: Callable[[], _Conversation | None]  # begins when it is this errand's turn
    sequence: int | None = None
    located_s: float | None = None  # when the device was where the message says, in run time
    is_duress: bool = False  # the person cancelled with a wrong safe code

    @property
    def word(self) -> str:
        """Return what the journal calls the message."""
        return "duress" if self.is_duress else self.kind.value


class Gateway:
    """One gateway for all devices of a run."""

    def __init__(
        self, env: simpy.Environment, journal: Journal, courier: Courier, epoch_s: float
    ) -> None:
        self._env = env
        self._journal = journal
        self._courier = courier
        self._epoch_s = epoch_s
        self._devices: dict[str, LinkedDevice] = {}
        self._readers: dict[str, Reader] = {}
        self._errands: dict[str, deque[_Errand]] = {}
        self._awaited: dict[str, Code | None] = {}  # presses whose callout an operator waits for
        self.on_opened: Callable[[LinkedDevice, CalloutId], None] | None = None

    def add(self, device: LinkedDevice) -> None:
        """Accept the frames of a linked device."""
        self._devices[device.name] = device

    def receive(self, device: str, frame: Frame, position: CoarsePosition | None) -> bytes | None:
        """Take a frame; tell AURA what it means; return the server's reply to the device."""
        linked = self._devices[device]
        reading = self.read(self._env.now, linked, frame)
        for errand in self._errands_of(linked, frame, reading.messages, position):
            linked.is_over = linked.is_over and errand.kind is not Kind.PRESS
            self._queue(linked, errand)
        if reading.reply is not None:
            return reading.reply
        return downlink(linked.profile, frame, reading.values, is_over=linked.is_over)

    def read(self, now: float, linked: LinkedDevice, frame: Frame) -> Reading:
        """Return what a frame that arrived at a run time means, and write it down."""
        known = Known(linked.callout is not None, linked.ended_s, linked.key)
        reader = self._reader(linked.profile)
        reading = self._in_order(now, linked, reader.read(now, frame, known))
        self._journal.write(
            Received(
                t=now,
                device=linked.name,
                seq=frame.sequence,
                press=frame.press,
                means=[message.kind.value for message in reading.messages],
                dropped=reading.dropped,
                latitude=_degrees(reading.values.get("latitude")),
                longitude=_degrees(reading.values.get("longitude")),
            )
        )
        return reading

    def bodies(
        self,
        now: float,
        linked: LinkedDevice,
        frame: Frame,
        messages: tuple[Message, ...],
        seen: CoarsePosition | None,
    ) -> Iterator[tuple[Message, Mapping[str, Value], float | None]]:
        """Yield messages as AURA's template writes them, with the time of the position in them.

        A raw template takes the frame as it is, once.
        """
        received_s = self._epoch_s + now
        raw = linked.profile.aura.payload == "sigfox"
        for message in messages[:1] if raw else messages:
            if raw:
                body = sigfox_event(linked.profile, linked.device_id, frame, received_s, seen)
            else:
                values = {**_whereabouts(linked), **message.values}
                body = device_event(linked.profile, linked.device_id, message.kind, values)
            yield message, body, None if raw else self._located_s(now, message)

    def linked(self, device: str) -> LinkedDevice | None:
        """Return what is known of a device; None before it is added."""
        return self._devices.get(device)

    def is_done_with(self, device: str) -> bool:
        """Return whether nothing of a device is on its way, and no callout of it is open."""
        linked = self._devices[device]
        waits = (press.rpartition("#")[0] for press in self._awaited)
        is_told = linked.is_over and Command.STOP_SOS in linked.profile.commands
        is_busy = linked.callout is not None or device in self._errands or is_told
        return not is_busy and device not in waits

    def cancel(self, device: str, press: str, code: Code | None = None) -> None:
        """Cancel the callout of a press by the API, as an operator who was called does.

        Where the press is still on its way, the operator waits for its callout. With a safe code
        it is the person who cancels, in the app; a wrong code ends nothing, and is no cancel.
        """
        linked = self._devices[device]
        if linked.callout is None and linked.answered != press:
            self._awaited[press] = code
            return
        linked.operator_calls += 1
        name = f"{device}:operator:{linked.operator_calls}"
        hear = hearing(self._journal, device, name, press)
        is_duress = code is Code.WRONG
        kind = Kind.OTHER if is_duress else Kind.CANCEL
        converse = partial(self._operator_cancel, linked, code, hear)
        self._queue(linked, _Errand(name, kind, press, converse, is_duress=is_duress))

    def closed(self, device: str, callout: CalloutId, by: str) -> None:
        """Take note that a callout of a device is over."""
        linked = self._devices[device]
        if linked.callout == callout:
            linked.callout = None
            linked.is_over = True
            linked.ended_s = self._env.now
        record = CalloutClosed(t=self._env.now, device=device, callout=callout, by=by)
        self._journal.write(record)

    @property
    def is_quiet(self) -> bool:
        """Return whether nothing is on its way to AURA."""
        return not self._errands

    @property
    def open_callouts(self) -> list[tuple[str, CalloutId]]:
        """Return (device, callout) of all that are open as far as the gateway knows."""
        linked = self._devices.values()
        return [(device.name, device.callout) for device in linked if device.callout]

    def unfinished(self) -> Iterator[tuple[str, str, str]]:
        """Yield what is on its way: (press, device, where)."""
        for device, errands in self._errands.items():
            for errand in errands:
                if errand.press:
                    yield errand.press, device, "gateway"

    def _errands_of(
        self,
        linked: LinkedDevice,
        frame: Frame,
        messages: tuple[Message, ...],
        seen: CoarsePosition | None,
    ) -> Iterator[_Errand]:
        """Yield the messages of a frame."""
        told = self.bodies(self._env.now, linked, frame, messages, seen)
        for message, body, located_s in told:
            name = f"{linked.name}:{frame.sequence}:{message.kind}"
            hear = hearing(self._journal, linked.name, name, frame.press)
            converse = self._tell(message.kind, body, hear)
            yield _Errand(name, message.kind, frame.press, converse, frame.sequence, located_s)

    def _reader(self, profile: Profile) -> Reader:
        reader = self._readers.get(profile.name)
        if reader is None:
            reader = self._readers[profile.name] = Reader(profile, self._epoch_s)
        return reader

    def _in_order(self, now: float, linked: LinkedDevice, reading: Reading) -> Reading:
        """Leave positions out that are older than one that AURA has: they arrive late, by a resend.

        A press is told all the same, with the newest position that is known.
        """
        if not any(message.kind in _LOCATED for message in reading.messages):
            return reading
        messages: list[Message] = []
        for message in reading.messages:
            located_s = self._located_s(now, message)
            newest = linked.newest
            if located_s is None:
                messages.append(message)
            elif newest is None or located_s >= newest.at_s:
                where = {name: message.values.get(name) for name in _WHERE}
                linked.newest = Located(located_s, where)
                messages.append(message)
            elif message.kind is not Kind.MOVE:
                messages.append(replace(message, values={**message.values, **newest.values}))
        dropped = reading.dropped
        if reading.messages and not messages:
            dropped = "older than the position before"
        return replace(reading, messages=tuple(messages), dropped=dropped)

    def _located_s(self, now: float, message: Message) -> float | None:
        """Return when the position of a press or a move was taken; None without a position."""
        if message.kind not in _LOCATED or message.values.get("latitude") is None:
            return None
        time = message.values.get("time")
        taken_s = epoch_s(time) - self._epoch_s if isinstance(time, str) else now
        return round(min(taken_s, now), 3)  # a device's clock may be ahead

    def _tell(
        self, kind: Kind, body: Mapping[str, Value], hear: Hear | None
    ) -> Callable[[], _Conversation]:
        fresh_s = _FRESH_S.get(kind, _OTHER_FRESH_S)
        fresh_until_s = self._epoch_s + self._env.now + fresh_s
        call = devices.event(body, fresh_until_s=fresh_until_s)
        return lambda: self._courier.perform(call, hear)

    def _operator_cancel(
        self, linked: LinkedDevice, code: Code | None, hear: Hear | None
    ) -> _Conversation | None:
        if linked.callout is None:
            return None
        safe_code = safe_code_of(linked.mobile, code)
        return self._courier.perform(callouts.cancel(linked.callout, safe_code), hear)

    def _queue(self, linked: LinkedDevice, errand: _Errand) -> None:
        waiting = self._errands.get(linked.name)
        if waiting is not None:
            waiting.append(errand)
            return
        self._errands[linked.name] = deque([errand])
        self._env.process(self._run(linked))

    def _run(self, linked: LinkedDevice) -> Generator[simpy.Event, object, None]:
        """Carry the errands of one device, in order, until there are none."""
        waiting = self._errands[linked.name]
        while waiting:
            yield from self._carry(linked, waiting[0])
            waiting.popleft()
        del self._errands[linked.name]

    def _carry(self, linked: LinkedDevice, errand: _Errand) -> Generator[simpy.Event, object, None]:
        began = self._env.now
        conversation = errand.converse()
        if conversation is None:
            self._fail(linked, errand, "no callout of the device is open")
            return
        self._journal.write(
            EventSent(
                t=began,
                device=linked.name,
                message=errand.name,
                kind=errand.word,
                press=errand.press,
                seq=errand.sequence,
                located_s=errand.located_s,
            )
        )
        try:
            result, delivered = yield from conversation
        except AuraError as error:
            self._fail(linked, errand, str(error), error)
            return
        callout = self._learn(linked, errand, result)
        self._journal.write(
            Answered(
                t=self._env.now,
                device=linked.name,
                message=errand.name,
                kind=errand.word,
                status=delivered.status,
                press=errand.press,
                callout=callout,
                attempts=delivered.attempts,
                took_s=round(self._env.now - began, 6),
            )
        )
        if errand.kind is Kind.CANCEL and callout is not None:
            self.closed(linked.name, callout, "cancel")
        if errand.kind is Kind.PRESS and errand.press:
            self._answered(linked, errand.press)

    def _answered(self, linked: LinkedDevice, press: str) -> None:
        """Let an operator who waits for this press do what was asked."""
        linked.answered = press
        if press in self._awaited:
            self.cancel(linked.name, press, self._awaited.pop(press))

    def _learn(self, linked: LinkedDevice, errand: _Errand, result: object) -> CalloutId | None:
        """Return the callout an answer speaks of; take note of a new one."""
        if errand.kind is Kind.BATTERY:
            return None
        callout = linked.callout
        if isinstance(result, DeviceEventAnswer) and result.callout_id is not None:
            callout = result.callout_id
        if errand.kind is Kind.PRESS and callout is not None and callout != linked.callout:
            linked.callout = callout
            if self.on_opened:
                self.on_opened(linked, callout)
        return callout

    def _fail(
        self, linked: LinkedDevice, errand: _Errand, reason: str, error: AuraError | None = None
    ) -> None:
        self._journal.write(
            Failed(
                t=self._env.now,
                device=linked.name,
                message=errand.name,
                kind=errand.word,
                reason=reason,
                status=getattr(error, "status", None),
                press=errand.press,
                attempts=getattr(error, "attempts", 0),
            )
        )


def _degrees(value: Value) -> float | None:
    return float(value) if isinstance(value, float | int) else None


def _whereabouts(linked: LinkedDevice) -> dict[str, Value]:
    return {"latitude": linked.fixed.latitude, "longitude": linked.fixed.longitude}

"""The outside of a fleet whose frames go to the integrator's own middleware.

It takes the place of the built-in gateway: frames leave by the carriers of their networks, replies
come back into the devices' inboxes, and what reaches AURA is watched there.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf

import simpy

from simulator.aura.types import CalloutId
from simulator.clock import Pacer
from simulator.codec import Context
from simulator.device import Code
from simulator.fleet import Fleet, Unit
from simulator.frame import Frame, Kind
from simulator.gateway import Courier, LinkedDevice
from simulator.journal import Answered, EventSent, Failed, Journal, Received
from simulator.link import CoarsePosition
from simulator.native.addresses import address_of
from simulator.native.operator_calls import OperatorCalls
from simulator.native.parcel import Caller, Carrier, Parcel
from simulator.native.uplink import USUAL_RSSI_DBM, USUAL_SNR_DB, Uplink
from simulator.native.watch import AuraWatch
from simulator.profile import BleLink, CellularLink, DirectLink, codec_of
from simulator.rng import Rng

_NATIVE = "native"
_SPREAD_DB = 6.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast things go: `speed` is run seconds a second.

    AURA is looked at every `look_s`, and the middleware has `within_s` to tell it. Both are wall
    time, because the middleware lives in it; a press is fresh for 60 s.
    """

    speed: float = 1.0
    look_s: float = 0.5
    within_s: float = 55.0


class NativeOutside:
    """Delivers natively. Carriers are given by profile; `fleet` is set before the run begins."""

    def __init__(
        self,
        env: simpy.Environment,
        journal: Journal,
        courier: Courier,
        pacer: Pacer,
        *,
        rng: Rng,
        epoch_s: float,
        pace: Pace | None = None,
    ) -> None:
        pace = pace or Pace()
        self.carriers: dict[str, Carrier] = {}
        self.fleet: Fleet | None = None
        self._env = env
        self._journal = journal
        self._pacer = pacer
        self._rng = rng
        self._epoch_s = epoch_s
        self._devices: dict[str, LinkedDevice] = {}
        self._units: dict[str, Unit] = {}
        self._callers: dict[str, Caller] = {}
        self._on_way: dict[str, tuple[Parcel, float]] = {}
        self._heard: dict[str, float] = {}  # of BLE: the events, and when
        self._speaking: Counter[str] = Counter()  # presses of a device on their way
        self.watch = AuraWatch(
            env,
            journal,
            courier,
            every_s=pace.look_s * pace.speed,
            within_s=pace.within_s * max(1.0, pace.speed),
            is_speaking=lambda device: self._speaking[device] > 0,
        )
        self._calls = OperatorCalls(env, journal, courier, self.watch)
        env.process(self.watch.turn())

    # What the world asks of a gateway.

    @property
    def on_opened(self) -> Callable[[LinkedDevice, CalloutId], None] | None:
        """Return who is told of a new callout."""
        return self.watch.on_opened

    @on_opened.setter
    def on_opened(self, told: Callable[[LinkedDevice, CalloutId], None] | None) -> None:
        self.watch.on_opened = told

    def add(self, device: LinkedDevice) -> None:
        """Take the frames of a linked device."""
        self._devices[device.name] = device
        self.watch.add(device)

    def receive(self, device: str, frame: Frame, position: CoarsePosition | None) -> bytes | None:
        """Send a frame to the endpoint of its profile; its reply comes later, if it comes."""
        linked = self._devices[device]
        message = f"{device}:{frame.sequence}.{frame.attempt}:{_NATIVE}"
        if self._is_repeated(linked, message):
            return None
        while message in self._on_way:  # replayed, by tampering, while the first is on its way
            message += "'"
        parcel = Parcel(
            message,
            frame,
            self._uplink(linked, frame, position),
            self._caller(linked),
        )
        if frame.press and frame.kind is Kind.PRESS:
            self._speaking[device] += 1
            self.watch.sent(device, frame.press)
        self._on_way[parcel.message] = parcel, self._env.now
        self._journal.write(
            EventSent(
                t=self._env.now,
                device=device,
                message=parcel.message,
                kind=_NATIVE,
                press=frame.press,
            )
        )
        self.carriers[linked.profile.name].send(parcel)
        return None

    def _is_repeated(self, linked: LinkedDevice, message: str) -> bool:
        """Return whether a scanner heard this BLE event a moment ago.

        It leaves once: the radio that it leaves by repeats it itself.
        """
        radio = linked.profile.link
        if not isinstance(radio, BleLink):
            return False
        heard_s = self._heard.get(message, -inf)
        self._heard[message] = self._env.now
        return self._env.now - heard_s <= radio.packets * radio.interval_s + radio.delay_s[1]

    def cancel(self, device: str, press: str, code: Code | None = None) -> None:
        """Cancel the open callout of a device by the API: an operator, or the app with a code."""
        self._calls.call(self._devices[device], press, code)

    def closed(self, device: str, callout: CalloutId, by: str) -> None:
        """Take note that a callout of a device is over."""
        self.watch.closed(device, callout, by)

    @property
    def is_quiet(self) -> bool:
        """Return whether no press is on its way to the middleware or to AURA."""
        return self.watch.is_quiet and not self._calls.open and not self._speaking.total()

    @property
    def open_callouts(self) -> list[tuple[str, CalloutId]]:
        """Return (device, callout) of all that are open as far as AURA has shown."""
        linked = self._devices.values()
        return [(device.name, device.callout) for device in linked if device.callout]

    def unfinished(self) -> Iterator[tuple[str, str, str]]:
        """Yield what is on its way: (press, device, where)."""
        for parcel, _ in self._on_way.values():
            if parcel.frame.press and parcel.frame.kind is Kind.PRESS:
                yield parcel.frame.press, parcel.frame.device, "on the way to the middleware"
        yield from self.watch.unfinished()

    # What carriers report, from tasks of the loop into the run.

    def delivered(self, parcel: Parcel, status: int) -> None:
        """Take note that the endpoint has a parcel."""
        self._pacer.post(lambda: self._delivered(parcel, status))

    def failed(self, parcel: Parcel, reason: str) -> None:
        """Take note that the endpoint did not take a parcel."""
        self._pacer.post(lambda: self._failed(parcel, reason))

    def replied(self, device: str, sequence: int, reply: bytes) -> None:
        """Bring a device the reply to one of its frames, through its radio."""
        self._pacer.post(lambda: self._hear(device, sequence, reply))

    def troubled(self, device: str, reason: str) -> None:
        """Write down that a connection could not be had or kept."""
        self._pacer.post(lambda: self._trouble(device, reason))

    def _delivered(self, parcel: Parcel, status: int) -> None:
        frame = parcel.frame
        began = self._settle(parcel)
        self._journal.write(
            Answered(
                t=self._env.now,
                device=frame.device,
                message=parcel.message,
                kind=_NATIVE,
                status=status,
                press=frame.press,
                took_s=round(self._env.now - began, 6),
            )
        )
        self._received(frame)
        if frame.press and frame.kind in (Kind.PRESS, Kind.CANCEL):
            self.watch.hope(frame.device, frame.kind, frame.press)

    def _failed(self, parcel: Parcel, reason: str) -> None:
        frame = parcel.frame
        self._settle(parcel)
        self._fail(frame.device, parcel.message, reason, frame.press)
        self._received(frame, dropped=f"the middleware did not take it: {reason}")

    def _settle(self, parcel: Parcel) -> float:
        """Take a parcel off the way; return when it set out."""
        _, began = self._on_way.pop(parcel.message)
        if parcel.frame.press and parcel.frame.kind is Kind.PRESS:
            self._speaking[parcel.frame.device] -= 1
        return began

    def _received(self, frame: Frame, dropped: str | None = None) -> None:
        means = [] if dropped else [frame.kind.value]
        self._journal.write(
            Received(
                t=self._env.now,
                device=frame.device,
                seq=frame.sequence,
                press=frame.press,
                means=means,
                dropped=dropped,
            )
        )

    def _trouble(self, device: str, reason: str) -> None:
        self._fail(device, f"{device}:connection", reason, None, attempts=0)

    def _fail(
        self, device: str, message: str, reason: str, press: str | None, attempts: int = 1
    ) -> None:
        self._journal.write(
            Failed(
                t=self._env.now,
                device=device,
                message=message,
                kind=_NATIVE,
                reason=reason,
                press=press,
                attempts=attempts,
            )
        )

    def _hear(self, device: str, sequence: int, reply: bytes) -> None:
        if self.fleet is not None:
            self.fleet.hear(self._unit(device), sequence, reply)

    # What a frame needs to travel natively.

    def _uplink(
        self, linked: LinkedDevice, frame: Frame, position: CoarsePosition | None
    ) -> Uplink:
        unit = self._unit(linked.name)
        noise = self._rng.stream(unit.firmware.key, "reception")
        noise.count = 2 * frame.sequence
        return Uplink(
            address=address_of(linked.profile, unit.firmware.serial),
            payload=frame.payload,
            sequence=frame.sequence,
            received_s=self._epoch_s + self._env.now,
            port=frame.port,
            model=linked.profile.name,
            position=position,
            rssi_dbm=round(USUAL_RSSI_DBM + _SPREAD_DB * noise.random(), 1),
            snr_db=round(USUAL_SNR_DB + _SPREAD_DB * noise.random(), 1),
            asks_reply=frame.asks_reply,
        )

    def _caller(self, linked: LinkedDevice) -> Caller:
        caller = self._callers.get(linked.name)
        if caller is None:
            unit = self._unit(linked.name)
            caller = self._callers[linked.name] = Caller(
                device=linked.name,
                codec=codec_of(linked.profile),
                key=linked.key,
                login=lambda: self._login(unit),
                chance=self._rng.stream(unit.firmware.key, "line"),
                epoch_s=lambda: self._epoch_s + self._env.now,
            )
        return caller

    def _login(self, unit: Unit) -> bytes | None:
        """Return the frame with which a tracker begins a connection, if its model has one."""
        profile = unit.firmware.profile
        if not isinstance(profile.link, CellularLink | DirectLink):
            return None
        values = unit.firmware.would_say(self._env.now, Kind.LOGIN)
        context = Context(key=unit.firmware.radio.key)
        return codec_of(profile).encode(values, context) if values else None

    def _unit(self, device: str) -> Unit:
        if device not in self._units and self.fleet is not None:
            self._units = {unit.name: unit for unit in self.fleet.units}
        return self._units[device]

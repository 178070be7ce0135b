"""A shard that speaks natively: trackers on their own connections, callbacks of networks.

The schedule is that of a shape; what is sent is the model's own frame, in the envelope of its
network, by the carriers of a run. A message is answered when the middleware has answered it as its
protocol does; what a protocol does not answer counts as answered when it is written.
"""

import asyncio
import re
from importlib import import_module
from math import inf

import msgspec
import simpy

from simulator.aura import TransportFailure
from simulator.clock import monotonic_s, wall_s
from simulator.load.health import Doctor, Pulse, keep_memory
from simulator.load.pacer import LoadPacer
from simulator.load.rows import FAILURES, NOT_TAKEN, ROW, UNFINISHED
from simulator.load.schedule import Slice
from simulator.load.task import PULSE, ROWS, Emit, Task, schedule_of
from simulator.load.voices import Voices
from simulator.native import Carriers, Delivery, Segments
from simulator.native.parcel import Carrier, Parcel
from simulator.native.tracker import UdpCarrier
from simulator.profile import load

_pack = ROW.pack
_ROWS = 4096 * ROW.size
_BURST = 256
_PULSE_S = 1.0
_ANSWERED = re.compile(r"answered (\d{3})")


class NativeShard:
    """Runs its share of the devices: `prepare`, then `run` at a common time."""

    def __init__(self, task: Task, emit: Emit) -> None:
        self.task = task
        self.begun = self.ended = self.reconnects = 0
        self._emit = emit
        self._models = [load(name) for name in task.mix]
        mix = list(zip(self._models, task.mix.values(), strict=True))
        self._voices = Voices(mix, task.seed, wall_s())
        self._rows = bytearray()
        self._flying: dict[str, tuple[int, float, float]] = {}
        self._slices = iter(schedule_of(task).slices())
        self._piece = Slice([], [], [])
        self._at = 0
        self._start_s = 0.0
        self._is_stopped = False
        self._done: asyncio.Future[None] | None = None
        self._pacer: LoadPacer | None = None
        self.carriers: dict[str, Carrier] = {}

    async def prepare(self) -> None:
        """Make the devices ahead; their connections are opened when they speak."""
        self._voices.gather(range(self.task.shard[0], self.task.devices, self.task.shard[1]))
        if any(url.startswith("http") for url in self.task.native_to.values()):
            import_module("aiohttp")  # takes a tenth of a second, which would be lateness
        keep_memory()

    async def run(self, start_s: float) -> None:
        """Send what is due, and wait for the answers; frames leave meanwhile."""
        self._start_s = start_s
        self._done = asyncio.get_running_loop().create_future()
        self._pacer = LoadPacer(
            simpy.Environment(), self._pump, start_s=start_s, precise=self.task.precise
        )
        delivery = Delivery(
            to=self.task.native_to,
            envelopes=self.task.native_envelopes,
            segments=Segments(self.task.native_segments),
            allowed=self.task.allowed,
        )
        with Doctor() as doctor:
            async with asyncio.TaskGroup() as tasks:
                carriers = Carriers(delivery, tasks)
                carriers.equip(self, self._models)
                beating = tasks.create_task(self._beat(doctor))
                try:
                    await self._pacer.run(self._done)
                    await self._drain()
                finally:
                    beating.cancel()
                    self._leave()
                    await carriers.close()
            self._emit(PULSE, msgspec.json.encode(self._pulse(doctor)))

    def stop(self) -> None:
        """Begin nothing new and come to the end."""
        self._is_stopped = True
        if self._pacer:
            self._pacer.nudge()

    # What carriers report.

    def delivered(self, parcel: Parcel, status: int) -> None:
        """Take note that the endpoint has a frame."""
        self._end(parcel.message, status)

    def failed(self, parcel: Parcel, reason: str) -> None:
        """Take note that the endpoint did not take it."""
        self._end(parcel.message, status_of(reason))

    def replied(self, device: str, sequence: int, reply: bytes) -> None:
        """Let a reply be: the answer has been counted, and no firmware listens."""

    def troubled(self, device: str, reason: str) -> None:
        """Count a connection that could not be had or kept; its frames tell what it meant."""
        del device, reason
        self.reconnects += 1

    def _pump(self, now: float) -> float:
        """Begin what is due; return when the next is."""
        begun = 0
        while not self._is_stopped:
            due, devices, kinds = self._piece
            while self._at < len(due) and due[self._at] <= now:
                if begun >= _BURST:
                    return 0.0
                at = self._at
                self._at += 1
                begun += 1
                self._begin(devices[at], kinds[at], due[at])
            if self._at < len(due):
                return due[self._at]
            piece = next((piece for piece in self._slices if piece.due_s), None)
            if piece is None:
                break
            self._piece, self._at = piece, 0
        if self._done and not self._done.done():
            self._done.set_result(None)
        return inf

    def _begin(self, device: int, code: int, due_s: float) -> None:
        taken = monotonic_s()
        parcel, code = self._voices.say(device, code, due_s)
        self.begun += 1
        self._flying[parcel.message] = code, self._start_s + due_s, taken
        carrier = self._voices.carrier(device, self.carriers)
        if isinstance(carrier, UdpCarrier) and (login := self._voices.login(device, due_s)):
            carrier.send(login)  # where there is no connection, a device says who it is by itself
        carrier.send(parcel)

    def _end(self, message: str, status: int) -> None:
        found = self._flying.pop(message, None)
        if found is None:
            return
        code, due, taken = found
        self.ended += 1
        self._rows += _pack(due, taken, taken, taken, monotonic_s(), code, status, 1)
        if len(self._rows) >= _ROWS:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._rows:
            rows, self._rows = self._rows, bytearray()
            self._emit(ROWS, bytes(rows))

    async def _drain(self) -> None:
        ends_s = monotonic_s() + self.task.drain_s
        while monotonic_s() < ends_s:
            if not self._flying:
                return
            await asyncio.sleep(0.01)

    def _leave(self) -> None:
        for code, due, taken in self._flying.values():
            self._rows += _pack(due, taken, taken, taken, 0.0, code, UNFINISHED, 1)
        self._flying.clear()
        self._hand_over()

    async def _beat(self, doctor: Doctor) -> None:
        while True:
            await asyncio.sleep(_PULSE_S)
            self._give_up(monotonic_s() - self.task.timeout_s)
            self._hand_over()
            self._emit(PULSE, msgspec.json.encode(self._pulse(doctor)))

    def _give_up(self, oldest_s: float) -> None:
        """End what has waited for its answer for too long."""
        late = [message for message, flight in self._flying.items() if flight[2] < oldest_s]
        for message in late:
            self._end(message, FAILURES[TransportFailure.TIMEOUT])

    def _pulse(self, doctor: Doctor) -> Pulse:
        pulse = doctor.pulse()
        pulse.begun, pulse.ended = self.begun, self.ended
        pulse.connections = pulse.connections_most = self._voices.spoken
        pulse.connections_opened = self._voices.spoken + self.reconnects
        if self._pacer:
            pulse.at_s = self._pacer.now()
            pulse.stall_longest_s = self._pacer.stalled_s
            pulse.pacer = self._pacer.began_as
        return pulse


def status_of(reason: str) -> int:
    """Return the code that says why a middleware did not take a frame."""
    answered = _ANSWERED.match(reason)
    if answered:
        return int(answered[1])
    known = next((failure for failure in TransportFailure if str(failure) in reason), None)
    return NOT_TAKEN if known is None else FAILURES[known]

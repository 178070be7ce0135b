"""A device model of the fleet, in real time, at a place where a bench or an integrator hears it."""

import asyncio
from collections.abc import Awaitable, Callable

from simulator.clock import monotonic_s, wall_s
from simulator.device import (
    NEVER,
    CancelGesture,
    Firmware,
    Place,
    PowerOn,
    Press,
    Reply,
    Speech,
    Stimulus,
)
from simulator.errors import InputError
from simulator.frame import Frame
from simulator.profile import Profile
from simulator.rng import Rng

_LONGEST_S = 3600.0


class VirtualDevice:
    """One unit; `live` says what it has to say through `tell`, until it is cancelled.

    A `cold` one joins or logs in first.
    """

    def __init__(
        self,
        profile: Profile,
        tell: Callable[[Frame], Awaitable[None]],
        *,
        number: int = 1,
        seed: int = 1,
        cold: bool = False,
    ) -> None:
        self._began_s = monotonic_s()
        self.firmware = Firmware(
            Speech(profile), number, Rng(seed), place=Place(), epoch_s=wall_s()
        )
        self._tell = tell
        self._inbox: list[Stimulus] = [PowerOn(cold)]
        self._stirred = asyncio.Event()
        self._latest = 0
        self._presses = 0
        self.frames = 0

    def press(self, gesture: str = "") -> None:
        """Call for help in the usual way, or by a gesture of the profile."""
        known = self.firmware.profile.behaviour.gestures
        if gesture and gesture not in known:
            message = f"This device has no gesture '{gesture}'. Known: {', '.join(known)}."
            raise InputError(message)
        self._presses += 1
        self._put(Press(f"#{self._presses}", gesture or known[0]))

    def cancel(self) -> None:
        """Make the gesture that ends the emergency."""
        self._put(CancelGesture(f"#{self._presses}"))

    def hear(self, data: bytes) -> None:
        """Take what the server says to the frame that was said last."""
        self._put(Reply(self._latest, data))

    def battery(self, percent: float) -> None:
        """Drain the battery to a level."""
        self.firmware.battery.drain_to(percent)
        self._stirred.set()

    async def live(self) -> None:
        """Wake when something is due or came in, for ever."""
        while True:
            inbox, self._inbox = self._inbox, []
            self._stirred.clear()
            now = monotonic_s() - self._began_s
            woken = self.firmware.wake(now, inbox)
            for frame in woken.frames:
                self._latest = frame.sequence
                self.frames += 1
                await self._tell(frame)
            await self._sleep(woken.next_wake)

    async def _sleep(self, until_s: float) -> None:
        now = monotonic_s() - self._began_s
        wait_s = _LONGEST_S if until_s == NEVER else min(until_s - now, _LONGEST_S)
        if wait_s <= 0:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(wait_s):
                await self._stirred.wait()
        except TimeoutError:
            return

    def _put(self, stimulus: Stimulus) -> None:
        self._inbox.append(stimulus)
        self._stirred.set()

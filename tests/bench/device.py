"""A device of glass: the pendant base of our own profile, on a port, doing as a test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from simulator.bench.acceptance import CheckSettings, Session
from simulator.bench.being import PtyPort
from simulator.bench.links import Address, link_to
from simulator.bench.operators import Act, Answer, Operator, Prompt, Said
from simulator.clock import monotonic_s
from simulator.frame import Value
from simulator.profile import Acceptance, Profile, codec_of, load

SERIAL = "00000017"


def pendant(**limits: object) -> Profile:
    """Return the model, with limits that suit a test."""
    known: dict[str, object] = {"presses": 2, "hold_s": 0.01, "wait_s": 5.0, **limits}
    made = load("serial-pendant-base")
    return msgspec.structs.replace(made, acceptance=Acceptance(**known))  # type: ignore[arg-type]


@dataclass
class Pendant:
    """The device and the hand on it: an operator that a session can have."""

    port: PtyPort
    profile: Profile
    copies: int = 1
    delay_s: float = 0.0
    battery_mv: int = 3700
    is_dumb: bool = False
    cancels: bool = True
    acts: list[Act] = field(default_factory=list)
    said: Said = Said.DONE
    sequence: int = 0

    async def ask(self, prompt: Prompt) -> Answer:
        """Do what the prompt says."""
        self.acts.append(prompt.act)
        down_s = monotonic_s()
        if self.said is not Said.DONE:
            return Answer(self.said, note="as the test says")
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if not self.is_dumb and prompt.act is not Act.MOVE:
            await self.say("reset" if prompt.act is Act.CANCEL else "alarm")
        return Answer(Said.DONE, down_s)

    async def say(self, message: str) -> None:
        """Write a frame to the port, as often as this device does."""
        self.sequence += 1
        if message == "reset" and not self.cancels:
            return
        for _ in range(self.copies):
            await self.port.write(self.frame(message))

    def frame(self, message: str) -> bytes:
        """Return a frame with the present sequence number."""
        values: dict[str, Value] = {
            "message": message,
            "serial": SERIAL,
            "sequence": self.sequence,
            "button": "pendant",
            "on_mains": True,
            "battery_percent": 88,
            "rssi_dbm": -71.5,
            "battery_mv": self.battery_mv,
            "firmware": "1.4.2",
        }
        return codec_of(self.profile).encode(values)

    def session(
        self, out: Path, *, operator: Operator | None = None, settings: CheckSettings | None = None
    ) -> Session:
        """Return a session with this device."""
        return Session(
            profile=self.profile,
            link=link_to(Address(port=str(self.port.path)), self.profile),
            operator=operator or self,
            out=out,
            settings=settings or CheckSettings(serial=SERIAL, prompt_s=1.0),
        )


@asynccontextmanager
async def plugged(folder: Path, **limits: object) -> AsyncIterator[Pendant]:
    """Give a pendant that is plugged in."""
    port = PtyPort(folder / "ttyPENDANT")
    port.plug()
    try:
        yield Pendant(port, pendant(**limits))
    finally:
        port.unplug()


def pendant_frames(count: int) -> list[bytes]:
    """Return presses of the pendant base, one after the other."""
    values: dict[str, Value] = {
        "message": "alarm",
        "serial": SERIAL,
        "button": "pendant",
        "on_mains": True,
        "battery_percent": 88,
        "rssi_dbm": -71.5,
    }
    codec = codec_of(load("serial-pendant-base"))
    return [codec.encode({**values, "sequence": number}) for number in range(count)]

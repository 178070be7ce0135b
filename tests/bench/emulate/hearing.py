"""A reader of a serial port as the bench has it: genuine pyserial and the unit's own profile."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import serial

from simulator.codec import Codec, FrameError
from simulator.frame import Value
from simulator.profile import codec_of, load

PATIENCE_S = 30.0
"""For a machine that does other things too; nothing here measures time."""


class Ear:
    """Reads lines of a port and what they mean."""

    def __init__(self, port: serial.Serial, codec: Codec) -> None:
        self._port = port
        self._codec = codec
        self.frames: list[bytes] = []

    async def frame(self) -> dict[str, Value]:
        """Return the next frame; a line that is none, such as a torn one, is left out."""
        while True:
            line = await asyncio.to_thread(self._port.readline)
            assert line, f"nothing more came within {PATIENCE_S} s: {self.frames}"
            try:
                values = self._codec.decode(line)
            except FrameError:
                continue
            assert self._codec.encode(values) == line, "the profile says it otherwise"
            self.frames.append(line)
            return values

    async def event(self, name: str) -> dict[str, Value]:
        """Return the next frame that tells of an event, and leave out others."""
        while (values := await self.frame()).get("event") != name:
            pass
        return values

    def say(self, frame: bytes) -> None:
        """Write to the unit."""
        self._port.write(frame)

    def acknowledge(self) -> None:
        """Answer the last frame as the profile says."""
        reply = self._codec.reply(self.frames[-1])
        assert reply
        self._port.write(reply)


@contextmanager
def ear(path: str, profile: str, baud: int = 9600) -> Iterator[Ear]:
    """Open a port as the bench does: for itself alone."""
    with serial.Serial(path, baud, timeout=PATIENCE_S, exclusive=True) as port:
        yield Ear(port, codec_of(load(profile)))

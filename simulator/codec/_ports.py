"""LoRaWAN messages that are told apart by their port and, within a port, by their size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from simulator.codec._contract import Context, FrameError
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout
from simulator.frame import Direction, Value

Alternatives: TypeAlias = Sequence[tuple[str, Layout]]
"""The layouts of a port. Each has a value that marks it; where marks of several are given, the
last of these layouts is meant."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The uplinks of a device whose downlinks are not modelled."""

    codec: str
    alternatives: Mapping[int, Alternatives]

    def decode(self, frame: bytes, context: Context) -> dict[str, Value]:
        """Return what the message of this port and size says."""
        layouts = self._of(context)
        for _, layout in layouts:
            if layout.size == len(frame):
                return layout.read(frame)
        sizes = " or ".join(str(layout.size) for _, layout in layouts)
        reason = f"a message on port {context.port} has {sizes} bytes, this one {len(frame)}"
        raise FrameError(self.codec, reason)

    def encode(self, fields: Fields, context: Context) -> bytes:
        """Return the message of the context's port that has room for these values."""
        layouts = self._of(context)
        marked = [layout for mark, layout in layouts if mark in fields]
        return (marked[-1] if marked else layouts[0][1]).write(fields)

    def _of(self, context: Context) -> Alternatives:
        if context.direction is Direction.DOWNLINK:
            raise FrameError(self.codec, "the downlinks of this device are not modelled")
        if context.port is None or context.port not in self.alternatives:
            ports = ", ".join(map(str, self.alternatives))
            raise FrameError(self.codec, f"port {context.port} carries no message; use {ports}")
        return self.alternatives[context.port]

"""Plays a wire log as a device: the same bytes in the same portions, at the same or other times."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.bench.being.voices import Voice
from simulator.bench.wire_log import WireLine
from simulator.clock import monotonic_s
from simulator.errors import InputError


@dataclass(slots=True)
class Played:
    """What was played. Mutable: it is counted up. `late_s` is the most a chunk came too late."""

    chunks: int = 0
    sent_bytes: int = 0
    plugs: int = 0
    late_s: float = 0.0


async def replay(
    lines: Sequence[WireLine],
    voice: Voice,
    *,
    speed: float = 1.0,
    tell: Callable[[WireLine], object] = lambda _: None,
) -> Played:
    """Say all that came in, `speed` times as fast as it came; unplug and plug as it was."""
    if speed <= 0:
        raise InputError("A recording cannot be played at this speed. Say for example --speed 10.")
    played = Played()
    began_s = monotonic_s()
    first_s = lines[0].t if lines else 0.0
    for line in lines:
        due_s = began_s + (line.t - first_s) / speed
        wait_s = due_s - monotonic_s()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        await _play(line, voice, played)
        played.late_s = max(played.late_s, monotonic_s() - due_s)
        tell(line)
    return played


async def _play(line: WireLine, voice: Voice, played: Played) -> None:
    match line.what:
        case "in":
            await voice.say(line.data)
            played.chunks += 1
            played.sent_bytes += len(line.data)
        case "down":
            await voice.unplug()
        case "up":
            await voice.plug()
            played.plugs += 1

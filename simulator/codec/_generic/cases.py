"""Cases at the borders of a layout, made from the layout itself: round trips and refusals.

They run over every profile that states a layout, in the tests and in `aurasim profiles check`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.codec._contract import Context, FrameError
from simulator.codec._generic.build import LayoutCodec
from simulator.codec._generic.edges import Edges
from simulator.codec._generic.message import Message
from simulator.frame import Value


@dataclass(frozen=True, slots=True)
class Case:
    """Values to encode: they read back as they are, or are refused."""

    name: str
    values: dict[str, Value]
    context: Context
    is_refused: bool = False


def boundary_cases(codec: LayoutCodec) -> Iterator[Case]:
    """Yield, for each field of each message, its border values and some just outside."""
    for message in codec.messages:
        base: dict[str, Value] = {edges.name: edges.inside[0] for edges in message.edges}
        if len(codec.messages) > 1:
            base = {"message": message.name, **base}
        context = Context(direction=message.table.direction, port=message.table.port)
        yield Case(f"{message.name}: least", base, context)
        yield Case(f"{message.name}: most", base | _most(message), context)
        for edges in message.edges:
            yield from _around(message.name, edges, base, context)


def _most(message: Message) -> dict[str, Value]:
    return {edges.name: edges.inside[-1] for edges in message.edges}


def _around(message: str, edges: Edges, base: dict[str, Value], context: Context) -> Iterator[Case]:
    for value in edges.inside:
        name = f"{message}: {edges.name} = {value!r:.30}"
        yield Case(name, {**base, edges.name: value}, context)
    for value in edges.outside:
        name = f"{message}: {edges.name} = {value!r:.30} is refused"
        yield Case(name, {**base, edges.name: value}, context, is_refused=True)


def fault(codec: LayoutCodec, case: Case) -> str | None:
    """Return what is wrong with a case; None when it does as it should."""
    try:
        frame = codec.encode(case.values, case.context)
    except FrameError as error:
        return None if case.is_refused else f"{case.name}: {error.reason}"
    if case.is_refused:
        return f"{case.name}: it was encoded as {frame.hex()}"
    try:
        found = codec.decode(frame, case.context)
    except FrameError as error:
        return f"{case.name}: its frame {frame.hex()} is not read: {error.reason}"
    if found != case.values:
        changed = sorted(key for key in case.values if found.get(key) != case.values[key])
        shown = ", ".join(f"{key} comes back as {found.get(key)!r:.30}" for key in changed)
        return f"{case.name}: {shown or 'more comes back than was said'}"
    return _stream_fault(codec, case, frame)


def _stream_fault(codec: LayoutCodec, case: Case, frame: bytes) -> str | None:
    """Return whether two such frames in a stream, byte by byte, are not found again."""
    framer = codec.framer()
    if framer is None:
        return None
    found = [one for byte in frame + frame for one in framer.feed(bytes([byte]))]
    if found != [frame, frame]:
        return f"{case.name}: a stream of two frames is cut into {len(found)}"
    return None


def faults(codec: LayoutCodec) -> Iterator[str]:
    """Yield what is wrong with any case of a layout."""
    found = (fault(codec, case) for case in boundary_cases(codec))
    return (reason for reason in found if reason is not None)

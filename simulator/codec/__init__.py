"""Native bytes to meaning and back: one module a protocol, named as its vector file.

To add a protocol, add a module with a subclass of `Codec` and one object `CODEC`; nothing else
needs to know of it. A simple one needs no module: `layout_codec` makes it from a table.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Framer, Values
from simulator.codec._fields import are_within
from simulator.codec._generic import LayoutCodec, LayoutError, LayoutTable, layout_codec, sums
from simulator.codec._generic import faults as layout_faults
from simulator.codec._generic.framing import Framing
from simulator.codec._generic.tables import ByteOrder, FramingKind, FramingTable
from simulator.errors import InputError

__all__ = [
    "UPLINK",
    "ByteOrder",
    "Codec",
    "Context",
    "FrameError",
    "Framer",
    "Framing",
    "FramingKind",
    "FramingTable",
    "LayoutCodec",
    "LayoutError",
    "LayoutTable",
    "UnknownCodecError",
    "Values",
    "are_within",
    "codec",
    "codec_names",
    "layout_codec",
    "layout_faults",
    "sums",
]


class UnknownCodecError(InputError, LookupError):
    """No protocol of this name is known."""


@cache
def codec_names() -> tuple[str, ...]:
    """Return the names of all protocols, sorted."""
    return tuple(sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_")))


@cache
def codec(name: str) -> Codec:
    """Return the codec of a protocol by name."""
    if name not in codec_names():
        message = f"There is no codec '{name}'. Known: {', '.join(codec_names())}."
        raise UnknownCodecError(message)
    found: Codec = import_module(f"{__name__}.{name}").CODEC
    return found

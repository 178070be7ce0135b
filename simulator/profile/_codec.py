"""The codec of a device model: a protocol that we speak, or the layout in the profile itself."""

from functools import lru_cache

import msgspec

from simulator.codec import Codec, LayoutCodec, LayoutTable, codec, layout_codec
from simulator.profile._model import LAYOUT, Profile


def codec_of(profile: Profile) -> Codec:
    """Return what reads and writes the frames of a device model."""
    return layout_of(profile) or codec(profile.codec)


def layout_of(profile: Profile) -> LayoutCodec | None:
    """Return the codec that the profile's own layout makes, if it has one."""
    if profile.codec != LAYOUT or profile.layout is None:
        return None
    return _made(profile.name, msgspec.json.encode(profile.layout))


@lru_cache(maxsize=64)
def _made(name: str, layout: bytes) -> LayoutCodec:
    """Make a codec once; the table itself has no hash, so its text is the key."""
    return layout_codec(name, msgspec.json.decode(layout, type=LayoutTable))

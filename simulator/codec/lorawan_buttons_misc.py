"""Small LoRaWAN buttons of six makers, known by port, start and size of their frames.

A frame is read as that of the first model it fits; values are written for the model whose mark
they carry.
"""

from collections.abc import Sequence
from typing import ClassVar

from simulator.codec import _browan, _iotracker, _lansitec, _mclimate, _multisense, _oxobutton
from simulator.codec._button_models import NAME, Model
from simulator.codec._contract import UPLINK, Codec, Context, FrameError, Values
from simulator.codec._fields import Fields
from simulator.frame import Direction, Value

# Models that are known by their port come first, those known by their size alone last.
_MODELS: Sequence[Model] = (
    *_browan.MODELS,
    *_multisense.MODELS,
    *_oxobutton.MODELS,
    *_iotracker.MODELS,
    *_mclimate.MODELS,
    *_lansitec.MODELS,
)


class SmallButtons(Codec):
    """Uplinks of MClimate, Browan, Oxon, ioTracker, Lansitec and Swisscom buttons."""

    name: ClassVar[str] = NAME

    def decode(self, frame: bytes, context: Context = UPLINK) -> dict[str, Value]:
        """Return what a frame of any of these models says.

        >>> CODEC.decode(bytes.fromhex("01db011a01"))["press"]
        'single'
        """
        _refuse_downlink(context)
        if not frame:
            raise FrameError(NAME, "the frame is empty")
        for model in _MODELS:
            if model.fits(frame, context.port):
                return model.read(frame)
        reason = f"no button sends {len(frame)} bytes from {frame[0]:02x} on, port {context.port}"
        raise FrameError(NAME, reason)

    def encode(self, values: Values, context: Context = UPLINK) -> bytes:
        """Return the frame of the model whose mark is among the values."""
        _refuse_downlink(context)
        fields = Fields(NAME, values)
        for model in _MODELS:
            if model.mark in fields:
                return model.write(fields, values)
        marks = ", ".join(model.mark for model in _MODELS)
        raise FrameError(NAME, f"one of the fields {marks} must say which button is meant")


def _refuse_downlink(context: Context) -> None:
    if context.direction is Direction.DOWNLINK:
        raise FrameError(NAME, "the downlinks of these buttons are not modelled")


CODEC = SmallButtons()

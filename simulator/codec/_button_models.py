"""What the small LoRaWAN buttons have in common: how one of them is known from a frame."""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.codec._contract import Values
from simulator.codec._fields import Fields
from simulator.frame import Value

NAME = "lorawan_buttons_misc"


@dataclass(frozen=True, slots=True)
class Model:
    """One kind of button; `mark` is a value that its frames always have and no other's do."""

    mark: str
    fits: Callable[[bytes, int | None], bool]
    read: Callable[[bytes], dict[str, Value]]
    write: Callable[[Fields, Values], bytes]

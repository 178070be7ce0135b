"""Faults as data: what goes wrong, on which devices, where, when, and how strongly.

The same types are a table of a run file, the body of a live request, and what a Gherkin step makes.
`strength` is the chance that something which the fault could hit (a frame, a press) is hit.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, get_args

from msgspec import Meta, Struct

from simulator.clock import Duration
from simulator.device.area import Area

Strength = Annotated[float, Meta(gt=0, le=1)]
Wait = tuple[Annotated[float, Meta(ge=0)], Annotated[float, Meta(ge=0)]]
Count = Annotated[int, Meta(ge=1, le=100)]
_NAMES = {"from_s": "from", "to_s": "to", "repeat_s": "repeat", "every_s": "every"}
_DAY_S = 86400.0


class Fault(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="kind",
    rename=_NAMES,
):
    """What all faults have in common: a name, whom they concern, where and when."""

    is_of_link: ClassVar[bool] = False

    name: str = ""  # in journal and ledger; the kind, if not said
    devices: tuple[str, ...] = ()  # names, profiles or patterns such as eview-*; none: all
    share: Strength = 1.0  # of these devices, drawn by the seed
    area: Area | None = None  # only for devices that are in it at the time
    outside: bool = False  # only for devices that are not in it
    from_s: Duration = Duration(0.0)  # since the fleet was switched on
    to_s: Duration | None = None  # to the end of the run, if not said
    repeat_s: Duration | None = None  # again after so long, such as every 24h

    def __post_init__(self) -> None:
        if self.to_s is not None and self.to_s <= self.from_s:
            message = f"a fault from {self.from_s:g} s to {self.to_s:g} s is never there"
            raise ValueError(message)
        if self.repeat_s is not None and (
            self.to_s is None or self.repeat_s <= self.to_s - self.from_s
        ):
            message = "a fault that repeats needs a `to` that comes before it begins again"
            raise ValueError(message)
        if self.outside and self.area is None:
            message = "a fault outside of an area needs the area"
            raise ValueError(message)

    @property
    def kind(self) -> str:
        """Return what goes wrong, as files write it."""
        return str(self.__struct_config__.tag)

    @property
    def title(self) -> str:
        """Return the name of the fault, or its kind where it has none."""
        return self.name or self.kind

    @property
    def lasts_s(self) -> float:
        """Return how long it lasts each time."""
        return float("inf") if self.to_s is None else self.to_s - self.from_s

    def is_on(self, at_s: float) -> bool:
        """Return whether the fault is there at a time since the fleet was switched on."""
        return self.began_s(at_s) is not None

    def began_s(self, at_s: float) -> float | None:
        """Return when the fault that is there at a time began; None when it is not there."""
        since_s = at_s - self.from_s
        if since_s < 0:
            return None
        if self.repeat_s is not None:
            since_s %= self.repeat_s
        return at_s - since_s if since_s < self.lasts_s else None

    def changes_after(self, at_s: float) -> float:
        """Return when the fault next begins or ends; infinity when it never does."""
        if at_s < self.from_s:
            return self.from_s
        if self.to_s is None:
            return float("inf")
        if self.repeat_s is None:
            return self.to_s if at_s < self.to_s else float("inf")
        turn_s = self.from_s + self.repeat_s * ((at_s - self.from_s) // self.repeat_s)
        ends_s = turn_s + self.lasts_s
        return ends_s if at_s < ends_s else turn_s + self.repeat_s


class LinkFault(Fault, frozen=True, kw_only=True, rename=_NAMES):
    """A fault of the way between a device and its gateway."""

    is_of_link: ClassVar[bool] = True


# of devices


class StuckButton(Fault, frozen=True, kw_only=True, tag="stuck-button", rename=_NAMES):
    """The button is pressed again and again, by nobody."""

    every_s: Duration = Duration(30.0)  # between two presses
    gesture: str = ""  # the usual one, if not said


class Bounce(Fault, frozen=True, kw_only=True, tag="bounce", rename=_NAMES):
    """The contact bounces: the firmware takes one press for several."""

    strength: Strength = 1.0  # the chance that a press bounces
    times: Count = 1  # more presses that the firmware sees
    within_s: Annotated[float, Meta(gt=0, le=60)] = 0.3  # after the true one


class ClockError(Fault, frozen=True, kw_only=True, tag="clock", rename=_NAMES):
    """The device's clock is wrong, and may go wrong further."""

    skew_s: float = 0.0  # ahead of the true time; behind, when negative
    drift_ppm: Annotated[float, Meta(ge=-1e6, le=1e6)] = 0.0  # gained since the fault began

    def error_s(self, at_s: float) -> float:
        """Return by how much the clock is ahead."""
        began_s = self.began_s(at_s)
        return 0.0 if began_s is None else self.skew_s + (at_s - began_s) * self.drift_ppm * 1e-6


class RebootLoop(Fault, frozen=True, kw_only=True, tag="reboot-loop", rename=_NAMES):
    """The device restarts again and again, and each time forgets what it was doing."""

    every_s: Duration = Duration(300.0)  # between two restarts
    keeps_count: bool = False  # whether frames are numbered on, and not from 0


class Duplicate(Fault, frozen=True, kw_only=True, tag="duplicate", rename=_NAMES):
    """The firmware sends a frame more than once, unasked."""

    strength: Strength = 1.0  # the chance that a frame is sent again
    times: Count = 1  # more frames
    after_s: Wait = (1.0, 5.0)  # the shortest and the longest


class Reorder(Fault, frozen=True, kw_only=True, tag="reorder", rename=_NAMES):
    """The firmware holds frames back, so that later ones overtake them."""

    strength: Strength = 0.3  # the chance that a frame is held back
    within_s: Annotated[float, Meta(gt=0, le=_DAY_S)] = 60.0  # for so long at most


class WrongBattery(Fault, frozen=True, kw_only=True, tag="wrong-battery", rename=_NAMES):
    """The gauge says a level that is not the battery's."""

    percent: Annotated[float, Meta(ge=0, le=100)] | None = None  # always this
    off_by: Annotated[float, Meta(ge=-100, le=100)] = 0.0  # or the true level and so much


class Counting(StrEnum):
    """How a firmware miscounts."""

    STUCK = "stuck"  # always the same number
    SKIPS = "skips"  # many numbers at a time
    WRAPS = "wraps"  # from the beginning, too soon


class Miscount(Fault, frozen=True, kw_only=True, tag="miscount", rename=_NAMES):
    """The firmware numbers its frames wrongly: `stuck`, `skips` or `wraps`."""

    counts: Counting = Counting.STUCK  # which way
    by: Annotated[int, Meta(ge=2, le=65_536)] = 16  # numbers skipped, or after which it wraps


class NoFix(Fault, frozen=True, kw_only=True, tag="no-fix", rename=_NAMES):
    """The receiver finds no position: the last one is told, or nothing before there was one."""


class FrozenFix(Fault, frozen=True, kw_only=True, tag="frozen-fix", rename=_NAMES):
    """The receiver tells the position it had when the fault began, as if it were a new one."""


class Teleport(Fault, frozen=True, kw_only=True, tag="teleport", rename=_NAMES):
    """Some positions are far from where the device is."""

    strength: Strength = 0.2  # the chance that a fix is such a one
    metres: Annotated[float, Meta(gt=0, le=2e7)] = 50_000.0  # away, in a direction of its own


# of links


class Loss(LinkFault, frozen=True, kw_only=True, tag="loss", rename=_NAMES):
    """Frames and replies are lost on the way."""

    strength: Strength = 1.0  # the chance that one is lost


class Delay(LinkFault, frozen=True, kw_only=True, tag="delay", rename=_NAMES):
    """Frames and replies take longer than they would."""

    strength: Strength = 1.0  # the chance that one is late
    delay_s: Wait = (5.0, 30.0)  # the shortest and the longest


class LinkDuplicate(LinkFault, frozen=True, kw_only=True, tag="link-duplicate", rename=_NAMES):
    """A frame arrives more than once."""

    strength: Strength = 1.0  # the chance that one does
    times: Count = 1  # more copies
    within_s: Annotated[float, Meta(gt=0, le=_DAY_S)] = 5.0  # after the first


class LinkReorder(LinkFault, frozen=True, kw_only=True, tag="link-reorder", rename=_NAMES):
    """A frame is held up, so that later ones overtake it."""

    strength: Strength = 0.3  # the chance that one is
    within_s: Annotated[float, Meta(gt=0, le=_DAY_S)] = 60.0  # for so long at most


class GatewayDown(LinkFault, frozen=True, kw_only=True, tag="gateway-down", rename=_NAMES):
    """The gateway, base station or network server is down."""

    keeps: bool = False  # frames still reach a base station, which forwards them when it is over
    burst_s: Annotated[float, Meta(ge=0, le=_DAY_S)] = 30.0  # in which it then forwards them


class HalfOpen(LinkFault, frozen=True, kw_only=True, tag="half-open", rename=_NAMES):
    """A TCP connection is dead and the device does not know it, until it connects anew."""


class NoCoverage(LinkFault, frozen=True, kw_only=True, tag="no-coverage", rename=_NAMES):
    """There is no network; a device that keeps what nobody acknowledges sends it afterwards."""


AnyDeviceFault = (
    StuckButton
    | Bounce
    | ClockError
    | RebootLoop
    | Duplicate
    | Reorder
    | WrongBattery
    | Miscount
    | NoFix
    | FrozenFix
    | Teleport
)
AnyLinkFault = Loss | Delay | LinkDuplicate | LinkReorder | GatewayDown | HalfOpen | NoCoverage
AnyFault = AnyDeviceFault | AnyLinkFault
"""What `[[faults]]` of a run file holds, told apart by `kind`."""
KINDS: tuple[str, ...] = tuple(str(one.__struct_config__.tag) for one in get_args(AnyFault))
"""Every kind of fault, as files write it: those of devices, then those of links."""

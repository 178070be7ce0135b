"""A unit and its virtual twin: the same acts for both, their frames compared.

The twin is the device model of the fleet, with the unit's profile. Frames are paired act by act
and kind by kind; values that the profile states must be equal, values that stand for facts of the
moment (`$battery_mv`) need only be of one type, and the time from the act must be within limits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from simulator.bench.acceptance.measures import cancel_limits, press_limits
from simulator.bench.ear import HeardFrame
from simulator.bench.operators import Act
from simulator.codec import Context, FrameError
from simulator.device import CancelGesture, Firmware, Place, PowerOn, Press, Reply, Speech
from simulator.frame import Frame, Kind, Value
from simulator.profile import Profile, codec_of, facts_named
from simulator.rng import Rng


class Difference(StrEnum):
    """In what two frames differ."""

    MISSING = "the unit did not say it"
    EXTRA = "the twin did not say it"
    VALUE = "another value"
    TYPE = "another kind of value"
    TIME = "too late"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One difference: after which act, in which frame and field, and what both said."""

    act: str
    kind: str
    difference: Difference
    field: str = ""
    unit: str = ""
    twin: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """One act of the script, in seconds since its beginning, with what the unit said after it."""

    act: Act
    at_s: float
    hold_s: float
    heard: Sequence[HeardFrame]


@dataclass(frozen=True, slots=True)
class TwinFrame:
    """What the twin said: how long after the finger came down, and what it means."""

    after_s: float
    kind: Kind
    values: Mapping[str, Value]


@dataclass(slots=True)
class Comparison:
    """What came of it. Mutable: it is filled act by act."""

    frames: int = 0
    fields: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)


class Twin:
    """The virtual unit; acts are given in order, in virtual time."""

    def __init__(self, profile: Profile, *, seed: int = 1) -> None:
        self._profile = profile
        self._codec = codec_of(profile)
        self._unit = Firmware(Speech(profile), 1, Rng(seed), place=Place(), epoch_s=1.7e9)
        self._unit.wake(0.0, [PowerOn(cold=False)])
        self._presses = 0
        self._now = 0.0

    def act(self, act: Act, at_s: float, hold_s: float) -> list[TwinFrame]:
        """Return what the twin says to an act, until it has settled."""
        up_s = max(at_s + hold_s, self._now)
        self._presses += act is not Act.CANCEL
        name = f"#{self._presses}"
        gesture = self._profile.behaviour.gestures[0]
        stimulus = CancelGesture(name) if act is Act.CANCEL else Press(name, gesture)
        said = self._wake(up_s, stimulus, at_s)
        due_s = up_s + self._profile.behaviour.press_to_frame_s
        return said + self._wake(due_s, None, at_s)

    def _wake(
        self, now: float, stimulus: Press | CancelGesture | None, down_s: float
    ) -> list[TwinFrame]:
        self._now = now
        woken = self._unit.wake(now, [stimulus] if stimulus else [])
        for frame in woken.frames:
            self._acknowledge(now, frame)
        return [self._read(frame, now - down_s) for frame in woken.frames]

    def _acknowledge(self, now: float, frame: Frame) -> None:
        """Answer as the server does, so that the twin has no reason to repeat."""
        reply = self._codec.reply(frame.payload, Context(port=frame.port, received_s=1.7e9 + now))
        if reply is not None or self._unit.is_network_acked:
            self._unit.wake(now, [Reply(frame.sequence, reply or b"")])

    def _read(self, frame: Frame, after_s: float) -> TwinFrame:
        context = Context(port=frame.port, address=frame.address, key=self._unit.radio.key)
        try:
            values = self._codec.decode(frame.payload, context)
        except FrameError:
            values = {}
        return TwinFrame(after_s, frame.kind, values)


def compare(
    profile: Profile, script: Sequence[Done], *, ignore: frozenset[str] = frozenset()
) -> Comparison:
    """Compare what the unit said to each act with what a twin says to the same acts."""
    twin, found = Twin(profile), Comparison()
    for number, done in enumerate(script, 1):
        said = twin.act(done.act, done.at_s, done.hold_s)
        _compare_act(profile, f"{number} {done.act}", done, said, found, ignore)
    return found


def _compare_act(  # noqa: PLR0917 - the two sides, and where differences go
    profile: Profile,
    name: str,
    done: Done,
    said: Sequence[TwinFrame],
    found: Comparison,
    ignore: frozenset[str],
) -> None:
    wanted = Kind.CANCEL if done.act is Act.CANCEL else Kind.PRESS
    unit = [one for one in done.heard if not one.dropped and wanted in one.kinds]
    twin = [one for one in said if one.kind is wanted]
    for extra in unit[len(twin) :]:
        if not profile.behaviour.sos_repeats:
            found.mismatches.append(
                Mismatch(name, wanted, Difference.EXTRA, unit=extra.payload.hex())
            )
    for one in twin[len(unit) :]:
        found.mismatches.append(
            Mismatch(name, wanted, Difference.MISSING, twin=f"after {one.after_s:.2f} s")
        )
    for mine, its in zip(unit, twin, strict=False):
        found.frames += 1
        _compare_time(profile, name, done, mine, its, found)
        found.mismatches += _fields(profile, name, mine.values, its, ignore)
        found.fields += len(set(mine.values) | set(its.values))


def _compare_time(  # noqa: PLR0917 - as above
    profile: Profile,
    name: str,
    done: Done,
    mine: HeardFrame,
    its: TwinFrame,
    found: Comparison,
) -> None:
    limits = cancel_limits(profile) if its.kind is Kind.CANCEL else press_limits(profile)
    after_s = mine.at_s - done.at_s
    if after_s > limits[1]:
        found.mismatches.append(
            Mismatch(
                name,
                its.kind,
                Difference.TIME,
                unit=f"after {after_s:.2f} s",
                twin=f"after {its.after_s:.2f} s, at most {limits[1]:.2f} s",
            )
        )


def _fields(
    profile: Profile,
    name: str,
    mine: Mapping[str, Value],
    its: TwinFrame,
    ignore: frozenset[str],
) -> list[Mismatch]:
    template = profile.frames.get(its.kind)
    stated = template.values if template else {}
    rows = []
    for key in sorted((set(mine) | set(its.values)) - ignore):
        unit, twin = mine.get(key), its.values.get(key)
        if unit == twin:
            continue
        is_fact = key not in stated or bool(facts_named({key: stated[key]}))
        if is_fact and _kind_of(unit) == _kind_of(twin):
            continue
        if is_fact and key not in its.values:
            continue  # what the model leaves out, a unit may add
        difference = Difference.TYPE if is_fact else Difference.VALUE
        rows.append(Mismatch(name, its.kind, difference, key, repr(unit), repr(twin)))
    return rows


def _kind_of(value: Value) -> str:
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, int | float) else type(value).__name__

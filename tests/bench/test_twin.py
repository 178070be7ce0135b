"""A unit and its twin do the same: where they differ, the profile is not the device."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest

from simulator.bench.being.virtual import VirtualDevice
from simulator.bench.being.voices import on_the_wire, open_voice
from simulator.bench.ear import Ear, HeardFrame
from simulator.bench.links import Address, link_to
from simulator.bench.listening import Listener
from simulator.bench.operators import Act, Answer, Prompt, Said
from simulator.bench.scripting import played
from simulator.bench.twin import Difference, Done, compare
from simulator.clock import monotonic_s
from simulator.errors import InputError
from simulator.frame import Frame, Kind, Value
from simulator.profile import Acceptance, load

PENDANT = load("serial-pendant-base")
_PRESS: dict[str, Value] = {
    "message": "alarm",
    "serial": "00000017",
    "sequence": 7,
    "button": "pendant",
    "on_mains": True,
    "battery_percent": 50,
    "rssi_dbm": -71.5,
}


def heard(values: dict[str, Value], at_s: float = 1.5, kind: Kind = Kind.PRESS) -> HeardFrame:
    """Return a frame of the unit."""
    return HeardFrame(1, at_s, b"\xa5", (kind,), values)


def script(*frames: HeardFrame) -> Sequence[Done]:
    """Return a script of one press after which the unit said these."""
    return [Done(Act.PRESS, 0.0, 1.0, frames)]


def test_a_unit_that_is_as_its_profile_says_has_no_differences() -> None:
    """Serial, sequence, battery are facts of the moment: they may be others."""
    found = compare(PENDANT, script(heard(_PRESS)))

    assert (found.frames, found.mismatches) == (1, [])
    assert found.fields == len(_PRESS)


@pytest.mark.parametrize(
    ("values", "difference", "field"),
    [
        ({**_PRESS, "rssi_dbm": -20.0}, Difference.VALUE, "rssi_dbm"),
        ({**_PRESS, "on_mains": False}, Difference.VALUE, "on_mains"),
        ({**_PRESS, "battery_percent": "half"}, Difference.TYPE, "battery_percent"),
        ({k: v for k, v in _PRESS.items() if k != "serial"}, Difference.TYPE, "serial"),
    ],
)
def test_a_value_that_the_profile_states_must_be_so(
    values: dict[str, Value], difference: Difference, field: str
) -> None:
    """Field by field, with what both said."""
    (one,) = compare(PENDANT, script(heard(values))).mismatches

    assert (one.difference, one.field, one.kind) == (difference, field, Kind.PRESS)
    assert compare(PENDANT, script(heard(values)), ignore=frozenset({field})).mismatches == []


def test_frames_that_are_missing_extra_or_late_are_told() -> None:
    """Kind by kind, and by the time envelope."""
    silent = compare(PENDANT, script()).mismatches
    twice = compare(PENDANT, script(heard(_PRESS), heard(_PRESS, 2.0))).mismatches
    late = compare(PENDANT, script(heard(_PRESS, 30.0))).mismatches

    assert [one.difference for one in silent] == [Difference.MISSING]
    assert [one.difference for one in twice] == [Difference.EXTRA]
    assert [one.difference for one in late] == [Difference.TIME]


def test_a_cancel_is_compared_with_the_twins_cancel() -> None:
    """Act by act."""
    reset = heard({"message": "reset", "serial": "00000017", "sequence": 8}, 8.5, Kind.CANCEL)
    acts = [*script(heard(_PRESS)), Done(Act.CANCEL, 5.0, 3.0, (reset,))]

    found = compare(PENDANT, acts)

    assert (found.frames, found.mismatches) == (2, [])


class Hand:
    """A finger on a virtual device."""

    def __init__(self, device: VirtualDevice) -> None:
        self._device = device

    async def ask(self, prompt: Prompt) -> Answer:
        """Press or cancel."""
        down_s = monotonic_s()
        if prompt.act is Act.CANCEL:
            self._device.cancel()
        else:
            self._device.press()
        return Answer(Said.DONE, down_s)


@pytest.mark.parametrize("place", ["pty", "tcp"])
async def test_a_virtual_device_is_its_own_twin(place: str) -> None:
    """A model of the fleet on a port: what it says in real time is what it says in virtual time."""
    quick = Acceptance(hold_s=0.01, cancel_hold_s=0.01, wait_s=10.0)
    profile = msgspec.structs.replace(PENDANT, acceptance=quick)

    async with open_voice(place, profile, lambda _: None) as voice:

        async def tell(frame: Frame) -> None:
            await voice.say(on_the_wire(place, profile, frame.payload))

        device = VirtualDevice(profile, tell)
        living = asyncio.create_task(device.live())
        link = link_to(Address(port=voice.where.removeprefix("--port ")), profile)
        async with Listener(link, Ear(profile)) as listener:
            acts = await played(listener, Hand(device), 2)
        living.cancel()

    found = compare(profile, acts)
    assert [done.act for done in acts] == [Act.PRESS, Act.CANCEL] * 2
    assert (found.frames, found.mismatches) == (4, [])
    with pytest.raises(InputError, match="pendant, base, cord"):
        device.press("triple")


def test_the_times_of_a_script_are_its_own() -> None:
    """A frame counts from the finger of its act."""
    early = replace(script(heard(_PRESS, 101.5))[0], at_s=100.0)

    assert compare(PENDANT, [early]).mismatches == []

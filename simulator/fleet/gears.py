"""Which models live their idle life in a crowd, and why the others do not.

A crowd holds units whose next report is all there is to know of them. A model whose reports are
conversations (an acknowledgement, a reply of the server, a downlink) stays a full device.
"""

from dataclasses import dataclass
from enum import StrEnum

from simulator.device import Firmware, Place, PowerOn, Speech
from simulator.fleet.batch import Sent
from simulator.fleet.crowd import Crowd
from simulator.fleet.state import KINDS
from simulator.fleet.unit import Unit
from simulator.frame import Kind
from simulator.link import link_of
from simulator.profile import Profile
from simulator.rng import Rng

_SAMPLE_S = 3 * 86_400.0
_SAMPLED_S = 1_780_000_000.0  # some day of this century: protocols have no room for older times


class Gear(StrEnum):
    """How the idle life of a model is worked out."""

    CROWD = "crowd"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Choice:
    """A gear, and the reason for it."""

    gear: Gear
    why: str


def gear_of(profile: Profile) -> Choice:
    """Return in which gear the idle units of a model run."""
    speech = Speech(profile)
    lines = [line for kind in _said(profile) if (line := speech.line(kind))]
    if not lines:
        return Choice(Gear.CROWD, "says nothing of its own accord")
    if speech.is_network_acked:
        return Choice(Gear.FULL, "its uplinks are repeated until the network confirms them")
    if any(line.asks_reply for line in lines):
        return Choice(Gear.FULL, "its reports ask for a downlink")
    if any(_is_answered(speech, sent) for sent in _sample(speech)):
        return Choice(Gear.FULL, "the server replies to its reports")
    return Choice(Gear.CROWD, "nobody answers its reports")


def _said(profile: Profile) -> list[Kind]:
    behaviour = profile.behaviour
    periods = {
        Kind.BATTERY: behaviour.report_s,
        Kind.HEARTBEAT: behaviour.heartbeat_s,
        Kind.MOVE: behaviour.position_s or behaviour.position_moving_s,
    }
    return [kind for kind in KINDS if periods[kind]]


def _sample(speech: Speech) -> list[Sent]:
    """Return what a unit of a model says in its first days."""
    rng = Rng(1)
    crowd = Crowd(speech, [1], rng, place=Place(), epoch_s=_SAMPLED_S)
    firmware = Firmware(speech, 1, rng, place=Place(), epoch_s=_SAMPLED_S)
    firmware.battery.drain_to(100.0)
    unit = Unit(0, firmware, link_of(speech.profile, firmware.key, rng))
    firmware.wake(0.0, (PowerOn(cold=False),))
    crowd.join(0, unit)
    return [sent for batch in crowd.advance(_SAMPLE_S) for sent in batch]


def _is_answered(speech: Speech, sent: Sent) -> bool:
    frame = sent.frame
    radio = speech.radio(speech.profile.identity.serial_of(1), 1)
    return (
        speech.expected_reply(frame.payload, _SAMPLED_S + frame.at_s, frame.port, radio) is not None
    )

"""The envelopes by name: how a network hands a message to an application."""

from typing import Protocol

from simulator.errors import InputError
from simulator.native.lorawan import ChirpstackEnvelope, TtsEnvelope
from simulator.native.sigfox import SPELLINGS, SigfoxEnvelope
from simulator.native.uplink import Posted, Uplink
from simulator.profile import DirectLink, Link, LorawanLink, SigfoxLink

_TEXTS = "+strings"


class Envelope(Protocol):
    """One way of handing over a message; what is written can be read back."""

    def write(self, uplink: Uplink) -> Posted:
        """Return the request that carries a message."""
        ...

    def read(self, posted: Posted) -> Uplink:
        """Return the message that a request carries; raise `EnvelopeError` if it carries none."""
        ...


class TopicEnvelope(Envelope, Protocol):
    """An envelope that is published by MQTT too."""

    def topic(self, uplink: Uplink) -> str:
        """Return the topic on which the network publishes a message."""
        ...


class PlainEnvelope:
    """The frame as it is: for devices that post over the internet themselves."""

    def write(self, uplink: Uplink) -> Posted:
        """Return the frame as a body."""
        is_json = uplink.payload[:1] in (b"{", b"[")
        return Posted(
            uplink.payload,
            content_type="application/json" if is_json else "application/octet-stream",
        )

    def read(self, posted: Posted) -> Uplink:
        """Return the body as a frame that says itself whose it is."""
        return Uplink(address="", payload=posted.body, sequence=0, received_s=0.0)


TOPICS: dict[str, TopicEnvelope] = {"tts": TtsEnvelope(), "chirpstack": ChirpstackEnvelope()}
ENVELOPES = (*SPELLINGS, *TOPICS, "plain")
"""The names; those of Sigfox take `+strings` behind them: numbers arrive as texts."""


def envelope(name: str) -> Envelope:
    """Return an envelope by name; raises InputError for an unknown one."""
    spelling = name.removesuffix(_TEXTS)
    if spelling in SPELLINGS:
        return SigfoxEnvelope(spelling, has_texts=name.endswith(_TEXTS))
    if name in TOPICS:
        return TOPICS[name]
    if name == "plain":
        return PlainEnvelope()
    message = (
        f"There is no envelope '{name}'. Known: {', '.join(ENVELOPES)}; those of Sigfox with "
        f"{_TEXTS} behind them write numbers as texts."
    )
    raise InputError(message)


def usual_envelope(link: Link) -> str:
    """Return the envelope of a network that is meant when none is named; empty without one."""
    match link:
        case SigfoxLink():
            return "sigfox"
        case LorawanLink():
            return "tts"
        case DirectLink():
            return "plain"
    return ""

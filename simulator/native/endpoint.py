"""Where native frames go: the integrator's own endpoint, by scheme, host and port.

The rules for hosts are those for targets: production never, this machine always, any other host
only when it is named as allowed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from simulator.aura import STAGING_HOST, RefusedTargetError, Tier
from simulator.aura.targets import judge, plain_host
from simulator.errors import InputError
from simulator.native.envelopes import envelope, usual_envelope
from simulator.native.parcel import ClosableCarrier, Desk
from simulator.native.segments import Segments
from simulator.profile import (
    BleLink,
    CellularLink,
    DirectLink,
    Link,
    LorawanLink,
    Profile,
    SigfoxLink,
)


class Wire(Protocol):
    """A port of this machine by which all frames of a run leave."""

    @property
    def kind(self) -> str:
        """Return what kind of port it is, as `--via` names it."""
        ...

    def check(self, profiles: Sequence[Profile]) -> None:
        """Raise DeliveryError for the first profile whose frames cannot leave so."""
        ...

    def carrier(
        self, desk: Desk, tasks: asyncio.TaskGroup, profiles: Sequence[Profile]
    ) -> ClosableCarrier:
        """Return the one carrier of a run."""
        ...


ANY = ""
"""The name under which the endpoint of all profiles without one of their own is given."""

_SAY_VIA = "Name it anew: aurasim run --via {via} --port {port}"
_PORTS = {"http": 80, "https": 443, "mqtt": 1883}
_CARRIED: Mapping[type[Link], tuple[str, ...]] = {
    SigfoxLink: ("http", "https"),
    LorawanLink: ("http", "https", "mqtt"),
    CellularLink: ("tcp", "udp"),
    DirectLink: ("http", "https", "tcp", "udp"),
    BleLink: (),
}


class DeliveryError(InputError):
    """Native delivery is asked for in a way that cannot be done; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address that frames are sent to; cannot be made for a host that is refused.

    `path` stands behind the host of an HTTP endpoint, with its query if it has one.
    """

    scheme: str
    host: str
    port: int
    path: str = ""
    allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if judge(self.host, (*self.allowed, STAGING_HOST)) is Tier.STAGING:
            message = (
                f"{self.host} is AURA itself, which speaks no native protocol. "
                "Name the endpoint of your middleware."
            )
            raise RefusedTargetError(message)

    @classmethod
    def parse(cls, url: str, *, allowed: tuple[str, ...] = ()) -> "Endpoint":
        """Read `http://127.0.0.1:8000/sigfox`, `tcp://127.0.0.1:7001`, `udp://...` or `mqtt://...`.

        Raises DeliveryError for what is no such URL, RefusedTargetError for a host that is not
        allowed.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme)
        except ValueError as error:
            raise DeliveryError(f"'{url}' has no port that we can read: {error}.") from error
        known = parts.scheme in {*_PORTS, "tcp", "udp"}
        if not known or not parts.hostname or not port or parts.username is not None:
            message = (
                f"'{url}' is no endpoint. Write for example http://127.0.0.1:8000/sigfox, "
                "tcp://127.0.0.1:7001 or udp://127.0.0.1:7001."
            )
            raise DeliveryError(message)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, plain_host(parts.hostname), port, path, allowed)

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return self.origin + self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How frames are delivered natively: endpoints and envelopes by profile, `ANY` for the rest.

    `segments` says how bytes are cut on a TCP line (see `simulator.native.segments`); `allowed`
    names the hosts beyond this machine that may be sent to. With a `wire`, all frames leave by it:
    `via` is its kind and `to` its name, which is what is left of it in a journal.
    """

    to: Mapping[str, str]
    envelopes: Mapping[str, str]
    segments: Segments = Segments.WHOLE
    allowed: tuple[str, ...] = ()
    via: str = ""
    wire: Wire | None = field(default=None, compare=False)

    @classmethod
    def parse(
        cls,
        to: Sequence[str],
        envelopes: Sequence[str] = (),
        *,
        segments: str = Segments.WHOLE,
        allowed: Sequence[str] = (),
    ) -> "Delivery":
        """Read `URL` and `PROFILE=URL` texts, and envelopes written alike."""
        if not to:
            message = "Native delivery needs somewhere to deliver to. Say --to URL."
            raise DeliveryError(message)
        return cls(
            to=dict(_named(text) for text in to),
            envelopes=dict(_named(text) for text in envelopes),
            segments=Segments(segments),
            allowed=tuple(allowed),
        )

    @property
    def port(self) -> str:
        """Return the port that all frames leave by; empty without one."""
        return self.to.get(ANY, "") if self.via else ""

    @property
    def left_by(self) -> str:
        """Return a sentence on the port."""
        return f"The frames of this run leave by a port of this machine, {self.via} {self.port}."

    def endpoint(self, profile: Profile) -> Endpoint:
        """Return where the frames of a profile go; raise DeliveryError where they cannot."""
        url = self.to.get(profile.name) or self.to.get(ANY)
        if url is None:
            message = f"Nothing says where {profile.name} goes. Add --to {profile.name}=URL."
            raise DeliveryError(message)
        endpoint = Endpoint.parse(url, allowed=self.allowed)
        carried = _CARRIED[type(profile.link)]
        if not carried:
            message = (
                f"{profile.name} advertises by BLE: a scanner hears it, no endpoint does. "
                "Say --via ble --port usb:0 in place of --deliver and --to."
            )
            raise DeliveryError(message)
        if endpoint.scheme not in carried:
            message = (
                f"{profile.name} is a {profile.network} device, which is delivered by "
                f"{' or '.join(carried)}, not {endpoint.scheme}. "
                f"Say --to {profile.name}={carried[0]}://..."
            )
            raise DeliveryError(message)
        return endpoint

    def envelope_name(self, profile: Profile) -> str:
        """Return the envelope of a profile: the one named for it, or its network's usual one."""
        usual = usual_envelope(profile.link)
        named = self.envelopes.get(profile.name)
        general = self.envelopes.get(ANY, "")
        if named is None and _is_of(general, profile.link):
            named = general
        if named is not None:
            envelope(named)  # raises for an unknown one
            if not _is_of(named, profile.link):
                message = f"{profile.name} is no device for the envelope {named}; try {usual}."
                raise DeliveryError(message)
        return named or usual

    def check(self, profiles: Sequence[Profile]) -> None:
        """Raise DeliveryError for the first profile that cannot be delivered so."""
        if self.wire is not None:
            self.wire.check(profiles)
            return
        if self.via:
            raise DeliveryError(f"{self.left_by} {_SAY_VIA.format(via=self.via, port=self.port)}")
        for profile in profiles:
            self.endpoint(profile)
            self.envelope_name(profile)
        for name in self.envelopes.values():
            envelope(name)
        strangers = {*self.to, *self.envelopes} - {ANY, *(profile.name for profile in profiles)}
        if strangers:
            message = f"--to names {min(strangers)}, which is no profile of this run."
            raise DeliveryError(message)


def _named(text: str) -> tuple[str, str]:
    """Split `PROFILE=X`; an equals sign inside a URL belongs to the URL."""
    name, mark, rest = text.partition("=")
    return (name, rest) if mark and "/" not in name and ":" not in name else (ANY, text)


def _is_of(name: str, link: Link) -> bool:
    match link:
        case SigfoxLink():
            return name.startswith("sigfox")
        case LorawanLink():
            return name in ("tts", "chirpstack")
    return name == usual_envelope(link) != ""

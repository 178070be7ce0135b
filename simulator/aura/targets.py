"""Where requests may go: a press on production sends armed responders, so production is refused.

No setting, allow list or spelling opens it. The rule is kept when a target is named, again for
every request that leaves, because a path or a header could point elsewhere than the name says, and
again when the name is resolved (`resolving`), because a name can be an alias.
"""

import ipaddress
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from yarl import URL

from simulator.aura.errors import RefusedTargetError, TargetRefusal
from simulator.aura.http import Request

STAGING_HOST = "staging-panic.aura.services"
PRODUCTION_HOSTS = ("panic.aura.services", "dev-panic.aura.services")
"""The names whose addresses an alias is compared with; what is refused is every AURA host."""
_AURA_DOMAINS = ("aura.services", "aurasos.com")
_PRINTABLE = frozenset(map(chr, range(0x21, 0x7F))) - frozenset("\\")


class Tier(StrEnum):
    """How real a target is: the sandbox on this machine, AURA staging, or another named host."""

    SANDBOX = "sandbox"
    STAGING = "staging"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Target:
    """One host we may talk to; cannot be made for a host that is refused.

    `origin` is scheme, host and port; `prefix` is what stands before every path of the API.
    `rate_s` is the ceiling of requests a second, None for that of the tier; `proxy_url` names an
    HTTP proxy, for whose host the same rules hold; `trust` names a PEM file of certificates to
    trust beside those of the system.
    """

    origin: str
    prefix: str = "/panic-api/v2"
    allowed: tuple[str, ...] = ()
    rate_s: float | None = None
    proxy_url: str | None = None
    trust: str | None = None

    def __post_init__(self) -> None:
        judge(self.host, self.allowed)
        if self.proxy_url is not None:
            _judge_proxy(self.proxy_url, self.allowed)
        if URL(self.origin).scheme != "https" and self.tier is Tier.STAGING:
            message = f"{self.origin} would send the token unencrypted. Write https://."
            raise RefusedTargetError(message)

    @classmethod
    def parse(cls, base_url: str, *, allowed: tuple[str, ...] = ()) -> "Target":
        """Read a base URL such as `https://staging-panic.aura.services/panic-api/v2`.

        Accepted are loopback and hosts named in `allowed`, staging among them. Raises
        RefusedTargetError, which does not repeat the URL: it could hold a password.
        """
        if not base_url or not _PRINTABLE.issuperset(base_url):
            message = "The base URL is empty or has characters no URL has. Write it in plain ASCII."
            raise RefusedTargetError(message)
        parts = urlsplit(base_url)
        if parts.username is not None or parts.query or parts.fragment or "%" in parts.netloc:
            message = "A base URL is scheme, host, port and path only. Remove the rest."
            raise RefusedTargetError(message)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            message = "A base URL starts with https:// (or http:// on this machine) and a host."
            raise RefusedTargetError(message)
        return cls(_origin(base_url), parts.path.rstrip("/"), allowed)

    @property
    def host(self) -> str:
        """Return the host name in lower case, without a trailing dot."""
        try:
            return plain_host(URL(self.origin).raw_host or "")
        except ValueError as error:
            message = "A target's host has characters that no host has. Write it in plain ASCII."
            raise RefusedTargetError(message) from error

    @property
    def tier(self) -> Tier:
        """Return how real this target is."""
        return judge(self.host, self.allowed)

    def url(self, request: Request) -> URL:
        """Return where a request goes; raises RefusedTargetError if that is not this target."""
        if request.path[:1] != "/" or not _PRINTABLE.issuperset(request.path):
            raise RefusedTargetError(f"{request.path!r} is no path. It was not sent.")
        url = URL(self.origin + request.path, encoded=True)
        host = plain_host(url.raw_host or "")
        judge(host, self.allowed)
        if host != self.host or "host" in map(str.lower, request.headers):
            message = f"A request for {self.host} points to another host. It was not sent."
            raise RefusedTargetError(message)
        return url


def _origin(base_url: str) -> str:
    parts = urlsplit(base_url)
    host = plain_host(parts.hostname or "")
    try:
        port = parts.port
    except ValueError as error:
        message = "The port of the base URL is no number up to 65535."
        raise RefusedTargetError(message) from error
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


@lru_cache(maxsize=256)
def plain_host(host: str) -> str:
    """Return a host name as it is compared: decoded, in ASCII, lower case, without a last dot."""
    name = unicodedata.normalize("NFKC", unquote(host)).strip()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return name.lower()  # no such host: it equals no allowed one
    return name.rstrip(".").lower()


@lru_cache(maxsize=256)
def judge(host: str, allowed: tuple[str, ...]) -> Tier:
    """Return the tier of a host; raises RefusedTargetError for production, always, and strangers.

    Every host of AURA's except staging counts as production, and staging is a stranger too until
    it is named as allowed.
    """
    name = plain_host(host)
    if name.endswith(_AURA_DOMAINS) and name != STAGING_HOST:
        message = (
            f"{name} is production, or may be: a press there sends armed responders. Nothing was "
            f"sent, and no setting allows it. Use the sandbox or {STAGING_HOST}."
        )
        raise RefusedTargetError(message, TargetRefusal.PRODUCTION)
    if _is_loopback(name):
        return Tier.SANDBOX
    if name and name in map(plain_host, allowed):
        return Tier.STAGING if name == STAGING_HOST else Tier.OTHER
    message = (
        f"{name or 'A target without host'} is not an allowed target. Nothing was sent. If that "
        f"is where you mean to send, say so: --allow {name or 'HOST'}, or AURASIM_ALLOW, or "
        "'allow' in aurasim.toml."
    )
    raise RefusedTargetError(message, TargetRefusal.NOT_ALLOWED)


def _judge_proxy(url: str, allowed: tuple[str, ...]) -> None:
    """Refuse a proxy that could be AURA itself, or that nobody allowed."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "%" in parts.netloc:
        message = "A proxy is written http://host:port. The one that is set is not."
        raise RefusedTargetError(message)
    if judge(parts.hostname, allowed) is Tier.STAGING:
        message = f"{STAGING_HOST} is AURA itself, not a proxy. Name your proxy's host."
        raise RefusedTargetError(message)


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False

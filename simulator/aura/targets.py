"""Where requests may go: a press on production sends armed responders, so production is refused.

No setting, allow list or spelling opens it. The rule is kept when a target is named and again for
every request that leaves, because a path or a header could point elsewhere than the name says.
"""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from yarl import URL

from simulator.aura.errors import RefusedTargetError, TargetRefusal
from simulator.aura.http import Request

STAGING_HOST = "staging-panic.aura.services"
_AURA_DOMAIN = "aura.services"
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
    """

    origin: str
    prefix: str = "/panic-api/v2"
    allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        judge(self.host, self.allowed)
        if URL(self.origin).scheme != "https" and self.tier is Tier.STAGING:
            message = f"{self.origin} would send the token unencrypted. Write https://."
            raise RefusedTargetError(message)

    @classmethod
    def parse(cls, base_url: str, *, allowed: tuple[str, ...] = ()) -> "Target":
        """Read a base URL such as `https://staging-panic.aura.services/panic-api/v2`.

        Accepted are loopback, the staging host, and hosts named in `allowed`. Raises
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
        return plain_host(URL(self.origin).raw_host or "")

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
    """Return a host name as it is compared: decoded, lower case, without a trailing dot."""
    return unquote(host).strip().rstrip(".").lower()


@lru_cache(maxsize=256)
def judge(host: str, allowed: tuple[str, ...]) -> Tier:
    """Return the tier of a host; raises RefusedTargetError for production, always, and strangers.

    Every host below aura.services except staging counts as production.
    """
    name = plain_host(host)
    if name == STAGING_HOST:
        return Tier.STAGING
    if name.endswith(_AURA_DOMAIN):
        message = (
            f"{name} is production, or may be: a press there sends armed responders. Nothing was "
            f"sent, and no setting allows it. Use the sandbox or {STAGING_HOST}."
        )
        raise RefusedTargetError(message, TargetRefusal.PRODUCTION)
    if _is_loopback(name):
        return Tier.SANDBOX
    if name and name in map(plain_host, allowed):
        return Tier.OTHER
    message = f"{name or 'A target without host'} is not an allowed target. Name it as allowed."
    raise RefusedTargetError(message, TargetRefusal.NOT_ALLOWED)


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False

"""Addresses that somebody gives us to call: HTTPS, or loopback where the sandbox is told so."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from simulator.sandbox.refusal import malformed


def check_url(field: str, url: str, *, allow_http: bool) -> None:
    """Refuse what is not an https address; http to this machine passes if that is allowed."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise malformed(field, "must be an absolute URL.") from None
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise malformed(field, "must be an absolute URL.")
    if parts.scheme == "https" or (parts.scheme == "http" and allow_http and _is_loopback(host)):
        return
    raise malformed(field, "must be an https URL.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

"""What this machine's user allows: which hosts, how fast, through what, and as whom.

It is read from `aurasim.toml` in the working folder (AURASIM_CONFIG names another file), from the
environment, and from flags. None of them can allow production.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from simulator.aura.credentials import Credentials
from simulator.aura.errors import AuraError
from simulator.aura.targets import Target, Tier
from simulator.errors import InputError
from simulator.outside import text_of, toml_of

FILE_NAME = "aurasim.toml"
_Rate = Annotated[float, Meta(gt=0, le=1000)]
FASTEST_STAGING_S = 50.0
_StagingRate = Annotated[float, Meta(gt=0, le=FASTEST_STAGING_S)]


class AccessError(AuraError, InputError):
    """`aurasim.toml` cannot be used: where (`path`) and why (`reason`)."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type["AccessError"], tuple[Path, str]]:
        return type(self), (self.path, self.reason)


class _Named(Struct, forbid_unknown_fields=True):
    url: str
    rate: _Rate | None = None
    client_id: str | None = None
    secret_file: str | None = None


class _File(Struct, forbid_unknown_fields=True):
    allow: list[str] = []
    rate: _StagingRate | None = None
    proxy: str | None = None
    targets: dict[str, _Named] = {}


@dataclass(frozen=True, slots=True)
class Access:
    """Where we may go; `target` and `credentials` are the doors to it."""

    allowed: tuple[str, ...] = ()
    staging_rate_s: float | None = None
    proxy_url: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    _named: Mapping[str, _Named] = field(default_factory=dict, repr=False)

    @classmethod
    def read(
        cls,
        *,
        allowed: tuple[str, ...] = (),
        environment: Mapping[str, str] = os.environ,
        folder: Path | None = None,
    ) -> "Access":
        """Read file and environment, and add what flags allow; raises AccessError.

        AURASIM_ALLOW names hosts, separated by commas or spaces; AURASIM_PROXY an HTTP proxy. The
        proxies that other programs are told of (HTTPS_PROXY) are not used.
        """
        path = Path(environment.get("AURASIM_CONFIG") or (folder or Path()) / FILE_NAME)
        file = _file(path, is_named="AURASIM_CONFIG" in environment)
        said = environment.get("AURASIM_ALLOW", "").replace(",", " ").split()
        return cls(
            (*allowed, *said, *file.allow),
            file.rate,
            environment.get("AURASIM_PROXY", "").strip() or file.proxy,
            environment,
            file.targets,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Return the targets that the file names."""
        return tuple(self._named)

    def allowing(self, host: str) -> "Access":
        """Return what is allowed with one more host."""
        return replace(self, allowed=(*self.allowed, host))

    def name_of(self, base_url: str) -> str:
        """Return the name that the file has for a base URL; the URL itself without one."""
        plain = base_url.rstrip("/")
        return next((n for n, t in self._named.items() if t.url.rstrip("/") == plain), base_url)

    def target(self, name: str) -> Target:
        """Return the target called `staging`, a name of the file, or a base URL.

        A host that stands in the file as a target is allowed by that. Raises RefusedTargetError.
        """
        named = self._named.get(name)
        url = named.url if named else name
        if name == "staging" and not named:
            url = Credentials.base_url_of(self.environment)
        allowed = (*self.allowed, urlsplit(url).hostname or "") if named else self.allowed
        target = Target.parse(url, allowed=allowed)
        if target.tier is Tier.SANDBOX:
            return target
        rate_s = named.rate if named else None
        if target.tier is Tier.STAGING:
            rate_s = min(rate_s, FASTEST_STAGING_S) if rate_s else self.staging_rate_s
        return replace(target, rate_s=rate_s, proxy_url=self.proxy_url)

    def credentials(self, name: str) -> Credentials:
        """Return who we are to a target; raises CredentialsMissingError, SecretFileError."""
        named = self._named.get(name)
        found = dict(self.environment)
        if named and named.client_id:
            found["AURA_CLIENT_ID"] = named.client_id
        if named and named.secret_file:
            found.pop("AURA_CLIENT_SECRET", None)
            found["AURA_CLIENT_SECRET_FILE"] = named.secret_file
        return Credentials.from_environment(found)


def _file(path: Path, *, is_named: bool) -> _File:
    try:
        table = toml_of(text_of(path))
    except FileNotFoundError as error:
        if is_named:
            raise AccessError(path, "AURASIM_CONFIG names it, and it is not there.") from error
        return _File()
    except (OSError, UnicodeDecodeError) as error:
        raise AccessError(path, f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise AccessError(path, f"is not valid TOML: {error}") from error
    if _has_secret(table):
        message = (
            "secrets do not belong into this file. Name a file with `secret_file`, or set "
            "AURA_CLIENT_SECRET."
        )
        raise AccessError(path, message)
    try:
        return msgspec.convert(table, _File, strict=True)
    except msgspec.ValidationError as error:
        raise AccessError(path, str(error)) from error


def _has_secret(table: object) -> bool:
    """Return whether a secret is written into a table, at any depth that TOML is read to."""
    if not isinstance(table, dict):
        return False
    return any(name == "client_secret" or _has_secret(inner) for name, inner in table.items())

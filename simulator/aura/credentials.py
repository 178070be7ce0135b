"""Who we are to AURA: a client id and a secret that shows itself to nobody."""

import hmac
import os
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from simulator.aura.errors import AuraError, CredentialsMissingError
from simulator.errors import UnavailableError

KEYRING_SERVICE = "aurasim"
_LONGEST_SECRET = 4096  # bytes of a file
STAGING_URL = "https://staging-panic.aura.services/panic-api/v2"


@final
class Secret:
    """A text that prints as `***`; call `reveal` where it has to be sent."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself; keep the result out of names, messages and records."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))


@dataclass(frozen=True, slots=True)
class Credentials:
    """One customer source's keys (AURA portal, Integration, View applications), and where to go."""

    client_id: str
    client_secret: Secret
    base_url: str = STAGING_URL

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str] = os.environ,
        keyring: Callable[[str], str | None] | None = None,
    ) -> "Credentials":
        """Read AURA_CLIENT_ID, AURA_BASE_URL (staging when not set) and the secret.

        The secret is AURA_CLIENT_SECRET, or the content of the file that AURA_CLIENT_SECRET_FILE
        names, or what the system's keyring keeps for the service `aurasim` under the client id.
        Raises CredentialsMissingError, which names the variables that are not there, and
        SecretFileError.
        """
        client_id = environment.get("AURA_CLIENT_ID", "").strip()
        secret = environment.get("AURA_CLIENT_SECRET", "").strip()
        path = environment.get("AURA_CLIENT_SECRET_FILE", "").strip()
        if not secret and path:
            secret = secret_in(Path(path))
        if not secret and client_id:
            secret = (keyring or _of_keyring)(client_id) or ""
        if not (client_id and secret):
            named = (("AURA_CLIENT_ID", client_id), ("AURA_CLIENT_SECRET", secret))
            raise CredentialsMissingError(tuple(name for name, value in named if not value))
        return cls(client_id, Secret(secret), cls.base_url_of(environment))

    @staticmethod
    def base_url_of(environment: Mapping[str, str]) -> str:
        """Return AURA_BASE_URL, or staging's."""
        return environment.get("AURA_BASE_URL", "").strip() or STAGING_URL


class SecretFileError(AuraError, UnavailableError):
    """The file with the secret cannot be used: `path`, and the `remedy` for it."""

    def __init__(self, path: Path, reason: str, remedy: str) -> None:
        super().__init__(f"{path} {reason}. {remedy}")
        self.path = path
        self.reason = reason
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["SecretFileError"], tuple[Path, str, str]]:
        return type(self), (self.path, self.reason, self.remedy)


def secret_in(path: Path) -> str:
    """Return the secret that is all a file contains; raise SecretFileError for one others read.

    The open file is what is looked at, so that nothing can be put in its place in between.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            _check_file(path, status)
            text = file.read(_LONGEST_SECRET + 1)
    except OSError as error:
        if isinstance(error, SecretFileError):
            raise
        reason = f"cannot be read: {error.strerror}"
        raise SecretFileError(path, reason, "Correct AURA_CLIENT_SECRET_FILE.") from error
    if not text.strip() or len(text) > _LONGEST_SECRET or b"\0" in text:
        raise SecretFileError(path, "holds no secret", "Write the client secret alone into it.")
    try:
        return text.decode().strip()
    except UnicodeDecodeError:
        raise SecretFileError(path, "is no text", "Write the client secret into it.") from None


def _check_file(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SecretFileError(path, "is no file", "Name a file with the client secret.")
    if sys.platform == "win32":
        return
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        reason = f"can be read by others (mode {mode:04o})"
        raise SecretFileError(path, reason, f"Run: chmod 600 {path}")
    if status.st_uid not in (os.geteuid(), 0):
        raise SecretFileError(path, "belongs to somebody else", "Use a file of your own.")


def _of_keyring(client_id: str) -> str | None:
    """Return what the system's keyring keeps; None without `keyring`, or without a keyring."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(KEYRING_SERVICE, client_id)
    except KeyringError:
        return None

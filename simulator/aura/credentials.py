"""Who we are to AURA: a client id and a secret that shows itself to nobody."""

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from simulator.aura.errors import CredentialsMissingError

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
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Credentials":
        """Read AURA_CLIENT_ID and AURA_CLIENT_SECRET; AURA_BASE_URL is staging when not set.

        Raises CredentialsMissingError, which names the variables that are not there.
        """
        client_id = environment.get("AURA_CLIENT_ID", "").strip()
        secret = environment.get("AURA_CLIENT_SECRET", "").strip()
        if not (client_id and secret):
            named = (("AURA_CLIENT_ID", client_id), ("AURA_CLIENT_SECRET", secret))
            raise CredentialsMissingError(tuple(name for name, value in named if not value))
        base_url = environment.get("AURA_BASE_URL", "").strip() or STAGING_URL
        return cls(client_id, Secret(secret), base_url)

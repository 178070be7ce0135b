"""The bearer token that many conversations share: who asks for it, who waits, when it is renewed.

One request for a token is under way at a time. While the old token lives, the others go on with it;
when there is none they look again in short pauses, and after `_LONGEST_WAIT` of those each helps
itself, for the conversation that asked may have been abandoned.
"""

import logging
from collections.abc import Callable

from simulator.aura.call import Exchange, Pause
from simulator.aura.errors import CredentialsRefusedError
from simulator.aura.tokens import Token
from simulator.errors import UnavailableError

_LOOK_AGAIN_S = 0.05
_LONGEST_WAIT = 600  # looks, that is half a minute
_RENEW_LATER_S = 5.0
_JSON = "application/json"
_log = logging.getLogger(__name__)


class Bearer:
    """A token that keeps itself fresh.

    `ask` starts a conversation that returns a new token; it is told whether it may be patient, or
    should give up at the first failure because the old token still serves. Without `ask` there is
    only the token that `accept` is given.
    """

    def __init__(
        self, now: Callable[[], float], ask: Callable[[bool], Exchange[Token]] | None = None
    ) -> None:
        self._now = now
        self._ask = ask
        self._is_asking = False
        self._renew_s = 0.0
        self.token: Token | None = None
        self.headers: dict[str, str] = {}

    @property
    def is_due(self) -> bool:
        """Return whether `renew` has something to do."""
        return self.can_renew and (self.token is None or self._now() >= self._renew_s)

    @property
    def can_renew(self) -> bool:
        """Return whether another token can be had."""
        return self._ask is not None

    @property
    def is_usable(self) -> bool:
        """Return whether there is a token that has not ended."""
        return self.token is not None and self._now() < self.token.expires_s

    def accept(self, token: Token) -> None:
        """Use this token from now on."""
        self.token = token
        self._renew_s = token.renew_s
        self.headers = {
            "accept": _JSON,
            "authorization": f"Bearer {token.value.reveal()}",
            "content-type": _JSON,
        }

    def drop(self, token: Token | None) -> None:
        """Forget a token that AURA refuses, unless it has been replaced in the meantime."""
        if self.token is token:
            self.token = None

    def renew(self) -> Exchange[None]:
        """Get a token that can be used now, by asking or by waiting for who asks already."""
        looks = 0
        while self._is_asking and looks < _LONGEST_WAIT:
            if self.is_usable:
                return
            looks += 1
            yield Pause(_LOOK_AGAIN_S)
        if self._ask is None or not self.is_due:
            return
        self._is_asking = True
        try:
            yield from self._fetch(self._ask)
        finally:
            self._is_asking = False

    def _fetch(self, ask: Callable[[bool], Exchange[Token]]) -> Exchange[None]:
        """Ask; a failed renewal ahead of time leaves the old token in use."""
        try:
            token = yield from ask(not self.is_usable)
        except UnavailableError as error:
            if isinstance(error, CredentialsRefusedError) or not self.is_usable:
                raise
            _log.warning("The token stays in use, its renewal failed: %s", error)
            self._renew_s = self._now() + _RENEW_LATER_S
        else:
            self.accept(token)

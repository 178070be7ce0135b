"""Bearer tokens: how long one lives, by the three ways AURA has said so."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.aura.call import Call, Json, Repeat, encode
from simulator.aura.credentials import Credentials, Secret
from simulator.aura.reading import Fields, ShapeError, entity

ASSUMED_LIFETIME_S = 3600.0  # the only number AURA's documentation shows
_EPOCH_FORM = 1_000_000_000
_EARLY_S = 60.0
_EARLY_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Grant:
    """What AURA answered to a request for a token, before a clock is put to it.

    `expires_in` is seconds; above 1e9 it is an absolute time in seconds since 1970.
    """

    value: Secret
    expires_in: float | None

    def token(self, now_s: float) -> "Token":
        """Return the token as received at this time.

        Nobody hands out a token that has ended: an end that is past means that two clocks disagree,
        and the next way of telling counts. At worst a 401 tells.
        """
        return Token(self.value, now_s, next(end for end in self._ends(now_s) if end > now_s))

    def _ends(self, now_s: float) -> Iterator[float]:
        """Yield when the token ends, by every way that AURA tells, the most certain first."""
        stated = self.expires_in or 0.0
        if stated > _EPOCH_FORM:
            yield stated
        claims = _claims(self.value)
        issued_s, expires_s = _seconds(claims.get("iat")), _seconds(claims.get("exp"))
        if expires_s is not None:
            yield expires_s + (0.0 if issued_s is None else now_s - issued_s)
        if 0 < stated <= _EPOCH_FORM:
            yield now_s + stated
        yield now_s + ASSUMED_LIFETIME_S


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and when it ends, in seconds since 1970."""

    value: Secret
    received_s: float
    expires_s: float

    @property
    def renew_s(self) -> float:
        """Return when to ask for the next one: a minute or a tenth of its life before the end."""
        life_s = self.expires_s - self.received_s
        return self.expires_s - min(_EARLY_S, _EARLY_SHARE * life_s)


def grant_of(fields: Fields) -> Grant:
    """Read a token answer in either spelling."""
    value = fields.text("accessToken", "access_token")
    if not value:
        message = "'accessToken' is not there"
        raise ShapeError(message)
    return Grant(Secret(value), fields.number("expiresIn", "expires_in"))


def request_token(credentials: Credentials) -> Call[Grant]:
    """Ask for a server token (AURA: api-reference/authentication/create-oauth-token).

    The session does this by itself. Answers 400 for a missing field, 401 for a wrong pair.
    """
    body: dict[str, Json] = {
        "clientId": credentials.client_id,
        "clientSecret": credentials.client_secret.reveal(),
    }
    return Call(
        "POST",
        "/oauth/token",
        lambda response: grant_of(entity(response, "token")),
        encode(body),
        repeat=Repeat.SAFE,
        has_bearer=False,
    )


def _claims(value: Secret) -> dict[str, object]:
    """Return what a JWT claims; nothing where the token is no JWT. The signature is AURA's."""
    import jwt

    try:
        claims: dict[str, object] = jwt.decode(value.reveal(), options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return {}
    return claims


def _seconds(claim: object) -> float | None:
    return float(claim) if isinstance(claim, int | float) else None

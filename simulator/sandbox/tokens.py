"""Bearer tokens: JWTs that say which tenant speaks, and for callout tokens for which customer."""

import hmac
from dataclasses import dataclass
from hashlib import blake2b

import jwt

from simulator.sandbox.refusal import RefusedError

_ALGORITHM = "HS256"
_KNOWN = 10_000  # verified tokens kept by their text


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says; `customer_id` is set for a callout token."""

    client_id: str
    customer_id: int | None
    issued_s: int
    expires_s: int


def digest(secret: str) -> str:
    """Return what is kept of a client secret."""
    return blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()


def is_secret(secret: str, kept_digest: str) -> bool:
    """Return whether a secret is the one whose digest is kept, in constant time."""
    return hmac.compare_digest(digest(secret), kept_digest)


class Tokens:
    """Issues and reads the tokens of one sandbox."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, Claims] = {}

    def issue(self, claims: Claims, source_id: int, count: int) -> str:
        """Return the token for some claims; `count` tells tokens of one second apart."""
        said: dict[str, object] = {
            "sub": claims.client_id,
            "clientId": claims.client_id,
            "customerSourceId": source_id,
            "iat": claims.issued_s,
            "exp": claims.expires_s,
            "jti": str(count),
        }
        if claims.customer_id is not None:
            said |= {"customerId": claims.customer_id, "scope": "callout"}
        return jwt.encode(said, self._key, _ALGORITHM)

    def read(self, token: str) -> Claims | None:
        """Return what a token of ours says, expired or not; None if it is none of ours."""
        claims = self._known.get(token)
        return claims or self._verify(token)

    def _verify(self, token: str) -> Claims | None:
        try:
            said = jwt.decode(
                token, self._key, [_ALGORITHM], options={"verify_exp": False, "verify_iat": False}
            )
        except jwt.InvalidTokenError:
            return None
        claims = Claims(said["clientId"], said.get("customerId"), said["iat"], said["exp"])
        if len(self._known) >= _KNOWN:
            self._known.clear()
        self._known[token] = claims
        return claims


def bearer(header: str | None) -> str:
    """Return the token of an Authorization header; refuse if there is none."""
    kind, _, token = (header or "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise RefusedError(401, "Send a token: Authorization: Bearer <token>.")
    return token

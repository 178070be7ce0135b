"""What can go wrong between us and AURA, and what to do about each.

An answer AURA gave is an `AuraAnswerError`; no answer is a `TargetUnreachableError`; what we refuse
to send is a `RefusedTargetError` or a `StaleCallError`. None of them carries a token or a secret.
"""

from enum import StrEnum
from typing import ClassVar

from simulator.errors import ExitCode, InputError, SimulatorError, UnavailableError


class AuraError(SimulatorError):
    """Anything that goes wrong between us and AURA."""


class CredentialsMissingError(AuraError, UnavailableError):
    """The environment does not say who we are; `names` are the variables to set."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(
            f"No AURA credentials: {' and '.join(names)} not set. Copy them from the AURA portal "
            "(Integration, View applications) into the environment; the secret may be in a file "
            "(AURA_CLIENT_SECRET_FILE) or the system's keyring instead."
        )

    def __reduce__(self) -> tuple[type["CredentialsMissingError"], tuple[tuple[str, ...]]]:
        return type(self), (self.names,)


class TargetRefusal(StrEnum):
    """Why we do not talk to a host."""

    PRODUCTION = "production"
    NOT_ALLOWED = "not-allowed"
    MALFORMED = "malformed"


class RefusedTargetError(AuraError, InputError):
    """We do not send anything to this host."""

    def __init__(self, message: str, reason: TargetRefusal = TargetRefusal.MALFORMED) -> None:
        self.reason = reason
        super().__init__(message)

    def __reduce__(self) -> tuple[type["RefusedTargetError"], tuple[str, TargetRefusal]]:
        return type(self), (str(self), self.reason)


class TransportFailure(StrEnum):
    """Why a request has no answer."""

    REFUSED = "connection refused"
    UNRESOLVED = "host name not resolved"
    CONNECT_TIMEOUT = "no connection in time"
    TLS = "TLS certificate or handshake refused"
    TIMEOUT = "no answer in time"
    RESET = "connection lost"
    TOO_LARGE = "answer too large"
    UNWRITTEN = "not written down, so not sent"
    OTHER = "network failure"


_NEVER_SENT = frozenset(
    (
        TransportFailure.REFUSED,
        TransportFailure.UNRESOLVED,
        TransportFailure.CONNECT_TIMEOUT,
        TransportFailure.TLS,
        TransportFailure.UNWRITTEN,
    )
)


class TransportError(AuraError, UnavailableError):
    """A transport got no answer to one request; the session decides whether to send it again."""

    def __init__(self, reason: TransportFailure, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason} ({detail})" if detail else str(reason))

    @property
    def may_have_arrived(self) -> bool:
        """Return whether AURA may have acted on the request all the same."""
        return self.reason not in _NEVER_SENT

    def __reduce__(self) -> tuple[type["TransportError"], tuple[TransportFailure, str]]:
        return type(self), (self.reason, self.detail)


class TargetUnreachableError(AuraError, UnavailableError):
    """No answer, after as many attempts as the call allows."""

    def __init__(
        self, method: str, path: str, reason: TransportFailure, *, attempts: int = 1
    ) -> None:
        self.method = method
        self.path = path
        self.reason = reason
        self.attempts = attempts
        super().__init__(
            f"{method} {path} has no answer: {reason}{_after(attempts)}. "
            "Check that the target is up and that this machine can reach it."
        )

    def __reduce__(self) -> tuple[type["TargetUnreachableError"], tuple[str, str, str]]:
        return type(self), (self.method, self.path, self.reason)


class StaleCallError(AuraError, TimeoutError):
    """The call's own expiry passed before it could be sent; it was not sent (again)."""

    exit_code = ExitCode.FAILED

    def __init__(self, method: str, path: str, late_s: float) -> None:
        self.method = method
        self.path = path
        self.late_s = late_s
        super().__init__(
            f"{method} {path} is {late_s:.1f} s past its expiry and was not sent: an old press "
            "could open a new callout. Press again if help is still needed."
        )

    def __reduce__(self) -> tuple[type["StaleCallError"], tuple[str, str, float]]:
        return type(self), (self.method, self.path, self.late_s)


class AnswerReason(StrEnum):
    """What kind of no an answer is; each leads to a different remedy."""

    BAD_REQUEST = "bad-request"
    CREDENTIALS = "credentials"
    NOT_PERMITTED = "not-permitted"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate-limited"
    SERVER = "server"
    REDIRECT = "redirect"
    UNREADABLE = "unreadable"
    OTHER = "other"


class AuraAnswerError(AuraError):
    """AURA answered, and the answer is not success; `detail` is AURA's own message."""

    exit_code = ExitCode.FAILED
    reason: ClassVar[AnswerReason] = AnswerReason.OTHER
    remedy: ClassVar[str] = "Compare the request with AURA's reference for this operation."

    def __init__(
        self,
        method: str,
        path: str,
        status: int,
        detail: str = "",
        *,
        attempts: int = 1,
        retry_after_s: float | None = None,
    ) -> None:
        self.method = method
        self.path = path
        self.status = status
        self.detail = detail
        self.attempts = attempts
        self.retry_after_s = retry_after_s
        said = f": {detail.rstrip('.')}" if detail else ""
        super().__init__(
            f"{method} {path} was answered {status}{said}{_after(attempts)}. {self.remedy}"
        )

    def __reduce__(self) -> tuple[type["AuraAnswerError"], tuple[str, str, int, str]]:
        return type(self), (self.method, self.path, self.status, self.detail)


class BadRequestError(AuraAnswerError, ValueError):
    """400: something in the request is missing, malformed or unknown to AURA."""

    reason = AnswerReason.BAD_REQUEST
    remedy = "Correct the request; sending the same again gives the same answer."


class CredentialsRefusedError(UnavailableError, AuraAnswerError, PermissionError):
    """401, or a token request AURA does not accept."""

    reason = AnswerReason.CREDENTIALS
    remedy = "Check AURA_CLIENT_ID and AURA_CLIENT_SECRET, and that they belong to this target."


class NotPermittedError(AuraAnswerError, PermissionError):
    """403: authenticated, but not allowed."""

    reason = AnswerReason.NOT_PERMITTED
    remedy = (
        "A callout needs a customer with an active subscription, and a callout token serves one "
        "customer only."
    )


class NotFoundError(AuraAnswerError, LookupError):
    """404: it does not exist, or belongs to another customer source."""

    reason = AnswerReason.NOT_FOUND
    remedy = "Check the id, and that it was made with these credentials on this target."


class ConflictError(AuraAnswerError, RuntimeError):
    """409: the state at AURA forbids it, for example a mobile number that is already registered."""

    reason = AnswerReason.CONFLICT
    remedy = "Use what exists, or choose another mobile number, serial or period."


class RateLimitedError(UnavailableError, AuraAnswerError):
    """429: too many requests; `retry_after_s` is AURA's own wish where it states one."""

    reason = AnswerReason.RATE_LIMITED
    remedy = "Lower the rate, and try again later."


class ServerFailedError(UnavailableError, AuraAnswerError):
    """5xx: AURA, or something in front of it, failed."""

    reason = AnswerReason.SERVER
    remedy = "Try again later; if it stays, tell AURA the time and the path."


class RedirectRefusedError(AuraAnswerError, PermissionError):
    """3xx: we follow no redirect, because the next host would be given the token."""

    reason = AnswerReason.REDIRECT
    remedy = "Redirects are not followed: correct the base URL of the target."


class UnreadableAnswerError(AuraAnswerError, ValueError):
    """A success whose body is not what the operation promises."""

    reason = AnswerReason.UNREADABLE
    remedy = "Check that the base URL is AURA's API and that nothing in between rewrites answers."


_BY_STATUS: dict[int, type[AuraAnswerError]] = {
    400: BadRequestError,
    401: CredentialsRefusedError,
    403: NotPermittedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitedError,
}


def error_type(status: int) -> type[AuraAnswerError]:
    """Return the error that an answer with this status is."""
    if status >= 500:
        return ServerFailedError
    if 300 <= status < 400:
        return RedirectRefusedError
    return _BY_STATUS.get(status, AuraAnswerError)


def _after(attempts: int) -> str:
    return f", after {attempts} attempts" if attempts > 1 else ""

"""AURA as seen from outside: typed operations, a session that keeps its token, and safe targets.

    client = Client(session, InProcessTransport(handle), sleep)
    customer = client.call(customers.create(profile, subscription))

An operation is a value (`Call`) made by a function of `simulator.aura.calls`; `Session.perform`
carries it out without I/O, and `Client`, `AsyncClient` or any other driver turns it.
"""

from simulator.aura.call import Call, Exchange, Json, Pause, Repeat
from simulator.aura.client import AsyncClient, Client
from simulator.aura.credentials import STAGING_URL, Credentials, Secret
from simulator.aura.errors import (
    AnswerReason,
    AuraAnswerError,
    AuraError,
    BadRequestError,
    ConflictError,
    CredentialsMissingError,
    CredentialsRefusedError,
    NotFoundError,
    NotPermittedError,
    RateLimitedError,
    RedirectRefusedError,
    RefusedTargetError,
    ServerFailedError,
    StaleCallError,
    TargetRefusal,
    TargetUnreachableError,
    TransportError,
    TransportFailure,
    UnreadableAnswerError,
)
from simulator.aura.http import Request, Response
from simulator.aura.paths import Paths
from simulator.aura.retry import NO_RETRY, RetryPolicy
from simulator.aura.session import Session
from simulator.aura.targets import STAGING_HOST, Target, Tier
from simulator.aura.tokens import Grant, Token
from simulator.aura.transport import (
    AsyncTransport,
    BlockingHttpTransport,
    HttpTransport,
    InProcessTransport,
    Transport,
)

__all__ = [
    "NO_RETRY",
    "STAGING_HOST",
    "STAGING_URL",
    "AnswerReason",
    "AsyncClient",
    "AsyncTransport",
    "AuraAnswerError",
    "AuraError",
    "BadRequestError",
    "BlockingHttpTransport",
    "Call",
    "Client",
    "ConflictError",
    "Credentials",
    "CredentialsMissingError",
    "CredentialsRefusedError",
    "Exchange",
    "Grant",
    "HttpTransport",
    "InProcessTransport",
    "Json",
    "NotFoundError",
    "NotPermittedError",
    "Paths",
    "Pause",
    "RateLimitedError",
    "RedirectRefusedError",
    "RefusedTargetError",
    "Repeat",
    "Request",
    "Response",
    "RetryPolicy",
    "Secret",
    "ServerFailedError",
    "Session",
    "StaleCallError",
    "Target",
    "TargetRefusal",
    "TargetUnreachableError",
    "Tier",
    "Token",
    "Transport",
    "TransportError",
    "TransportFailure",
    "UnreadableAnswerError",
]

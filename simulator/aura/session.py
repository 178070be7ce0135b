"""The conversation with AURA, without I/O: token, request, answer, and when to try again.

`Session.perform` is a generator that says what is to be done and is told what came of it, so that
one piece of code serves a step of a scenario, an asyncio load run and a process of the SimPy
pipeline. Whoever turns it sends a yielded `Request` and gives the `Response` by `send`, or the
`TransportError` by `throw`; on a `Pause` it lets the time pass and sends None.
"""

import re
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from simulator.aura.bearer import Bearer
from simulator.aura.call import Call, Exchange, Pause, Repeat
from simulator.aura.credentials import Credentials
from simulator.aura.errors import (
    AuraAnswerError,
    BadRequestError,
    CredentialsRefusedError,
    RateLimitedError,
    ServerFailedError,
    StaleCallError,
    TargetUnreachableError,
    TransportError,
    UnreadableAnswerError,
    error_type,
)
from simulator.aura.http import Request, Response
from simulator.aura.paths import Paths
from simulator.aura.reading import ShapeError, detail_of
from simulator.aura.retry import NO_RETRY, RetryPolicy, retry_after_s
from simulator.aura.tokens import Token, request_token
from simulator.rng import Stream

T = TypeVar("T")
_Failure: TypeAlias = TransportError | AuraAnswerError
_PASSING = (TransportError, RateLimitedError, ServerFailedError)
_TOKEN_LIKE = re.compile(r"eyJ[\w-]+\.[\w-]+(\.[\w-]*)?|(?<=Bearer )\S+")
_RENEWALS = 2  # of one call: tokens may be rotated again while the call waits for its turn
_PLAIN = {"accept": "application/json", "content-type": "application/json"}


class Session:
    """Credentials, their token, and the rules of talking to one target.

    `now` returns seconds since 1970 by the clock of the run; `jitter` spreads retries.
    """

    def __init__(
        self,
        credentials: Credentials,
        now: Callable[[], float],
        jitter: Stream,
        *,
        retry: RetryPolicy | None = None,
        paths: Paths | None = None,
    ) -> None:
        self.retry = retry or RetryPolicy()
        self.paths = paths or Paths()
        self._now = now
        self._jitter = jitter
        self._secret = credentials.client_secret
        self._grant = request_token(credentials)
        self._bearer = Bearer(now, self._fetch_token)

    def scoped(self, token: Token) -> "Session":
        """Return a session that acts with one given token only, such as a callout token.

        It cannot renew: when the token has ended, calls raise CredentialsRefusedError.
        """
        other = Session(
            Credentials("", self._secret),
            self._now,
            self._jitter,
            retry=self.retry,
            paths=self.paths,
        )
        other._bearer = Bearer(self._now)
        other._bearer.accept(token)
        return other

    def perform(self, call: Call[T], *, jitter: Stream | None = None) -> Exchange[T]:
        """Carry out one call; the generator returns what the call reads from the answer.

        Raises the AuraError that stands when no further attempt is allowed. Give a device's own
        `jitter` stream where its retries should not depend on what other devices do.
        """
        return self._converse(call, self.retry, jitter or self._jitter)

    def authenticate(self) -> Exchange[None]:
        """Fetch the token now, so that the first call does not have to."""
        return self._bearer.renew()

    def _converse(self, call: Call[T], retry: RetryPolicy, jitter: Stream) -> Exchange[T]:
        bearer = self._bearer
        path = self._path(call)
        renewals = _RENEWALS if call.has_bearer and bearer.can_renew else 0
        attempt = 1
        while True:
            if call.has_bearer and bearer.is_due:
                yield from bearer.renew()
            token = bearer.token
            self._check_fresh(call, path)
            try:
                response = yield Request(call.method, path, self._headers(call), call.body)
            except TransportError as error:
                failure: _Failure = error
            else:
                if response is None:
                    message = "A Request was answered with None: send its Response."
                    raise TypeError(message)
                if 200 <= response.status < 300:
                    return self._read(call, path, response)
                if response.status == 401 and renewals:
                    renewals -= 1
                    bearer.drop(token)
                    continue
                failure = self._answer_error(call, path, response, attempt)
            asked_s = failure.retry_after_s if isinstance(failure, AuraAnswerError) else None
            pause_s = retry.pause_s(attempt, asked_s, jitter)
            if pause_s is None or not self._may_repeat(call, failure, pause_s):
                break
            yield Pause(pause_s)
            attempt += 1
        if isinstance(failure, TransportError):
            why = failure.reason
            raise TargetUnreachableError(call.method, path, why, attempts=attempt) from failure
        raise failure

    def _path(self, call: Call[T]) -> str:
        path = call.path if isinstance(call.path, str) else call.path(self.paths)
        return self.paths.prefix + path if call.has_prefix else path

    def _headers(self, call: Call[T]) -> dict[str, str]:
        headers = self._bearer.headers if call.has_bearer else _PLAIN
        if call.content_type == "application/json":
            return headers
        return {**headers, "content-type": call.content_type}

    def _check_fresh(self, call: Call[T], path: str) -> None:
        if call.fresh_until_s is not None and self._now() > call.fresh_until_s:
            raise StaleCallError(call.method, path, self._now() - call.fresh_until_s)

    def _may_repeat(self, call: Call[T], failure: _Failure, pause_s: float) -> bool:
        if not isinstance(failure, _PASSING):
            return False
        if call.repeat is Repeat.WHILE_FRESH:
            until_s = call.fresh_until_s
            return until_s is not None and self._now() + pause_s <= until_s
        if call.repeat is Repeat.SAFE:
            return True
        if isinstance(failure, TransportError):
            return not failure.may_have_arrived
        return isinstance(failure, RateLimitedError)

    def _read(self, call: Call[T], path: str, response: Response) -> T:
        try:
            return call.read(response)
        except ShapeError as error:
            detail = self._scrub(str(error))
            raise UnreadableAnswerError(call.method, path, response.status, detail) from None

    def _answer_error(
        self, call: Call[T], path: str, response: Response, attempt: int
    ) -> AuraAnswerError:
        kind = error_type(response.status)
        if not call.has_bearer and kind is BadRequestError:
            kind = CredentialsRefusedError
        return kind(
            call.method,
            path,
            response.status,
            self._scrub(detail_of(response)),
            attempts=attempt,
            retry_after_s=retry_after_s(response, self._now()),
        )

    def _scrub(self, text: str) -> str:
        """Return a text of AURA's without what only AURA and we may know."""
        token = self._bearer.token
        for secret in (self._secret, token and token.value):
            if secret and secret.reveal():
                text = text.replace(secret.reveal(), "***")
        return _TOKEN_LIKE.sub("***", text)

    def _fetch_token(self, patient: bool) -> Exchange[Token]:
        retry = self.retry if patient else NO_RETRY
        grant = yield from self._converse(self._grant, retry, self._jitter)
        return grant.token(self._now())

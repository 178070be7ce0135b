"""An AURA that answers what a test says, on a clock that only moves when somebody sleeps."""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from simulator.aura import (
    Client,
    Credentials,
    Paths,
    Request,
    Response,
    RetryPolicy,
    Secret,
    Session,
    TransportError,
)
from simulator.frame import Value
from simulator.rng import Rng

Answer: TypeAlias = Response | TransportError
_TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path


def answer(
    status: int = 200,
    body: Mapping[str, Value] | list[Value] | str | bytes = b"",
    **headers: str,
) -> Response:
    """Return a response; an object or a list is written as JSON, `retry_after` as Retry-After."""
    if isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        body = msgspec.json.encode(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, named, body)


class ScriptedAura:
    """A transport that gives the answers of a script in order, then the last one again.

    Requests for a token are answered from `tokens` in the same way. `asked` and `asked_tokens` hold
    the requests, `slept` the pauses; sleeping moves `now_s`.
    """

    def __init__(self, *answers: Answer, now_s: float = 1_780_000_000.0) -> None:
        self.answers = list(answers)
        self.tokens: list[Answer] = [answer(200, {"accessToken": "token-1", "expiresIn": 3600})]
        self.asked: list[Request] = []
        self.asked_tokens: list[Request] = []
        self.slept: list[float] = []
        self.now_s = now_s

    def now(self) -> float:
        """Return the time of the script, in seconds since 1970."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now_s += seconds

    def send(self, request: Request) -> Response:
        """Answer a request from the script."""
        is_token = request.path.endswith(_TOKEN_PATH)
        asked, script = (self.asked_tokens, self.tokens) if is_token else (self.asked, self.answers)
        given = script[min(len(asked), len(script) - 1)]
        asked.append(request)
        if isinstance(given, TransportError):
            raise given
        return given

    def session(self, *, retry: RetryPolicy | None = None, paths: Paths | None = None) -> Session:
        """Return a session on this clock, with made-up credentials."""
        credentials = Credentials("client-1", Secret("s3cr3t-of-client-1"))
        jitter = Rng(1).stream(0, "retry")
        return Session(credentials, self.now, jitter, retry=retry, paths=paths)

    def client(self, *, retry: RetryPolicy | None = None, paths: Paths | None = None) -> Client:
        """Return a client that talks to this script."""
        return Client(self.session(retry=retry, paths=paths), self, self.sleep)

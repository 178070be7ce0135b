"""Plays a conversation with one AURA, and keeps what was heard."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from simulator.aura import (
    AsyncClient,
    AsyncTransport,
    AuraAnswerError,
    Call,
    Request,
    Response,
    Session,
)
from simulator.aura.retry import NO_RETRY
from simulator.drift.shape import Shape, shape_of
from simulator.drift.steps import Conversation, EmptyPlaceError, Json, Step, filled, found

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Heard:
    """One step of a conversation: its shape, or why it could not be asked."""

    conversation: str
    step: str
    shape: Shape | None
    missing: str = ""


class Taped:
    """A transport that keeps the last answer, whatever its status."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport
        self._last: Response | None = None

    async def send(self, request: Request) -> Response:
        """Return the answer."""
        self._last = await self._transport.send(request)
        return self._last

    def last(self) -> Response:
        """Return the answer to the latest request; raise LookupError before the first."""
        if self._last is None:
            raise LookupError
        return self._last


@dataclass(slots=True)
class _Talk:
    """A conversation under way. Mutable: it learns."""

    client: AsyncClient
    tape: Taped
    known: dict[str, Json] = field(default_factory=dict)

    async def ask(self, step: Step) -> Shape:
        body = filled(step.body, self.known)
        path = str(filled(step.path, self.known))
        response = await self._answer(
            step, path, b"" if body is None else msgspec.json.encode(body)
        )
        self._learn(step, response)
        return shape_of(response, step.values, self.known)

    async def _answer(self, step: Step, path: str, body: bytes) -> Response:
        call: Call[Response] = Call(
            step.method,
            path,
            lambda response: response,
            body,
            has_bearer=step.has_bearer,
            has_prefix=step.has_prefix,
        )
        try:
            return await self.client.call(call)
        except AuraAnswerError:
            return self.tape.last()

    def _learn(self, step: Step, response: Response) -> None:
        if not step.keep:
            return
        try:
            body = msgspec.json.decode(response.body)
        except msgspec.DecodeError:
            return
        for name, path in step.keep.items():
            if self.known.get(name) is None:
                self.known[name] = found(body, path)


async def play(
    conversation: Conversation,
    session: Session,
    transport: AsyncTransport,
    given: Mapping[str, Json],
) -> list[Heard]:
    """Ask every step; one whose places cannot be filled is heard as missing, and so on.

    Raises AuraError where nobody answers at all.
    """
    session.retry = NO_RETRY
    tape = Taped(transport)
    talk = _Talk(AsyncClient(session, tape), tape, dict(given))
    await talk.client.authenticate()
    heard = []
    for step in conversation.steps:
        try:
            shape, missing = await talk.ask(step), ""
        except EmptyPlaceError as error:
            shape, missing = None, error.name
        heard.append(Heard(conversation.name, step.name, shape, missing))
    return heard

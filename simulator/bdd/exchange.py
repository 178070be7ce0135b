"""Every request of a scenario and its answer: for steps that ask for them, and for its report.

What is shown has no secrets: headers are left out, and tokens and client secrets become `***`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec
import simpy

from simulator.aura import Request, Response, TransportError
from simulator.aura.redaction import without_secrets
from simulator.gateway import Outlet
from simulator.journal import MemoryJournal

Sender: TypeAlias = Literal["pipeline", "step", "look"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request; it has an answer, or the reason why there is none.

    `by` is who asked: the pipeline, a step that does something, or an expectation that looks. When
    the answer came, the journal had `after` records.
    """

    at_s: float
    by: Sender
    after: int
    request: Request = field(repr=False)
    response: Response | None = field(default=None, repr=False)
    trouble: TransportError | None = None

    @property
    def title(self) -> str:
        """Return the line of the request and what came of it."""
        came = str(self.response.status) if self.response else str(self.trouble or "no answer yet")
        return f"{self.request.method} {plain_path(self.request)} -> {came}"

    @property
    def sent(self) -> str:
        """Return the body of the request without secrets."""
        return without_secrets(self.request.body)

    @property
    def answered(self) -> str:
        """Return the body of the answer without secrets."""
        return without_secrets(self.response.body) if self.response else ""


def plain_path(request: Request) -> str:
    """Return the path of a request without the prefix of the API."""
    return request.path.removeprefix("/panic-api/v2")


def object_in(body: bytes) -> dict[str, object]:
    """Return the JSON object of a body, an empty one where there is none."""
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


class Recorder:
    """Keeps the exchanges of one scenario in the order of their answers."""

    def __init__(self, env: simpy.Environment, journal: MemoryJournal) -> None:
        self.exchanges: list[Exchange] = []
        self.asker: Sender = "step"
        self._env = env
        self._journal = journal

    @property
    def trouble(self) -> TransportError | None:
        """Return why the latest request without an answer had none."""
        return next((one.trouble for one in reversed(self.exchanges) if one.trouble), None)

    def asked(self, ask: Callable[[Request], Response], request: Request) -> Response:
        """Ask for a step, and keep what was said."""
        at_s = self._env.now
        try:
            response = ask(request)
        except TransportError as error:
            self._keep(at_s, self.asker, request, trouble=error)
            raise
        self._keep(at_s, self.asker, request, response)
        return response

    def watch(self, at_s: float, request: Request, answered: simpy.Event) -> None:
        """Keep a request of the pipeline when its answer is there."""

        def keep(event: simpy.Event) -> None:
            if event.ok:
                self._keep(at_s, "pipeline", request, event.value)
            else:
                self._keep(at_s, "pipeline", request, trouble=event.value)

        answered.callbacks.append(keep)

    def of_pipeline(self, path: str) -> list[Exchange]:
        """Return what the pipeline asked of an endpoint; a path without the prefix of the API."""
        made = (one for one in self.exchanges if one.by == "pipeline")
        return [one for one in made if plain_path(one.request) == path]

    def _keep(
        self,
        at_s: float,
        by: Sender,
        request: Request,
        response: Response | None = None,
        trouble: TransportError | None = None,
    ) -> None:
        after = len(self._journal.records)
        self.exchanges.append(Exchange(at_s, by, after, request, response, trouble))


class RecordedOutlet:
    """The outlet of the pipeline, with everything that goes through it kept.

    `upset` may answer a request in AURA's place, or say that nothing can be reached.
    """

    def __init__(self, env: simpy.Environment, outlet: Outlet, recorder: Recorder) -> None:
        self._env = env
        self._outlet = outlet
        self._recorder = recorder
        self.upset: Callable[[Request], Response | TransportError | None] = lambda _: None

    def send(self, request: Request) -> simpy.Event:
        """Return an event that brings the answer."""
        answered = self._upset(request) or self._outlet.send(request)
        self._recorder.watch(self._env.now, request, answered)
        return answered

    def _upset(self, request: Request) -> simpy.Event | None:
        instead = self.upset(request)
        if instead is None:
            return None
        answered = self._env.event()
        if isinstance(instead, TransportError):
            return answered.fail(instead)
        return answered.succeed(instead)

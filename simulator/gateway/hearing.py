"""Writes down what AURA is asked for a press, and what it answers."""

from collections.abc import Callable
from typing import NamedTuple

from simulator.aura import Request, Response, TransportError
from simulator.aura.redaction import kept
from simulator.journal import Exchanged, Journal

_PREFIX = "/panic-api/v2"


class Heard(NamedTuple):
    """One request, and its answer or the reason why there is none; times are run time."""

    request: Request
    answer: Response | TransportError
    asked_s: float
    answered_s: float


Hear = Callable[[Heard], None]


def hearing(journal: Journal, device: str, message: str, press: str | None) -> Hear | None:
    """Return what writes the requests of a message to a journal; only presses are told so fully."""
    if press is None:
        return None

    def hear(heard: Heard) -> None:
        answer = heard.answer
        is_answered = isinstance(answer, Response)
        journal.write(
            Exchanged(
                t=heard.answered_s,
                device=device,
                message=message,
                method=heard.request.method,
                path=heard.request.path.removeprefix(_PREFIX),
                press=press,
                status=answer.status if isinstance(answer, Response) else None,
                took_s=round(heard.answered_s - heard.asked_s, 6),
                sent=kept(heard.request.body),
                answered=kept(answer.body) if isinstance(answer, Response) else "",
                trouble=None if is_answered else str(answer),
            )
        )

    return hear

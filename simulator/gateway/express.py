"""Tells AURA what idle frames mean, many at a time and after the fact.

The frames are read by the gateway's own reader and rules, and the records are those that it would
have written; only the conversation is a call in this process, and each frame brings its own time.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from simulator.aura.errors import BadRequestError
from simulator.frame import Frame, Kind, Value
from simulator.gateway.downlinks import downlink
from simulator.gateway.gateway import Gateway, LinkedDevice
from simulator.journal import Answered, EventSent, Failed, Record
from simulator.link import CoarsePosition
from simulator.profile import Profile

AT_ONCE = 0.0
_PATH = "/panic-api/v2/deviceEvent"


class Answer(Protocol):
    """What came of an event."""

    @property
    def status(self) -> int:
        """Return the status."""
        ...

    @property
    def detail(self) -> str:
        """Return why it was refused."""
        ...

    @property
    def battery_pct(self) -> int | None:
        """Return the battery level that the event told."""
        ...


Tell = Callable[[Profile, Mapping[str, Value]], Answer]


class Express:
    """Carries the frames of idle devices, one by one."""

    def __init__(self, gateway: Gateway, write: Callable[[Record], None], tell: Tell) -> None:
        self._gateway = gateway
        self._write = write
        self._tell = tell

    def carry(
        self, now: float, linked: LinkedDevice, frame: Frame, seen: CoarsePosition | None
    ) -> list[Answer]:
        """Carry a frame that arrived at a run time; return what AURA answered."""
        reading = self._gateway.read(now, linked, frame)
        answers = []
        for message, body, located_s in self._gateway.bodies(
            now, linked, frame, reading.messages, seen
        ):
            name = f"{linked.name}:{frame.sequence}:{message.kind}"
            kind = message.kind.value
            self._write(
                EventSent(
                    t=now,
                    device=linked.name,
                    message=name,
                    kind=kind,
                    seq=frame.sequence,
                    located_s=located_s,
                )
            )
            answer = self._tell(linked.profile, body)
            answers.append(answer)
            self._answered(now, linked, name, message.kind, answer)
        reply = reading.reply
        if reply is None:
            reply = downlink(linked.profile, frame, reading.values, is_over=linked.is_over)
        if reply is not None:
            message_ = f"{linked.name} is answered, and is no idle device."
            raise LookupError(message_)
        return answers

    def _answered(
        self, now: float, linked: LinkedDevice, name: str, kind: Kind, answer: Answer
    ) -> None:
        if 200 <= answer.status < 300:
            record: Record = Answered(
                t=now,
                device=linked.name,
                message=name,
                kind=kind.value,
                status=answer.status,
                took_s=AT_ONCE,
            )
        else:
            record = Failed(
                t=now,
                device=linked.name,
                message=name,
                kind=kind.value,
                reason=refusal(answer.status, answer.detail),
                status=answer.status,
            )
        self._write(record)


def refusal(status: int, detail: str) -> str:
    """Return what the journal says of an event that AURA refused."""
    return str(BadRequestError("POST", _PATH, status, detail))

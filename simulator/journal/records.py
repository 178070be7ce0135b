"""The records of a journal: what a run is, its devices, and every arrow of the pipeline.

Times `t` are seconds of the run; the first record says when the run began.
"""

from msgspec import Struct

FORMAT = 1


class _Record(Struct, frozen=True, tag_field="type", kw_only=True, omit_defaults=True):
    t: float


class RunStarted(_Record, frozen=True, tag="run"):
    """The first record: all that is needed to repeat the run."""

    format: int
    version: str
    seed: int
    clock: str
    target: str
    tier: str
    started: str  # ISO 8601, UTC: the time of day at t = 0
    for_s: float
    mix: dict[str, int]
    mutate: float = 0.0  # the share of all frames that is mutated
    delivery: str = "gateway"  # or native: to the integrator's middleware
    settings: dict[str, object] = {}  # all that the run was told, as a run file has it


class RunResumed(_Record, frozen=True, tag="resumed"):
    """A run that was killed goes on; the time between did not pass in the run.

    What it had left open at AURA was ended, so all devices are linked anew from here on.
    """

    started: str  # ISO 8601, UTC: the time of day that t = 0 has from here on


class DeviceLinked(_Record, frozen=True, tag="device"):
    """A unit is linked to its customer at AURA."""

    device: str
    profile: str
    serial: str
    device_id: str
    customer: int
    latitude: float
    longitude: float


class LinkRefused(_Record, frozen=True, tag="device-refused"):
    """A unit could not be set up at AURA; it takes no part in the run."""

    device: str
    reason: str


class Pressed(_Record, frozen=True, tag="press"):
    """A person asked for help."""

    press: str
    device: str
    gesture: str
    cause: str | None = None  # the persona, incident or fault behind it, where one is named


class FaultPlanned(_Record, frozen=True, tag="fault-planned"):
    """A fault was put into the run, or taken out of it."""

    fault: str
    kind: str
    by: str  # run file | control | scenario
    ends: bool = False  # it was taken out
    table: dict[str, object] = {}  # all of it, as a run file has it; times in seconds


class FaultApplied(_Record, frozen=True, tag="fault"):
    """A fault did something to a device, or began or ceased to."""

    device: str
    fault: str
    kind: str
    what: str
    press: str | None = None
    seq: int | None = None


class Controlled(_Record, frozen=True, tag="control"):
    """Somebody's hand in the run: a command from outside, done to a device."""

    device: str
    deed: str  # press | cancel | move | drain
    how: str = ""


class PowerChanged(_Record, frozen=True, tag="power"):
    """The battery of a device ran empty, or a charger brought the device back."""

    device: str
    what: str  # empty | charged


class Regretted(_Record, frozen=True, tag="regret"):
    """The person no longer needs help: by the device's own gesture, or by calling the operator."""

    press: str
    device: str
    by: str  # native | operator


class Silent(_Record, frozen=True, tag="silent"):
    """The device could not say what the person asked it to."""

    device: str
    press: str
    reason: str


class FrameSent(_Record, frozen=True, tag="frame"):
    """The device handed a frame to its radio."""

    device: str
    seq: int
    kind: str
    hex: str
    press: str | None = None
    port: int | None = None
    attempt: int = 1
    battery: int | None = None  # percent
    latitude: float | None = None  # where the device truly is, not what it says
    longitude: float | None = None
    mutation: str | None = None  # what was done to the frame on purpose


class OnAir(_Record, frozen=True, tag="air"):
    """What became of a frame on its way: how many copies arrive, or why none does."""

    device: str
    seq: int
    press: str | None = None
    copies: int = 0
    lost: str | None = None
    air_s: float = 0.0
    wait_s: float = 0.0  # waited for the radio to be allowed to send


class Received(_Record, frozen=True, tag="gateway"):
    """The gateway has a frame: the messages it means, or why it is dropped."""

    device: str
    seq: int
    press: str | None = None
    means: list[str] = []
    dropped: str | None = None
    latitude: float | None = None  # where the frame says that the device is
    longitude: float | None = None


class Replied(_Record, frozen=True, tag="reply"):
    """The server's answer to a frame, on its way back to the device."""

    device: str
    seq: int
    hex: str
    lost: bool = False


class EventSent(_Record, frozen=True, tag="event"):
    """A device event, or an operator's request, goes to AURA."""

    device: str
    message: str
    kind: str
    press: str | None = None
    seq: int | None = None
    located_s: float | None = None  # of an event with a position: when the device was there


class Exchanged(_Record, frozen=True, tag="http"):
    """One request of a message and AURA's answer, bodies without secrets, or why there is none."""

    device: str
    message: str
    method: str
    path: str
    press: str | None = None
    status: int | None = None
    took_s: float = 0.0
    sent: str = ""
    answered: str = ""
    trouble: str | None = None


class Notified(_Record, frozen=True, tag="webhook"):
    """AURA told our receiver that something happened, and was answered with this status."""

    event: str
    callout: int | None = None
    press: str | None = None
    status: int = 200
    body: str = ""


class Answered(_Record, frozen=True, tag="answer"):
    """AURA answered; `attempts` counts the requests that it took."""

    device: str
    message: str
    kind: str
    status: int
    press: str | None = None
    callout: int | None = None
    attempts: int = 1
    took_s: float = 0.0


class Failed(_Record, frozen=True, tag="failed"):
    """AURA refused a message for good, or could not be reached in time."""

    device: str
    message: str
    kind: str
    reason: str
    status: int | None = None
    press: str | None = None
    attempts: int = 1


class CalloutClosed(_Record, frozen=True, tag="closed"):
    """The run saw a callout end: cancelled, or closed by the control room."""

    device: str
    callout: int
    by: str


class LinkChanged(_Record, frozen=True, tag="link"):
    """The wire or the connection to a real unit went or came back."""

    device: str
    is_up: bool
    reason: str = ""


class Unfinished(_Record, frozen=True, tag="unfinished"):
    """The run ended while this press was still on its way."""

    press: str
    device: str
    where: str


class RunEnded(_Record, frozen=True, tag="end"):
    """The last record: why the run ended."""

    reason: str  # finished | interrupted | failed
    detail: str | None = None


Record = (
    RunStarted
    | RunResumed
    | DeviceLinked
    | LinkRefused
    | Pressed
    | FaultPlanned
    | FaultApplied
    | Controlled
    | PowerChanged
    | Regretted
    | Silent
    | FrameSent
    | OnAir
    | Received
    | Replied
    | EventSent
    | Exchanged
    | Notified
    | Answered
    | Failed
    | CalloutClosed
    | LinkChanged
    | Unfinished
    | RunEnded
)

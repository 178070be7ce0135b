"""Who and what plays in a scenario: customers and devices, each under a name of the scenario's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from simulator.aura.types import CustomerId, DeviceLink, SubscriptionId
from simulator.bdd.mistakes import StepUseError, unknown
from simulator.fleet import Unit
from simulator.profile import Profile

T = TypeVar("T")
_LATEST = ("the ",)
_ALL = ("every ", "each ", "all ")


@dataclass(slots=True)
class Customer:
    """A customer of the scenario. Mutable: a subscription comes and goes."""

    name: str
    id: CustomerId
    mobile: str
    subscription_id: SubscriptionId | None = None

    @property
    def safe_code(self) -> str:
        """Return what the customer cancels with: the last four digits of the mobile."""
        return self.mobile[-4:]


@dataclass(slots=True)
class Device:
    """A device of the scenario. Mutable: it is linked and unlinked.

    `presses` are the names of its presses; `own_frames` counts frames that steps made for it.
    """

    name: str
    unit: Unit
    customer: Customer | None = None
    link: DeviceLink | None = None
    presses: list[str] = field(default_factory=list)
    own_frames: int = 0

    @property
    def profile(self) -> Profile:
        """Return the device model."""
        return self.unit.firmware.profile

    @property
    def owner(self) -> Customer:
        """Return the customer it is linked to; raise `StepUseError` where there is none."""
        if self.customer is None:
            message = f"Device '{self.name}' is not linked to a customer. Link it in a Given."
            raise StepUseError(message)
        return self.customer


class Cast(Generic[T]):
    """Things of one kind, in the order of their appearance; `the ...` is the latest of them."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._things: dict[str, T] = {}

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def __len__(self) -> int:
        return len(self._things)

    def add(self, name: str, thing: T) -> T:
        """Let a thing enter; raise `StepUseError` if there is one of its name."""
        if name in self._things:
            message = f"There is a {self._kind} '{name}' already. Give this one another name."
            raise StepUseError(message)
        self._things[name] = thing
        return thing

    def one(self, reference: str) -> T:
        """Return what `the device` or a name stands for; raise `StepUseError`."""
        found = self.many(reference)
        if len(found) != 1:
            message = f"'{reference}' are {len(found)}; this step speaks of one. Say its name."
            raise StepUseError(message)
        return found[0]

    def many(self, reference: str) -> tuple[T, ...]:
        """Return what `every device`, `the device` or a name stands for; raise `StepUseError`."""
        if reference.startswith((*_ALL, *_LATEST)):
            if not self._things:
                message = f"There is no {self._kind} in this scenario yet. Make one in a Given."
                raise StepUseError(message)
            every = tuple(self._things.values())
            return every if reference.startswith(_ALL) else every[-1:]
        if reference not in self._things:
            raise unknown(self._kind, reference, self._things)
        return (self._things[reference],)
